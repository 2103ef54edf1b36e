"""`dist-sandbox rehearse`: projects' own workflows, from their first environment to production."""

import argparse
import contextlib
import errno
import gc
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dist_actions.errors import DistActionsError
from dist_actions.repository_settings.values import DeploymentPolicies
from dist_sandbox.rehearse.actions.tree import find_checkout
from dist_sandbox.rehearse.errors import ToolError, WorkflowFileError
from dist_sandbox.rehearse.interruption import Interruption, interruptible
from dist_sandbox.rehearse.options import Options, add_arguments, read_options
from dist_sandbox.rehearse.project.preparation import prepare_projects
from dist_sandbox.rehearse.rehearsal import Rehearsal
from dist_sandbox.rehearse.results.index_checks import IndexChecks, check_indexes
from dist_sandbox.rehearse.results.observation import ObservedEnvironment, PublishedPackage
from dist_sandbox.rehearse.results.output import (
    OutputFolder,
    describe_failure,
    require_output_folder,
)
from dist_sandbox.rehearse.results.report import Report, Stage
from dist_sandbox.rehearse.results.terminal import Terminal
from dist_sandbox.rehearse.runs.log import RunLog
from dist_sandbox.rehearse.session import Session, open_sessions, working_folder
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.turns import take_turns
from dist_sandbox.rehearse.walls.finding import find_walls

#: What the system says where a disk is full, or a user's share of it.
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


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
    terminal = Terminal(quiet=arguments.quiet, as_json=arguments.json)
    try:
        options = read_options(arguments)
        require_output_folder(options.output)
        gc.freeze()  # what was imported stays: looking through it again and again takes long
        with interruptible():
            with terminal.alive():
                report, output = rehearse(options, terminal)
            terminal.show_report(report, output)
    except Interruption as interruption:
        terminal.show_interruption(
            f"Interrupted ({interruption}). {terminal.left_running}",
            *(
                ["The folder of the state, with keys, is left; the others are removed."]
                if options.keep_state
                else []
            ),
            *([f"What had happened until then: {terminal.page}"] if terminal.page else []),
        )
        return interruption.exit_status
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        terminal.show_error(ToolError.no_space())
        return 1
    except DistActionsError as error:
        terminal.show_error(error)
        return error.exit_status
    return 0


def rehearse(options: Options, terminal: Terminal) -> tuple[Report, OutputFolder]:
    """Carry the projects from their first environment to the last one that the options name.

    Returns:
        What came of it, and where it is written.

    Raises:
        DistActionsError: It cannot start, or a stage failed.
    """
    checkout = find_checkout(options.actions)
    toolchain = Toolchain.find(image=options.image, keeps_tools=options.keep_tools)
    walls = find_walls(toolchain, hidden=options.projects, mode=options.walls)
    toolchain = replace(toolchain, walls=walls)
    terminal.left_running = walls.left_running
    for sentence in (walls.description, *walls.gaps) if walls.gaps else ():
        terminal.say(sentence)
    with working_folder(keep=options.keep_state) as folder:
        try:
            projects = prepare_projects(
                options, folder / "projects", checkout, terminal.say, terminal.ask
            )
        except WorkflowFileError as error:
            terminal.page = _write_early_page(options, error)
            raise
        if options.keep_state:
            terminal.announce(f"State, with keys: {folder}")
        with open_sessions(
            projects, options, folder=folder, checkout=checkout, toolchain=toolchain
        ) as sessions:
            return _carry_out(sessions, options, terminal)


def _write_early_page(options: Options, error: WorkflowFileError) -> Path:
    """Write the page of a rehearsal whose workflow GitHub would not start."""
    names = ", ".join(path.resolve().name for path in options.projects)
    output = OutputFolder(options.output, subject=names, hide=str)
    output.clear()
    output.write_page(Report(environments=(), seconds=0, failure=describe_failure(error)))
    return output.page


def _carry_out(
    sessions: Sequence[Session], options: Options, terminal: Terminal
) -> tuple[Report, OutputFolder]:
    """Rehearse to the end, and write the results; the page also where it ends early."""
    started, stages = time.monotonic(), list[Stage]()
    output = _open_output(sessions, options)
    masks = sessions[0].runner.masks
    walls = sessions[0].runner.toolchain.walls
    report = Report(
        environments=(),
        seconds=0,
        policies=_collect_policies(sessions),
        walls=(walls.description,) if walls else (),
        gaps=walls.gaps if walls else (),
        unexplained_secrets=tuple(
            sorted(
                {
                    name
                    for session in sessions
                    for name in session.project.provisioning.empty_secrets
                }
            )
        ),
    )

    def complete(**values: Any) -> Report:
        seconds = time.monotonic() - started
        return replace(report, seconds=seconds, stages=tuple(stages), **values)

    try:
        rehearsals = _open_rehearsals(sessions, terminal, RunLog(output.logs, masks), stages)
        take_turns(rehearsals, options.turns)
        environments, published = _check_indexes(sessions, rehearsals, terminal)
    except BaseException as error:
        # A full disk may be the reason; the page is no reason to hide it.
        with contextlib.suppress(OSError):
            output.write_page(complete(failure=describe_failure(error)))
            terminal.page = output.page
        raise
    changes = [change for rehearsal in rehearsals for change in rehearsal.changes_of_reruns]
    report = complete(
        environments=environments,
        published=published,
        changes_of_reruns=changes if options.rerun else None,
    )
    output.write(report)
    return report, output


def _open_output(sessions: Sequence[Session], options: Options) -> OutputFolder:
    """Clear the output folder."""
    clients = [session.sandbox for session in sessions]
    output = OutputFolder(
        options.output,
        subject=", ".join(session.project.name for session in sessions),
        hide=sessions[0].runner.masks.hide,
        simulated=tuple(f"{client.server_url}/{client.github_repository}" for client in clients),
    )
    output.clear()
    return output


def _collect_policies(sessions: Sequence[Session]) -> dict[str, DeploymentPolicies]:
    return {
        name if len(sessions) == 1 else f"{session.project.name}/{name}": policies
        for session in sessions
        for name, policies in session.project.provisioning.policies.items()
    }


def _open_rehearsals(
    sessions: Sequence[Session], terminal: Terminal, log: RunLog, stages: list[Stage]
) -> list[Rehearsal]:
    return [
        Rehearsal(
            sandbox=session.sandbox,
            clone=session.clone,
            runner=session.runner,
            plan=session.project.plan,
            terminal=terminal,
            log=log,
            label=session.project.name if len(sessions) > 1 else "",
            publications=session.project.provisioning.needs.publications,
            stages=stages,
        )
        for session in sessions
    ]


def _check_indexes(
    sessions: Sequence[Session], rehearsals: Sequence[Rehearsal], terminal: Terminal
) -> tuple[tuple[ObservedEnvironment, ...], tuple[PublishedPackage, ...]]:
    stage, checking = "install from each index", time.monotonic()
    terminal.stage_began(stage)
    rows = check_indexes(
        [
            IndexChecks(session, rehearsal.explain_nothing_published)
            for session, rehearsal in zip(sessions, rehearsals, strict=True)
        ]
    )
    terminal.stage_ended(stage, succeeded=True, seconds=time.monotonic() - checking)
    return rows
