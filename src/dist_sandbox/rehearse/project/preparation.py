"""Prepare the projects of a rehearsal: a copy of each, its plan, and what is provided for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dist_actions.commands.init.command import look_at
from dist_actions.commands.init.starters import starters_folder
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.settings import read_settings
from dist_actions.repository_settings.expected import ExpectedSettings, expect_settings
from dist_actions.versions import find_name
from dist_actions.versions.project_files import ProjectFiles, normalised
from dist_sandbox.organisation import repository_name
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.manual_steps.steps import Dispatch, require_startable
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.plan import RehearsalPlan, without_stages
from dist_sandbox.rehearse.project.configuration import configure
from dist_sandbox.rehearse.project.copy import (
    ProjectCopy,
    choose_starter,
    copy_project,
    find_project_names,
    list_tags_to_make,
    require_folder,
    require_project,
    set_up,
    workflow_files,
)
from dist_sandbox.rehearse.project.history import NO_HISTORY, ProjectHistory, read_history
from dist_sandbox.rehearse.project.initialising import refuse_unconfirmed, sort_workflows
from dist_sandbox.rehearse.project.needs import read_needs
from dist_sandbox.rehearse.project.provisioning import Provisioning, require_reviewable
from dist_sandbox.rehearse.project.release_tag import find_release_tag, read_project_text
from dist_sandbox.rehearse.project.released import find_released_tags, make_history
from dist_sandbox.rehearse.project.remote import read_remote
from dist_sandbox.rehearse.project.submodules import copy_submodules
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.project.unused_options import refuse_unused
from dist_sandbox.rehearse.publishing.publications import ProjectSources
from dist_sandbox.rehearse.publishing.secrets import guess_purposes
from dist_sandbox.rehearse.publishing.selection import (
    PUBLISHES_NOTHING,
    WorkflowChoice,
    describe_set_aside,
    find_dispensable_jobs,
    find_leading,
    set_aside,
    set_unreadable_aside,
)
from dist_sandbox.rehearse.publishing.verdict import refuse_no_publication
from dist_sandbox.rehearse.stages import has_stages
from dist_sandbox.rehearse.workflows.files import find_unreadable, read_workflows

#: What `--init` gives to a project that needs a package of another one.
STARTER = "private-dependencies"


@dataclass(frozen=True)
class PreparedProject:
    """A project that is ready to be pushed.

    Attributes:
        copy: Its copy, in a folder that is called like its repository.
        plan: How far it goes.
        provisioning: What the sandbox provides for it.
        owner: Login of whom its repository belongs to; empty where nothing tells it.
        is_new: Whether its repository on GitHub has nothing yet but its default branch.
    """

    copy: ProjectCopy
    plan: RehearsalPlan
    provisioning: Provisioning
    owner: str = ""
    is_new: bool = False

    @property
    def name(self) -> str:
        """Return the name of its repository."""
        return self.copy.folder.name

    @property
    def is_public(self) -> bool:
        """Tell whether everybody may read the repository: one of others is taken for public."""
        return bool(self.owner) and not self.plan.tags.staged

    @property
    def default_branch(self) -> str:
        """Return the default branch of its repository; with stages the workflows expect `main`."""
        return "main" if self.plan.tags.staged else self.plan.first_branch


def prepare_projects(
    options: Options,
    folder: Path,
    checkout: Path,
    say: Callable[[str], None],
    ask: Callable[[str], bool | None] = lambda _: None,
) -> tuple[PreparedProject, ...]:
    """Copy every project that the options name, and plan how far each goes.

    Args:
        folder: Where the copies are made.
        checkout: A checkout of dist-actions.
        say: Tells the user what was noticed.
        ask: Asks the user whether to go on; None where nobody can answer.

    Raises:
        InputError: A project cannot be set up, or its settings are unusable.
        UsageError: One is no Python project, or has no workflow; or an option names what is not
            there.
    """
    owner, names = _name_repositories(options)
    if len({name.lower() for name in names}) < len(names):
        raise UsageError(
            f"Two projects have the same name: {', '.join(names)}.",
            why="each is a repository of one organisation, named after its folder.",
            fix="rename one of the folders.",
        )
    _require_named((turn.project for turn in options.turns), names, "--first")
    dispatches = [_complete(dispatch, names) for dispatch in options.dispatches]
    depending = _find_depending(options.projects) if options.init else frozenset()
    projects = tuple(
        _prepare(
            replace(options, dispatches=tuple(row for row in dispatches if row.repository == name)),
            path,
            folder / name,
            _Surroundings(checkout, STARTER if path in depending else "", say, ask, owner),
        )
        for path, name in zip(options.projects, names, strict=True)
    )
    require_reviewable(options, [project.provisioning for project in projects])
    refuse_unused(options, [project.copy.folder for project in projects])
    return projects


def _find_depending(projects: Sequence[Path]) -> frozenset[Path]:
    """Find the projects that need a package of another one."""
    packages = {path: look_at(path).packages for path in projects if path.is_dir()}
    return frozenset(
        path
        for path, own in packages.items()
        for other, others in packages.items()
        if path != other and len(own) == 1
        if own[0].requires & {str(normalised(package.name)) for package in others}
    )


def find_environment(environments: EnvironmentMap, name: str, option: str) -> Environment:
    """Return the environment of this name; production where there is no name.

    Raises:
        UsageError: There is none.
    """
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


@dataclass(frozen=True)
class _Surroundings:
    """A checkout of dist-actions, the starter that people choose, who is told, and the owner."""

    checkout: Path
    starter: str
    say: Callable[[str], None]
    ask: Callable[[str], bool | None]
    owner: str = ""


def _prepare(
    options: Options, project: Path, folder: Path, surroundings: _Surroundings
) -> PreparedProject:
    target = folder / folder.name
    require_folder(project)
    options = configure(options, project)
    if options.init and not surroundings.starter and (starter := choose_starter(project)):
        surroundings.say("It is on PyPI; it is rehearsed with the workflows for Artifact Registry.")
        surroundings = replace(surroundings, starter=starter)
    copy = _prepare_copy(options, project, target, surroundings)
    history = copy.history
    default_branch = read_remote(project).default_branch
    plan, provisioning = make_plan(options, target, history, default_branch, copy.kept_workflows)
    if plan.tags.staged:
        tags_to_make = list_tags_to_make(target, plan.tags) or history.tags_of_commit
    else:
        tags_to_make = frozenset({plan.release_tag})
    released = find_released_tags(project, plan.tags) - tags_to_make
    if released and not history.commit:
        history = make_history(released, folder / "released")
    history = history.without(tags_to_make)
    is_new = options.init and plan.tags.staged and not history.commit
    # A new repository is set up by init itself, which says what it finds.
    has_no_effect = options.init and not copy.set_up and not is_new
    notes = (
        "--init has no effect: the workflows are there already." if has_no_effect else "",
        history.description,
        describe_set_aside(plan.set_aside),
        provisioning.unexplained,
    )
    for text in filter(None, notes):
        surroundings.say(text)
    return PreparedProject(
        replace(copy, history=history),
        replace(
            plan,
            kept_tags=frozenset(history.tags),
            is_tagged=plan.release_tag in history.left_out,
            newest_tag=next(reversed([*history.tags]), ""),
            init=_init_options(surroundings.starter) if is_new and not options.image else (),
        ),
        provisioning,
        surroundings.owner,
        is_new=is_new,
    )


def _init_options(starter: str) -> tuple[str, ...]:
    """Return the options with which a person sets a new project up."""
    return ("--yes", "--apply", *(("--starter", starter) if starter else ()))


def _prepare_copy(
    options: Options, project: Path, target: Path, surroundings: _Surroundings
) -> ProjectCopy:
    """Copy the project, with the starter workflows where the options ask for them."""
    copy_project(project, target)
    copy = ProjectCopy(
        target,
        submodules=copy_submodules(project, target),
        history=read_history(project),
    )
    if options.init:
        examples, docker = surroundings.checkout / "examples", bool(options.image)
        examples = examples if examples.is_dir() else starters_folder()
        others, written = set_up(
            target, project, examples, starter=surroundings.starter, docker=docker
        )
        own = sort_workflows(target, others, partial(read_project_text, target))
        if own.replaced and not options.confirmed:
            agreed = surroundings.ask(f"{own.description} Rehearse so, in a copy?")
            if not agreed:
                raise refuse_unconfirmed(own, asked=agreed is not None)
        for path in own.replaced:
            (target / path).unlink()
        if own.description:
            surroundings.say(own.description)
        return replace(copy, kept_workflows=own.kept, set_up=written)
    if not workflow_files(target):
        require_project(target, project)
        raise UsageError(
            f"{project} has no workflow.",
            why="a rehearsal runs the files in .github/workflows, and there are none.",
            fix="run it with --init, which gives the copy the starter workflows.",
        )
    return copy


def make_plan(
    options: Options,
    copy: Path,
    history: ProjectHistory = NO_HISTORY,
    default_branch: str = "",
    kept: Sequence[str] = (),
) -> tuple[RehearsalPlan, Provisioning]:
    """Make the plan from the options, the project's settings, its workflows and its history.

    Args:
        default_branch: That of the project's repository; empty where nothing tells it.
        kept: Paths of workflows that stand beside the starters, and do not run unless all do.
    """
    settings = read_settings(copy, ".")
    declared_name = find_name(ProjectFiles(copy))
    name = normalised(declared_name) if declared_name else ""
    sources, unreadable, choice = _read_sources(copy, options.workflows)
    workflows = sources.workflows
    if not (staged := has_stages(workflows)):
        branch = default_branch or settings.environments.production.branch
        settings = replace(settings, environments=without_stages(workflows, branch))
    stages = [stage.github_environment for stage in settings.environments.stages]
    tags = replace(ProjectTags.of(settings, name), staged=staged)
    tag = find_release_tag(options.tag, copy, sources, tags, history)
    # With stages everything takes part, unless somebody says otherwise.
    choice = replace(choice, every=choice.every or staged)
    aside = {**set_aside(sources, choice), **unreadable}
    if not options.workflows.every:
        aside |= dict.fromkeys(kept, PUBLISHES_NOTHING)
    taking_part = [flow for flow in workflows if flow.path not in aside]
    dispatches = () if options.patches else options.dispatches  # a patch may bring a workflow
    require_startable(dispatches, workflows, aside, history.tags)
    needs = read_needs(taking_part, stages, sources.read_text)
    by_hand = (*options.commands, *options.dispatches, *choice.only)
    leading = find_leading(sources)
    if not (choice.every or by_hand or leading - aside.keys()):
        raise refuse_no_publication(workflows, {path: aside[path] for path in leading})
    provisioning = Provisioning(
        needs,
        name,
        options.reviewed,
        options.rejects,
        tuple(stages),
        expect_settings(settings, name, needs.jobs) if staged else ExpectedSettings(()),
        find_project_names(copy, name),
        options.secrets,
        {} if staged else guess_purposes(replace(sources, workflows=tuple(taking_part))),
        options.variables,
    )
    until = find_environment(settings.environments, options.until, "--until")
    _require_environments(options, settings.environments, copy.name)
    plan = RehearsalPlan(
        tags,
        until,
        options,
        release_tag=tag,
        set_aside=aside,
        dispensable=find_dispensable_jobs(sources, leading),
        empty_secrets=provisioning.empty_secrets,
    )
    return plan, provisioning


def _read_sources(
    copy: Path, choice: WorkflowChoice
) -> tuple[ProjectSources, Mapping[str, str], WorkflowChoice]:
    """Read the workflows; return also what GitHub would not start, and the choice without it."""
    read_text = partial(read_project_text, copy)
    files = [(file, (copy / file).read_text(encoding="utf-8")) for file in workflow_files(copy)]
    unreadable, choice = set_unreadable_aside(find_unreadable(files), read_text, choice)
    return ProjectSources(read_workflows(files, unreadable), read_text), unreadable, choice


def _require_environments(options: Options, environments: EnvironmentMap, project: str) -> None:
    """Refuse options that name an environment which the project does not have.

    Raises:
        UsageError: One does.
    """
    for stage in filter(None, options.merge_methods):
        find_environment(environments, stage, "--merge")
    for turn in options.turns:
        if turn.project == project:
            find_environment(environments, turn.environment, "--first")


def _complete(dispatch: Dispatch, names: Sequence[str]) -> Dispatch:
    """Say which project's workflow a --dispatch means."""
    name = dispatch.repository.rpartition("/")[2]
    if not name and len(names) == 1:
        name = names[0]
    _require_named([name], names, f'the --repo of --dispatch "{dispatch.command}"')
    return replace(dispatch, repository=name)


def _require_named(wanted: Iterable[str], names: Sequence[str], option: str) -> None:
    for name in wanted:
        if name not in names:
            raise UsageError(
                f"{option} names {f'{name!r}, which is no project' if name else 'no project'}.",
                why=f"the projects are {', '.join(names)}.",
                fix="name one of them.",
            )


def _name_repositories(options: Options) -> tuple[str, list[str]]:
    """Name the owner, if anything tells it, and the repository of each project.

    Several are called like their folders: the options name them so.
    """
    names = [repository_name(path) for path in options.projects]
    if len(names) > 1:
        return "", names
    repository = options.repository or read_remote(options.projects[0]).repository
    owner, _, name = repository.rpartition("/")
    return owner, [name or names[0]]
