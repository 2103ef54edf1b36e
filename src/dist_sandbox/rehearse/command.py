"""`dist-sandbox rehearse`: projects' own workflows, from their first environment to production."""

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from dist_actions.errors import DistActionsError
from dist_sandbox.errors import SandboxError
from dist_sandbox.rehearse.actions.tree import find_checkout
from dist_sandbox.rehearse.interruption import Interruption, interruptible
from dist_sandbox.rehearse.options import Options, add_arguments, read_options
from dist_sandbox.rehearse.project.preparation import prepare_projects
from dist_sandbox.rehearse.rehearsal import Rehearsal
from dist_sandbox.rehearse.results.index_checks import IndexChecks, check_indexes
from dist_sandbox.rehearse.results.report import Report, Stage
from dist_sandbox.rehearse.results.terminal import Terminal
from dist_sandbox.rehearse.runs.log import RunLog
from dist_sandbox.rehearse.session import Session, open_sessions, working_folder
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.turns import take_turns


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `rehearse` to the command line."""
    parser = subparsers.add_parser(
        "rehearse", help="run projects' workflows against the simulators", description=__doc__
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command.

    Returns:
        The exit status: 1 where a stage failed, 2 where it cannot start, 130 after Ctrl-C.
    """
    terminal = Terminal()
    try:
        options = read_options(arguments)
        with interruptible(), terminal.alive():
            rehearse(options, terminal)
    except Interruption as interruption:
        terminal.say(f"Interrupted ({interruption}). Nothing is left running.")
        if options.keep_state:
            terminal.say("The folder of the state, with keys, is left; the others are removed.")
        terminal.say(f"Logs of the runs that had ended: {options.output / 'logs'}")
        return interruption.exit_status
    except DistActionsError as error:
        terminal.show_error(error)
        return error.exit_status
    except SandboxError as error:
        terminal.say(f"error: {error}")
        return 1
    return 0


def rehearse(options: Options, terminal: Terminal) -> Report:
    """Carry the projects from their first environment to the last one that the options name.

    Raises:
        DistActionsError: It cannot start, or a stage failed.
    """
    checkout = find_checkout(options.actions)
    toolchain = Toolchain.find(image=options.image, keeps_tools=options.keep_tools)
    with working_folder(keep=options.keep_state) as folder:
        projects = prepare_projects(options, folder / "projects", checkout, terminal.say)
        if options.keep_state:
            terminal.say(f"State, with keys: {folder}")
        with open_sessions(
            projects, options, folder=folder, checkout=checkout, toolchain=toolchain
        ) as sessions:
            return _carry_out(sessions, options, terminal)


def _carry_out(sessions: Sequence[Session], options: Options, terminal: Terminal) -> Report:
    started, output = time.monotonic(), options.output
    logs = _clear(output)
    log = RunLog(logs, sessions[0].runner.masks)
    stages: list[Stage] = []
    rehearsals = [
        Rehearsal(
            sandbox=session.sandbox,
            clone=session.clone,
            runner=session.runner,
            plan=session.project.plan,
            terminal=terminal,
            log=log,
            label=session.project.name if len(sessions) > 1 else "",
            stages=stages,
        )
        for session in sessions
    ]
    take_turns(rehearsals, options.turns)
    stage, checking = "install from each index", time.monotonic()
    terminal.stage_began(stage)
    environments, published = check_indexes([IndexChecks(session) for session in sessions])
    terminal.stage_ended(stage, succeeded=True, seconds=time.monotonic() - checking)
    changes = [change for rehearsal in rehearsals for change in rehearsal.changes_of_reruns]
    report = Report(
        environments=environments,
        published=published,
        seconds=time.monotonic() - started,
        stages=tuple(stages),
        changes_of_reruns=changes if options.rerun else None,
        policies={
            name if len(sessions) == 1 else f"{session.project.name}/{name}": policies
            for session in sessions
            for name, policies in session.project.provisioning.policies.items()
        },
    )
    _write(report, output)
    terminal.show_report(report, output, logs)
    return report


def _clear(output: Path) -> Path:
    """Remove the results of an earlier rehearsal, so that they are not taken for this one's.

    A new folder says to git that it is no part of the project that it may lie in.

    Returns:
        The folder of the logs.
    """
    for name in ("report.json", "summary.md"):
        (output / name).unlink(missing_ok=True)
    shutil.rmtree(output / "logs", ignore_errors=True)
    if not output.exists():
        output.mkdir(parents=True)
        (output / ".gitignore").write_text("*\n", encoding="utf-8")
    return output / "logs"


def _write(report: Report, output: Path) -> None:
    text = json.dumps(report.to_json(), indent=2) + "\n"
    (output / "report.json").write_text(text, encoding="utf-8")
    (output / "summary.md").write_text(report.to_markdown(), encoding="utf-8")
