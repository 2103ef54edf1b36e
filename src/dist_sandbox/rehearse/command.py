"""`dist-sandbox rehearse`: a project's own workflows, from its first environment to production."""

import argparse
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

from dist_actions.errors import DistActionsError
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.settings import read_settings
from dist_actions.versions import find_name
from dist_actions.versions.project_files import ProjectFiles, normalised
from dist_sandbox.errors import SandboxError
from dist_sandbox.rehearse.actions.tree import find_checkout
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.options import Options, add_arguments, read_options
from dist_sandbox.rehearse.plan import RehearsalPlan, without_stages
from dist_sandbox.rehearse.project.copy import (
    ProjectCopy,
    copy_project,
    list_tags_to_make,
    require_project,
    set_up,
    workflow_files,
)
from dist_sandbox.rehearse.project.deployment_policies import choose_policies
from dist_sandbox.rehearse.project.history import read_history
from dist_sandbox.rehearse.project.needs import read_needs
from dist_sandbox.rehearse.project.provisioning import AUTOMATION_ENVIRONMENT, Provisioning
from dist_sandbox.rehearse.project.released import find_released_tags, make_history
from dist_sandbox.rehearse.project.submodules import copy_submodules
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.rehearsal import Rehearsal
from dist_sandbox.rehearse.results.index_checks import IndexChecks
from dist_sandbox.rehearse.results.report import Report
from dist_sandbox.rehearse.results.terminal import Terminal
from dist_sandbox.rehearse.runs.log import RunLog
from dist_sandbox.rehearse.session import open_session, working_folder
from dist_sandbox.rehearse.stages import has_stages
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.workflows.files import read_workflows


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `rehearse` to the command line."""
    parser = subparsers.add_parser(
        "rehearse", help="run a project's workflows against the simulators", description=__doc__
    )
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the command; the exit status is 1 where a stage failed, and 2 where it cannot start."""
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
    """Carry a project from its first environment to the last one that the options name.

    Raises:
        DistActionsError: It cannot start, or a stage failed.
    """
    checkout = find_checkout(options.actions)
    toolchain = Toolchain.find(image=options.image, keeps_tools=options.keep_tools)
    with working_folder(keep=options.keep_state) as folder:
        target = folder / "project" / _repository_name(options.project)
        copy = _prepare_copy(options, target, checkout, terminal)
        plan, provisioning = make_plan(options, target)
        history = copy.history
        tags_to_make = list_tags_to_make(target, plan.tags) or history.tags_of_commit
        released = find_released_tags(options.project, plan.tags) - tags_to_make
        if released and not history.commit:
            history = make_history(released, folder / "released")
        history = history.without(tags_to_make)
        copy = replace(copy, history=history)
        plan = replace(plan, kept_tags=frozenset(history.tags))
        if history.description:
            terminal.say(history.description)
        if options.keep_state:
            terminal.say(f"State, with keys: {folder}")
        with open_session(
            copy,
            folder=folder,
            plan=plan,
            checkout=checkout,
            toolchain=toolchain,
            provisioning=provisioning,
        ) as session:
            return _carry_out(IndexChecks(session, plan, provisioning), terminal)


def make_plan(options: Options, copy: Path) -> tuple[RehearsalPlan, Provisioning]:
    """Make the plan from the options, the project's settings and its workflows.

    Raises:
        InputError: The settings are unusable.
        UsageError: There is no such environment.
    """
    settings = read_settings(copy, ".")
    declared_name = find_name(ProjectFiles(copy))
    name = normalised(declared_name) if declared_name else ""
    workflows = read_workflows(
        (file, (copy / file).read_text(encoding="utf-8")) for file in workflow_files(copy)
    )
    staged = has_stages(workflows)
    if not staged:
        settings = replace(
            settings,
            environments=without_stages(workflows, settings.environments.production.branch),
        )
    stages = [stage.github_environment for stage in settings.environments.stages]
    tags = replace(ProjectTags.of(settings, name), staged=staged)
    for stage in filter(None, options.merge_methods):
        _find_environment(settings.environments, stage, "--merge")
    needs = read_needs(workflows, stages)
    policies = choose_policies(tags, name, workflows, AUTOMATION_ENVIRONMENT) if staged else {}
    provisioning = Provisioning(
        needs,
        name,
        options.reviewed,
        options.rejects,
        tuple(stages),
        {name: policy for name, policy in policies.items() if name in needs.environments},
    )
    until = _find_environment(settings.environments, options.until, "--until")
    return RehearsalPlan(tags, until, options), provisioning


def _prepare_copy(
    options: Options, target: Path, checkout: Path, terminal: Terminal
) -> ProjectCopy:
    """Copy the project, with the starter workflows where the options ask for them.

    Raises:
        InputError: The project cannot be set up.
        UsageError: It is no Python project, or has no workflow.
    """
    copy_project(options.project, target)
    copy = ProjectCopy(
        target,
        submodules=copy_submodules(options.project, target),
        history=read_history(options.project),
    )
    if options.init:
        others = set_up(target, options.project, checkout / "examples", docker=bool(options.image))
        if others:
            terminal.say(f"Not rehearsed: {', '.join(others)}")
        return copy
    if not workflow_files(target):
        require_project(target, options.project)
        raise UsageError(
            f"{options.project} has no workflow.",
            why="a rehearsal runs the files in .github/workflows, and there are none.",
            fix="run it with --init, which gives the copy the starter workflows.",
        )
    return copy


def _carry_out(checks: IndexChecks, terminal: Terminal) -> Report:
    session, plan, started = checks.session, checks.plan, time.monotonic()
    output = plan.options.output
    logs = _clear(output)
    rehearsal = Rehearsal(
        sandbox=session.sandbox,
        clone=session.clone,
        runner=session.runner,
        plan=plan,
        terminal=terminal,
        log=RunLog(logs, session.runner.masks),
    )
    rehearsal.run()
    stage, checking = "install from each index", time.monotonic()
    terminal.stage_began(stage)
    environments, published = checks.run()
    terminal.stage_ended(stage, succeeded=True, seconds=time.monotonic() - checking)
    report = Report(
        environments=environments,
        published=published,
        seconds=time.monotonic() - started,
        stages=tuple(rehearsal.stages),
        changes_of_reruns=rehearsal.changes_of_reruns if plan.options.rerun else None,
        policies=checks.provisioning.policies,
    )
    _write(report, output)
    terminal.show_report(report, output, logs)
    return report


def _clear(output: Path) -> Path:
    """Remove the results of an earlier rehearsal, so that they are not taken for this one's.

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


def _find_environment(environments: EnvironmentMap, name: str, option: str) -> Environment:
    if not name:
        return environments.production
    environment = environments.named(name)
    if environment is None:
        names = ", ".join(stage.name for stage in environments.stages)
        raise UsageError(
            f"There is no environment {name!r}.",
            why=f"this project's environments are {names}.",
            fix=f"give one of them with {option}.",
        )
    return environment


def _repository_name(project: Path) -> str:
    name = "".join(char if char.isalnum() or char in "-_." else "-" for char in project.name)
    return name.strip("-.") or "project"
