"""Everything that one rehearsal needs and that ends with it.

That is a sandbox, and in it for each project a repository, a clone and a runner.
"""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pip._internal.models.index import PyPI

from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.repository_settings.deployment_policies import AUTOMATION_ENVIRONMENT
from dist_actions.repository_settings.expected import ExpectedSettings
from dist_actions.repository_settings.values import BypassActor
from dist_sandbox.gateway.log import Exchange
from dist_sandbox.gateway.opening import Gateway, open_gateway
from dist_sandbox.github.seed import seed_history
from dist_sandbox.organisation import (
    Organisation,
    PublishingRepository,
    SandboxEnvironment,
    default_environments,
)
from dist_sandbox.package_index import find_package_index
from dist_sandbox.rehearse.actions.library import ActionLibrary
from dist_sandbox.rehearse.actions.machine import read_machine
from dist_sandbox.rehearse.actions.replaced import copy_stand_ins, link_stand_ins
from dist_sandbox.rehearse.actions.repositories import ActionRepositories
from dist_sandbox.rehearse.actions.tree import export_tree, link_tree, use_local_bases
from dist_sandbox.rehearse.kept_tools import find_stages, keep_tools
from dist_sandbox.rehearse.manual_steps.reviews import Reviewer
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.copy import check_out_project, commit_project, workflow_files
from dist_sandbox.rehearse.project.hosted_settings import (
    prepare_new_repository,
    protect,
    set_up_repository,
)
from dist_sandbox.rehearse.project.preparation import PreparedProject
from dist_sandbox.rehearse.project.provisioning import (
    Provisioning,
    add_reviewer,
    google_number,
    google_project,
    provision,
)
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.workflow_run import WorkflowRunner, count_runs
from dist_sandbox.rehearse.sandbox_client import Sandbox, app_secrets
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.walls.containers import container_walls
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World

#: Where a rehearsal's folder has the actions of dist-actions, and those that stand in for others.
_ACTIONS, _STAND_INS = "actions", "stand-ins"


@dataclass(frozen=True)
class Session:
    """A project in a sandbox, ready for its first push.

    `folder` is what it may write into; it ends with the rehearsal.
    """

    project: PreparedProject
    sandbox: Sandbox
    clone: GitClone
    runner: WorkflowRunner
    folder: Path


@contextlib.contextmanager
def working_folder(*, keep: bool) -> Iterator[Path]:
    """Make a folder for keys, repositories and act's files; remove it at the end, unless kept."""
    if keep:
        yield Path(tempfile.mkdtemp(prefix="dist-sandbox-")).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="dist-sandbox-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


@contextlib.contextmanager
def open_sessions(
    projects: Sequence[PreparedProject],
    options: Options,
    *,
    folder: Path,
    checkout: Path,
    toolchain: Toolchain,
) -> Iterator[tuple[Session, ...]]:
    """Start a sandbox with a repository for each project, and commit each on its first branch.

    The projects' copies become the clones, and the repositories get their names. Everything that
    the sessions keep is in `folder`; the actions are those of the checkout of dist-actions.
    """
    first, *further = _describe_repositories(projects)
    settings = SandboxSettings(
        state=folder / "sandbox",
        organisation=first.organisation,
        environments=first.environments,
        is_new=first.is_new,
        further=tuple(further),
        package_index=f"{PyPI.simple_url}/",
        real_names=True,
    )
    _export_actions(checkout, folder, toolchain)
    work = folder / "work"
    work.mkdir()
    with running(settings) as world, contextlib.ExitStack() as closing:
        gateway = closing.enter_context(_open_gateway(world, options, folder, toolchain))
        toolchain = closing.enter_context(_enclose(toolchain.behind(gateway), gateway, work))
        if toolchain.shares_tools:
            stages = find_stages(_read_workflow_texts(projects))
            closing.enter_context(
                keep_tools(toolchain, folder / _ACTIONS, stages, folder / "tools")
            )
        ready = describe(world, register_first_job(world))
        own = [str(ready[name]) for name in ("control_token", "job_token", "oidc_request_token")]
        shared = _SharedParts(
            world=world,
            ready=ready,
            options=options,
            gateway=gateway,
            exchanges=gateway.log.list,
            closing=closing,
            make_runner=partial(
                WorkflowRunner,
                toolchain=toolchain,
                folder=work,
                actions=_open_library(options, folder, toolchain),
                masks=Masks([str(ready["users"][0]["token"]), *own]),
                run_ids=count_runs(),
                gateway_log=gateway.log,
            ),
        )
        yield tuple(
            shared.open(project, repository, folder / "results" / project.name)
            for project, repository in zip(projects, ready["repositories"], strict=True)
        )


def _export_actions(checkout: Path, folder: Path, toolchain: Toolchain) -> None:
    """Export the actions of a checkout of dist-actions, and make the stand-ins ready."""
    actions = folder / _ACTIONS
    if toolchain.image:
        export_tree(checkout, actions)
        use_local_bases(checkout, actions)
        copy_stand_ins(folder / _STAND_INS)
    else:
        export_tree(checkout, folder / "code")
        link_tree(folder / "code", actions)
        link_stand_ins(folder / _STAND_INS)


def _open_gateway(
    world: World, options: Options, folder: Path, toolchain: Toolchain
) -> contextlib.AbstractContextManager[Gateway]:
    return open_gateway(
        world,
        folder=folder / "gateway",
        packages=find_package_index(toolchain.environ),
        cache=toolchain.cache / "packages",
        environ=toolchain.environ,
        allowed_hosts=options.allowed_hosts,
    )


@contextlib.contextmanager
def _enclose(toolchain: Toolchain, gateway: Gateway, work: Path) -> Iterator[Toolchain]:
    """Give the containers of jobs their walls, if they have any, until the block ends."""
    if toolchain.walls is None or not toolchain.walls.engine:
        yield toolchain
        return
    containers = container_walls(
        toolchain.walls.engine,
        toolchain.image,
        gateway,
        folders=[work],
        keeps_tools=toolchain.keeps_tools,
    )
    with containers as docker_host:
        yield replace(toolchain, environ={**toolchain.environ, "DOCKER_HOST": docker_host})


def _read_workflow_texts(projects: Sequence[PreparedProject]) -> Iterator[str]:
    """Read the workflow files of the projects' copies."""
    for project in projects:
        folder = project.copy.folder
        for path in workflow_files(folder):
            yield (folder / path).read_text(encoding="utf-8", errors="replace")


def _open_library(options: Options, folder: Path, toolchain: Toolchain) -> ActionLibrary:
    """Prepare the actions that workflows may use; others are fetched where the options say so."""
    kept = toolchain.cache / "actions"
    fetched = ActionRepositories(kept, toolchain.environ, options.refresh_actions)
    return ActionLibrary(
        dist_actions=folder / _ACTIONS,
        folder=folder / "actions-of-others",
        given=options.extra_actions,
        fetched=fetched if options.fetch_actions else None,
        machine=read_machine(toolchain.environ.get("PATH", "")),
        stand_ins=folder / _STAND_INS,
    )


def _describe_repositories(projects: Sequence[PreparedProject]) -> list[PublishingRepository]:
    owner = projects[0].owner
    first = Organisation(owner=owner) if owner else Organisation()
    repositories = []
    for number, project in enumerate(projects):
        organisation = replace(
            first,
            repository=project.name,
            repository_id=first.repository_id + number,
            default_branch=project.default_branch,
            private=not project.is_public,
        )
        environments = sandbox_environments(
            project.plan.tags, organisation, project.provisioning.google_environments
        )
        repositories.append(PublishingRepository(organisation, environments, is_new=project.is_new))
    return repositories


@dataclass
class _SharedParts:
    """What the sessions of one rehearsal share; the reviewer is one person."""

    world: World
    ready: Mapping[str, Any] = field(repr=False)
    options: Options
    gateway: Gateway
    exchanges: Callable[[], Sequence[Exchange]]
    closing: contextlib.ExitStack
    make_runner: Callable[..., WorkflowRunner]

    def open(
        self, project: PreparedProject, repository: Mapping[str, Any], folder: Path
    ) -> Session:
        """Set up the repository of a project."""
        copy, environments = project.copy, project.plan.environments
        if copy.borrowed_objects:
            owner, name = str(repository["repository"]).split("/")
            hosted = self.world.github.find_repository(owner, name)
            assert hosted is not None  # noqa: S101 - the sandbox was started with it
            history = copy.history
            staged = project.plan.tags.staged
            start = history.commit if staged else history.base
            seed_history(hosted, start, history.tags, copy.borrowed_objects)
        sandbox = self._client({**self.ready, **repository}, self.ready["users"][0]["token"])
        secrets = app_secrets(self.ready["apps"])
        app_keys = (
            ScopedValues(repository=secrets)
            if self.options.organisation_secrets
            else environment_secrets(secrets, environments)
        )
        reviewer = self._protect(sandbox, project.provisioning)
        make_settings = prepare_new_repository if project.plan.init else set_up_repository
        make_settings(sandbox, self._complete(project.provisioning.expected))
        values = app_keys.with_further(
            provision(sandbox, project.provisioning, is_new=bool(project.plan.init))
        )
        may_write = self.options.workflow_permissions == "write"
        if may_write:
            sandbox.control("POST", "repository", {"actions_may_open_pulls": True})
        runner = self.make_runner(
            sandbox=sandbox,
            secrets=values,
            reviewer=reviewer,
            may_write=may_write,
            dispensable=project.plan.dispensable,
        )
        for value in values.values():
            runner.masks.add(value)
        return Session(project, sandbox, _commit(sandbox, project), runner, folder)

    def _protect(self, sandbox: Sandbox, provisioning: Provisioning) -> Reviewer:
        """Protect the environments; who approves is the developer where nobody has to."""
        reviewed = provisioning.reviewed_environments
        rules, token = self._reviewer if reviewed else ({}, sandbox.user_token)
        protect(sandbox, dict.fromkeys(reviewed, rules))
        client = self._client(sandbox.ready, token)
        return Reviewer(client, frozenset(name.lower() for name in provisioning.rejects))

    def _complete(self, expected: ExpectedSettings) -> ExpectedSettings:
        """Say in the rules for tags which App makes them: the first of the sandbox's."""
        bot = frozenset({BypassActor("Integration", int(self.ready["apps"][0]["app_id"]))})
        rulesets = tuple(
            ruleset if ruleset.bypass_actors is not None else replace(ruleset, bypass_actors=bot)
            for ruleset in expected.rulesets
        )
        return replace(expected, rulesets=rulesets)

    @cached_property
    def _reviewer(self) -> tuple[dict[str, Any], str]:
        return add_reviewer(self._client(self.ready, self.ready["users"][0]["token"]))

    def _client(self, ready: Mapping[str, Any], token: str) -> Sandbox:
        client = Sandbox(ready, token, self.gateway)
        self.closing.callback(client.close)
        return client


def environment_secrets(secrets: Mapping[str, str], environments: EnvironmentMap) -> ScopedValues:
    """Store the bots' keys as docs/setup.md says: each where its jobs run, nowhere else."""
    releaser = {name: value for name, value in secrets.items() if name.startswith("RELEASER_")}
    automation = {name: value for name, value in secrets.items() if name not in releaser}
    publishing = {stage.github_environment: releaser for stage in environments.stages}
    return ScopedValues(environments={AUTOMATION_ENVIRONMENT: automation, **publishing})


def sandbox_environments(
    tags: ProjectTags, organisation: Organisation, further: Sequence[str] = ()
) -> tuple[SandboxEnvironment, ...]:
    """Describe the organisation's environments: the default ones, and what the project adds.

    The jobs of the `further` GitHub Environments publish the versions of production's tags.
    """
    defaults = {environment.name: environment for environment in default_environments(organisation)}
    template = next(iter(defaults.values()))
    account = template.service_account.partition("@")[0]
    stages = tags.environments.stages
    by_name = [(stage.github_environment, stage) for stage in stages]
    stage_names = {name for name, _ in by_name}
    by_name += [(name, stages[-1]) for name in further if name not in stage_names]
    environments = []
    for name, stage in by_name:
        default, project_id = defaults.get(name), google_project(name)
        environments.append(
            replace(
                template,
                name=name,
                branch=stage.branch,
                suffix=stage.suffix,
                project_id=project_id,
                project_number=default.project_number if default else google_number(project_id),
                service_account=f"{account}@{project_id}.iam.gserviceaccount.com",
                tag_patterns=tags.patterns(stage),
                stage=stage.name if name == stage.github_environment else name,
            )
        )
    return tuple(environments)


def _commit(sandbox: Sandbox, project: PreparedProject) -> GitClone:
    """Commit the project, which is left to push; with stages, later branches are pushed here."""
    copy, plan = project.copy, project.plan
    clone = GitClone(copy.folder, sandbox.gateway_variables())
    clone.run("init", "--quiet", "--initial-branch=unborn", ".")
    clone.use_remote(sandbox.git_url, sandbox.user_token)
    if copy.borrowed_objects:
        clone.borrow_objects(copy.borrowed_objects)
        clone.run("fetch", "--quiet", "origin", "refs/tags/*:refs/tags/*")
    if not plan.tags.staged:
        check_out_project(clone, copy, plan.first_branch)
        return clone
    if plan.init:
        copy.undo_set_up()
    first, *later = (stage.branch for stage in plan.environments.stages)
    setup = commit_project(clone, copy, default_branch=project.default_branch, first_branch=first)
    if later and not project.is_new:  # where it is new, the promotions bring it
        clone.run("push", "--quiet", "origin", *(f"{setup}:refs/heads/{name}" for name in later))
    return clone
