"""Show a rehearsal on the terminal: a line for each step, and a table at the end."""

import sys
from pathlib import Path

from rich import markup
from rich.console import Console
from rich.table import Table

from dist_actions.errors import DistActionsError
from dist_actions.printable import printable
from dist_sandbox.rehearse.errors import RunFailedError
from dist_sandbox.rehearse.manual_steps.reviews import ReviewDecision
from dist_sandbox.rehearse.results.liveness import Liveness, RunningSteps
from dist_sandbox.rehearse.results.output import OutputFolder
from dist_sandbox.rehearse.results.report import (
    Note,
    Report,
    describe_files,
    describe_release,
)
from dist_sandbox.rehearse.runs.act_output import Progress

_MARKS = {"success": "[green]✓[/]", "failure": "[red]✗[/]", "skipped": "[dim]-[/]"}


class Terminal:
    """Prints progress and results; on a pipe the same lines without colour.

    `page` is the page of a rehearsal that ended early; `left_running` says what of its jobs may
    still run then.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._notes: set[tuple[str, str]] = set()
        self._running = RunningSteps()
        self.page: Path | None = None
        self.left_running = "Nothing is left running."

    def alive(self) -> Liveness:
        """Show, until the block ends, that what takes long is still running."""
        return Liveness(self._console, self._running)

    def say(self, text: str) -> None:
        """Print one line."""
        self._console.print(escape(text))

    def stage_began(self, stage: str, command: str = "") -> None:
        """Announce a stage, and what a person could type for it."""
        self._running.begin(stage)
        typed = f" [dim]$ {escape(command)}[/]" if command else ""
        self._console.print(f"[bold]{escape(stage)}[/]{typed}")

    def progressed(self, progress: Progress) -> None:
        """Print a step or job that ended; beginnings would double every line."""
        if progress.status is None:
            self._running.begin(progress.job, progress.step)
            return
        self._running.end(progress.job, progress.step)
        mark = _MARKS.get(progress.status, "?")
        if progress.step:
            took = f"[dim]{progress.seconds:.1f} s[/]"
            self._console.print(f"  {mark} {escape(progress.job)} / {escape(progress.step)} {took}")
        elif progress.status != "success":
            self._console.print(f"  {mark} {escape(progress.job)}")

    def reviewed(self, review: ReviewDecision) -> None:
        """Print who approved or rejected an environment, and what that person could type for it."""
        mark = _MARKS["success" if review.decision == "approved" else "failure"]
        self._console.print(
            f"  {mark} waited for approval to deploy to {escape(review.environment)} → "
            f"{review.decision} by {escape(review.reviewer)} [dim]$ {escape(review.command)}[/]"
        )

    def noted(self, note: Note) -> None:
        """Print a warning or notice of a run, the first time that it is there."""
        key = (note.level, note.line)
        if key in self._notes:
            return
        self._notes.add(key)
        style = "yellow" if note.level == "warning" else "dim"
        self._console.print(f"  [{style}]{note.level}:[/] {escape(note.line)}")

    def ask(self, question: str) -> bool | None:
        """Ask a question of yes or no; None where no terminal can answer."""
        if not (sys.stdin.isatty() and self._console.is_terminal):
            return None
        answer = self._console.input(f"{escape(question)} [y/N] ")
        return answer.strip().lower() in ("y", "yes")

    def stage_ended(
        self, stage: str, *, succeeded: bool, seconds: float, nothing_to_do: bool = False
    ) -> None:
        """Print how a stage ended."""
        self._running.end(stage)
        mark = _MARKS["success" if succeeded else "failure"]
        name = f"[bold]{escape(stage)}[/]"
        if nothing_to_do:
            mark, name = _MARKS["skipped"], f"{name}: nothing to do"
        self._console.print(f"  {mark} {name} [dim]{seconds:.1f} s[/]")

    def show_report(self, report: Report, output: OutputFolder) -> None:
        """Print the tables and where to find the rest."""
        if report.environments:
            self._console.print(_table_of_stages(report))
            if report.agreement:
                self.say(report.agreement)
        if report.published:
            self._console.print(_table_of_indexes(report))
        for name, policies in report.policies.items():
            admitted = ", ".join((*policies.branches, *policies.tags))
            self.say(f"Environment {name} allows deployments from: {admitted}")
        stages = Table(title=f"{report.seconds:.1f} s in total", title_justify="left")
        stages.add_column("stage")
        stages.add_column("seconds", justify="right")
        stages.add_column("requests", justify="right")
        for stage in report.stages:
            name = f"{stage.title}: nothing to do" if stage.nothing_to_do else stage.title
            stages.add_row(escape(name), f"{stage.seconds:.1f}", str(stage.requests))
        self._console.print(stages)
        if report.changes_of_reruns is not None:
            self.say(
                f"Delivered again: {len(report.changes_of_reruns)} request(s) changed something"
            )
        self.say(f"Page: {output.page}")
        self.say(f"Report: {output.folder / 'report.json'}, {output.folder / 'summary.md'}")
        self.say(f"Logs and job summaries: {output.logs}")

    def show_error(self, error: DistActionsError) -> None:
        """Print an error in its three parts."""
        self._console.print(f"[red]error:[/] {escape(error.what)}")
        self._console.print(f"[bold]Why:[/] {escape(error.why)}")
        self._console.print(f"[bold]Fix:[/] {escape(error.fix)}")
        if isinstance(error, RunFailedError) and error.log:
            self._console.print(f"[bold]Log:[/] {escape(str(error.log))}")
        if self.page:
            self._console.print(f"[bold]Page:[/] {escape(str(self.page))}")


def _table_of_stages(report: Report) -> Table:
    table = Table(title=escape(report.title), title_justify="left")
    several = len(report.packages) > 1
    headings = ("environment", "branch", "tag", "GitHub release", "files", "installed")
    for heading in (*(["package"] if several else []), *headings):
        table.add_column(heading, overflow="fold")  # a tag that is cut off tells nothing
    for row in report.environments:
        table.add_row(
            *([row.package] if several else []),
            row.name,
            row.branch,
            escape(row.tag),
            escape(describe_release(row.release)),
            escape(describe_files(row)),
            row.installed_version or "-",
        )
    return table


def _table_of_indexes(report: Report) -> Table:
    title = "Indexes" if report.environments else escape(report.title)
    table = Table(title=title, title_justify="left")
    for heading in ("index", "package", "files", "installed"):
        table.add_column(heading, overflow="fold")
    for row in report.published:
        table.add_row(row.name, row.package, str(len(row.files)), row.installed_version or "-")
    return table


def escape(text: str) -> str:
    """Show text from a project as it is: no markup, and nothing that a terminal obeys."""
    return markup.escape(printable(text))
