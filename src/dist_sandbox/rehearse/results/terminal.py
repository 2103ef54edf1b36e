"""Show a rehearsal on the terminal: a line for each step, and a table at the end."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich import markup
from rich.console import Console

from dist_actions.commands.tables import write_table
from dist_actions.errors import DistActionsError
from dist_actions.printable import json_line, printable
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

    Errors go to standard error, and so does the progress where a program reads the result. Quiet,
    there is no progress.

    `page` is the page of a rehearsal that ended early; `left_running` says what of its jobs may
    still run then.
    """

    def __init__(
        self, console: Console | None = None, *, quiet: bool = False, as_json: bool = False
    ) -> None:
        self._console = console or _open_console()
        self._errors = console or _open_console(stderr=True)
        self._notices = self._errors if as_json else self._console
        self._progress = _open_console(quiet=True) if quiet else self._notices
        self._as_json = as_json
        self._notes: set[tuple[str, str]] = set()
        self._running = RunningSteps()
        self.page: Path | None = None
        self.left_running = "Nothing is left running."

    def alive(self) -> Liveness:
        """Show, until the block ends, that what takes long is still running."""
        return Liveness(self._progress, self._running)

    def say(self, text: str) -> None:
        """Print one line."""
        self._progress.print(escape(text))

    def announce(self, text: str) -> None:
        """Print one line, quiet or not."""
        self._notices.print(escape(text))

    def stage_began(self, stage: str, command: str = "") -> None:
        """Announce a stage, and what a person could type for it."""
        self._running.begin(stage)
        typed = f" [dim]$ {escape(command)}[/]" if command else ""
        self._progress.print(f"[bold]{escape(stage)}[/]{typed}")

    def progressed(self, progress: Progress) -> None:
        """Print a step or job that ended, after what it noted; beginnings would double every line.

        An error may be one that the step goes on after: the end of the run tells.
        """
        if progress.status is None:
            self._running.begin(progress.job, progress.step)
            return
        self._running.end(progress.job, progress.step)
        for annotation in progress.annotations:
            if annotation.level != "error":
                self.noted(Note(annotation.level, progress.job, annotation.message))
        mark = _MARKS.get(progress.status, "?")
        if progress.step:
            took = f"[dim]{progress.seconds:.1f} s[/]"
            self._progress.print(
                f"  {mark} {escape(progress.job)} / {escape(progress.step)} {took}"
            )
        elif progress.status != "success":
            self._progress.print(f"  {mark} {escape(progress.job)}")

    def reviewed(self, review: ReviewDecision) -> None:
        """Print who approved or rejected an environment, and what that person could type for it."""
        mark = _MARKS["success" if review.decision == "approved" else "failure"]
        self._progress.print(
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
        self._progress.print(f"  [{style}]{note.level}:[/] {escape(note.line)}")

    def ask(self, question: str) -> bool | None:
        """Ask a question of yes or no; None where no terminal can answer."""
        if not (sys.stdin.isatty() and self._notices.is_terminal):
            return None
        answer = self._notices.input(f"{escape(question)} [y/N] ")
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
        self._progress.print(f"  {mark} {name} [dim]{seconds:.1f} s[/]")

    def show_report(self, report: Report, output: OutputFolder) -> None:
        """Print the tables and where to find the rest; or all of it for a program."""
        if self._as_json:
            print(json_line(report.to_json()))
            return
        if report.environments:
            self._show_table(report.title, _environment_rows(report))
            if report.agreement:
                self.announce(report.agreement)
        if report.published:
            title = "Indexes" if report.environments else report.title
            self._show_table(title, _index_rows(report))
        for name, policies in report.policies.items():
            admitted = ", ".join((*policies.branches, *policies.tags))
            self.announce(f"Environment {name} allows deployments from: {admitted}")
        self._show_table(f"{report.seconds:.1f} s in total", _stage_rows(report))
        if report.changes_of_reruns is not None:
            self.announce(
                f"Delivered again: {len(report.changes_of_reruns)} request(s) changed something"
            )
        self.announce(f"Page: {output.page}")
        self.announce(f"Report: {output.folder / 'report.json'}, {output.folder / 'summary.md'}")
        self.announce(f"Logs and job summaries: {output.logs}")

    def _show_table(self, title: str, rows: Sequence[Sequence[str]]) -> None:
        heading, *others = rows
        width = self._console.width if self._console.is_terminal else None
        self._console.print(f"\n[italic]{escape(title)}[/]")
        self._console.print(escape(write_table(heading, others, width=width)))
        self._console.print()

    def show_error(self, error: DistActionsError) -> None:
        """Print an error in its three parts."""
        self._errors.print(f"[red]error:[/] {escape(error.what)}")
        self._errors.print(f"[bold]Why:[/] {escape(error.why)}")
        self._errors.print(f"[bold]Fix:[/] {escape(error.fix)}")
        if isinstance(error, RunFailedError) and error.log:
            self._errors.print(f"[bold]Log:[/] {escape(str(error.log))}")
        if self.page:
            self._errors.print(f"[bold]Page:[/] {escape(str(self.page))}")

    def show_interruption(self, *lines: str) -> None:
        """Print how a rehearsal was interrupted, and what is left of it."""
        for line in lines:
            self._errors.print(escape(line))


def _open_console(*, stderr: bool = False, quiet: bool = False) -> Console:
    return Console(highlight=False, soft_wrap=True, stderr=stderr, quiet=quiet)


def _environment_rows(report: Report) -> list[list[str]]:
    several = len(report.packages) > 1
    headings = ["environment", "branch", "tag", "GitHub release", "files", "installed"]
    rows = [
        [
            *([row.package] if several else []),
            row.name,
            row.branch,
            row.tag,
            describe_release(row.release),
            describe_files(row),
            row.installed_version or "-",
        ]
        for row in report.environments
    ]
    return [[*(["package"] if several else []), *headings], *rows]


def _index_rows(report: Report) -> list[list[str]]:
    rows = [
        [row.name, row.package, str(len(row.files)), row.installed_version or "-"]
        for row in report.published
    ]
    return [["index", "package", "files", "installed"], *rows]


def _stage_rows(report: Report) -> list[list[str]]:
    rows = [
        [
            f"{stage.title}: nothing to do" if stage.nothing_to_do else stage.title,
            f"{stage.seconds:7.1f}",
            f"{stage.requests:8}",
        ]
        for stage in report.stages
    ]
    return [["stage", "seconds", "requests"], *rows]


def escape(text: str) -> str:
    """Show text from a project as it is: no markup, and nothing that a terminal obeys."""
    return markup.escape(printable(text))
