"""`dist-sandbox rehearse`: a project's own workflows, from its first environment to production."""

import argparse
import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from dist_actions.environments import Environment, EnvironmentMap
from dist_actions.errors import DistActionsError
from dist_actions.settings import read_settings
from dist_actions.versions.declared import Project, normalised, project_name
from dist_sandbox.errors import SandboxError
from dist_sandbox.rehearse.actions_tree import find_checkout
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.installation import Installer
from dist_sandbox.rehearse.observation import Standing, find_index, observe
from dist_sandbox.rehearse.options import Options, add_arguments, read_options
from dist_sandbox.rehearse.plan import Plan
from dist_sandbox.rehearse.project_copy import add_starter_workflows, copy_project, workflow_files
from dist_sandbox.rehearse.project_tags import ProjectTags
from dist_sandbox.rehearse.rehearsal import Rehearsal
from dist_sandbox.rehearse.report import Report
from dist_sandbox.rehearse.run_log import RunLog
from dist_sandbox.rehearse.session import Session, open_session, working_folder
from dist_sandbox.rehearse.terminal import Terminal
from dist_sandbox.rehearse.toolchain import Toolchain, clean_environ


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `rehearse` to the command line."""
    parser = subparsers.add_parser(
        "rehearse", help="run a project's workflows against the simulators", description=__doc__
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Rehearse; the exit status is 0, 1 where a stage failed, or 2 where it cannot start."""
    terminal = Terminal()
    try:
        rehearse(read_options(arguments), terminal)
    except DistActionsError as error:
        terminal.show_error(error)
        return error.exit_status
    except SandboxError as error:
        terminal.say(f"error: {error}")
        return 1
    return 0


def rehearse(options: Options, terminal: Terminal) -> Report:
    """Carry a project from its first environment to the last one that is wanted.

    Raises:
        DistActionsError: It cannot start, or a stage failed.
    """
    checkout = find_checkout(options.actions)
    toolchain = Toolchain.find(image=options.image)
    with working_folder(keep=options.keep_state) as folder:
        name = _repository_name(options.project)
        copy = folder / "project" / name
        _prepare_copy(options, copy, checkout)
        plan = _make_plan(options, copy)
        if options.keep_state:
            terminal.say(f"State, with keys: {folder}")
        with open_session(
            copy,
            name=name,
            folder=folder,
            tags=plan.tags,
            checkout=checkout,
            toolchain=toolchain,
            given_actions=options.given_actions,
            organisation_secrets=options.organisation_secrets,
        ) as session:
            return _carry_out(plan, session, toolchain, options, terminal)


def _make_plan(options: Options, copy: Path) -> Plan:
    """The plan by the options and the project's settings.

    Raises:
        InputError: The settings are unusable.
        UsageError: There is no such environment.
    """
    settings = read_settings(copy, ".")
    name = project_name(Project(copy))
    tags = ProjectTags.of(settings, normalised(name) if name else "")
    return Plan(
        tags,
        _find_environment(settings.environments, options.until),
        merge_method=options.merge_method,
        rerun=options.rerun,
        dispatches=options.dispatches,
        patches=options.patches,
    )


def _prepare_copy(options: Options, copy: Path, checkout: Path) -> None:
    """Copy the project, with the starter workflows where they are wanted.

    Raises:
        UsageError: It is no Python project, or has workflows where it must not, or has none.
    """
    copy_project(options.project, copy)
    if options.init:
        add_starter_workflows(copy, checkout / "examples", docker=bool(options.image))
    elif not workflow_files(copy):
        raise UsageError(
            f"{options.project} has no workflow.",
            why="a rehearsal runs the files in .github/workflows, and there are none.",
            fix="run it with --init, which gives the copy the starter workflows.",
        )


def _carry_out(
    plan: Plan, session: Session, toolchain: Toolchain, options: Options, terminal: Terminal
) -> Report:
    started = time.monotonic()
    logs = _clear(options.output)
    rehearsal = Rehearsal(
        sandbox=session.sandbox,
        clone=session.clone,
        runner=session.runner,
        plan=plan,
        audience=terminal,
        log=RunLog(logs, session.runner.masks),
    )
    rehearsal.run()
    standings = _look_at_all(session, toolchain, plan, terminal)
    report = Report(
        standings=standings,
        seconds=time.monotonic() - started,
        stages=tuple(rehearsal.stages),
        changes_of_reruns=rehearsal.changes_of_reruns if plan.rerun else None,
    )
    _write(report, options.output)
    terminal.show_report(report, options.output, logs)
    return report


def _look_at_all(
    session: Session, toolchain: Toolchain, plan: Plan, terminal: Terminal
) -> tuple[Standing, ...]:
    """What stands in each environment, proved by installing it."""
    stage, started = "install from each index", time.monotonic()
    terminal.stage_began(stage)
    with ThreadPoolExecutor() as threads:
        looks = list(threads.map(partial(_look, session, toolchain, plan), plan.wanted))
    terminal.stage_ended(stage, succeeded=True, seconds=time.monotonic() - started)
    return tuple(standing for standings in looks for standing in standings)


def _look(session: Session, toolchain: Toolchain, plan: Plan, stage: Environment) -> list[Standing]:
    """What stands of each package in one environment."""
    names = plan.tags.package_names
    observed = [observe(session.sandbox, stage, plan.tags, name) for name in names]
    folder = session.folder / "installed" / stage.name
    folder.mkdir(parents=True)
    installer = Installer(folder, clean_environ(toolchain, folder))
    index = find_index(session.sandbox, stage)
    released = [(one.package, one.version) for one in observed if one.release]
    standings = []
    for one in observed:
        installed = ""
        if one.release:
            siblings = [sibling for sibling in released if sibling[0] != one.package]
            installed = installer.install(
                one.package, one.version, index, name=one.package, siblings=siblings
            )
        standings.append(replace(one, installed_version=installed))
    return standings


def _clear(output: Path) -> Path:
    """Remove what an earlier rehearsal left, so that nothing of it is taken for this one's.

    Returns:
        The folder of the logs.
    """
    for name in ("report.json", "summary.md"):
        (output / name).unlink(missing_ok=True)
    shutil.rmtree(output / "logs", ignore_errors=True)
    return output / "logs"


def _write(report: Report, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report.to_json(), indent=2) + "\n"
    (output / "report.json").write_text(text, encoding="utf-8")
    (output / "summary.md").write_text(report.to_markdown(), encoding="utf-8")


def _find_environment(environments: EnvironmentMap, name: str) -> Environment:
    if not name:
        return environments.production
    found = environments.named(name)
    if found is None:
        known = ", ".join(stage.name for stage in environments.stages)
        raise UsageError(
            f"There is no environment {name!r}.",
            why=f"this project's environments are {known}.",
            fix="give one of them with --until.",
        )
    return found


def _repository_name(project: Path) -> str:
    kept = "".join(char if char.isalnum() or char in "-_." else "-" for char in project.name)
    return kept.strip("-.") or "project"
