"""Everything that one rehearsal needs and that ends with it: a sandbox, a clone, a runner."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dist_actions.pipeline.environments import EnvironmentMap
from dist_sandbox.github.seed import seed_history
from dist_sandbox.organisation import Organisation, SandboxEnvironment, default_environments
from dist_sandbox.rehearse.actions.tree import export_tree, use_local_bases
from dist_sandbox.rehearse.manual_steps.reviews import Reviewer
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.copy import ProjectCopy, commit_project
from dist_sandbox.rehearse.project.provisioning import (
    AUTOMATION_ENVIRONMENT,
    Provisioning,
    google_project,
    protect,
    provision,
)
from dist_sandbox.rehearse.project.tags import ProjectTags
from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.workflow_run import WorkflowRunner
from dist_sandbox.rehearse.sandbox_client import Sandbox, app_secrets
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running


@dataclass(frozen=True)
class Session:
    """A sandbox with a project in it, ready for its first push.

    `folder` holds everything that ends with the rehearsal.
    """

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
def open_session(
    copy: ProjectCopy,
    *,
    folder: Path,
    plan: RehearsalPlan,
    checkout: Path,
    toolchain: Toolchain,
    provisioning: Provisioning,
) -> Iterator[Session]:
    """Start a sandbox for a project and commit the project on its first branch.

    The project's copy becomes the clone, and the repository gets its name. Everything that the
    session keeps is in `folder`; the actions are those of the checkout of dist-actions.
    """
    tags, name = plan.tags, copy.folder.name
    settings = SandboxSettings(
        state=folder / "sandbox",
        organisation=Organisation(repository=name),
        environments=sandbox_environments(tags, name, provisioning.google_environments),
    )
    actions, work = folder / "actions", folder / "work"
    export_tree(checkout, actions)
    if toolchain.image:
        use_local_bases(checkout, actions)
    work.mkdir()
    with running(settings) as world, contextlib.ExitStack() as closing:
        if copy.borrowed_objects:
            history = copy.history
            seed_history(
                world.github.repository, history.commit, history.tags, copy.borrowed_objects
            )
        ready = describe(world, register_first_job(world))
        sandbox = Sandbox(ready, user_token=ready["users"][0]["token"])
        closing.callback(sandbox.close)
        secrets = app_secrets(ready["apps"])
        app_keys = (
            ScopedValues(repository=secrets)
            if plan.options.organisation_secrets
            else environment_secrets(secrets, tags.environments)
        )
        values = app_keys.with_further(provision(sandbox, provisioning))
        own = [str(ready[name]) for name in ("control_token", "job_token", "oidc_request_token")]
        runner = WorkflowRunner(
            sandbox=sandbox,
            toolchain=toolchain,
            secrets=values,
            folder=work,
            dist_actions=actions,
            masks=Masks([sandbox.user_token, *own, *values.values()]),
            extra_actions=plan.options.extra_actions,
            reviewer=_add_reviewer(sandbox, provisioning, closing),
        )
        yield Session(sandbox, _commit(sandbox, copy, tags.environments), runner, folder)


def _add_reviewer(
    sandbox: Sandbox, provisioning: Provisioning, closing: contextlib.ExitStack
) -> Reviewer:
    """Protect the environments; who approves is the developer where nobody has to."""
    token = protect(sandbox, provisioning.reviewed_environments, provisioning.policies)
    client = Sandbox(sandbox.ready, token or sandbox.user_token)
    closing.callback(client.close)
    return Reviewer(client, frozenset(name.lower() for name in provisioning.rejects))


def environment_secrets(secrets: Mapping[str, str], environments: EnvironmentMap) -> ScopedValues:
    """Store the bots' keys as docs/setup.md says: each where its jobs run, nowhere else."""
    releaser = {name: value for name, value in secrets.items() if name.startswith("RELEASER_")}
    automation = {name: value for name, value in secrets.items() if name not in releaser}
    publishing = {stage.github_environment: releaser for stage in environments.stages}
    return ScopedValues(environments={AUTOMATION_ENVIRONMENT: automation, **publishing})


def sandbox_environments(
    tags: ProjectTags, project: str, further: Sequence[str] = ()
) -> tuple[SandboxEnvironment, ...]:
    """Describe the organisation's environments: the default ones, and what the project adds.

    The jobs of the `further` GitHub Environments publish the versions of production's tags.
    """
    defaults = {environment.name: environment for environment in default_environments(project)}
    template = next(iter(defaults.values()))
    account = template.service_account.partition("@")[0]
    stages = tags.environments.stages
    by_name = [(stage.github_environment, stage) for stage in stages]
    stage_names = {name for name, _ in by_name}
    by_name += [(name, stages[-1]) for name in further if name not in stage_names]
    environments = []
    for index, (name, stage) in enumerate(by_name):
        default, project_id = defaults.get(name), google_project(name)
        environments.append(
            replace(
                template,
                name=name,
                branch=stage.branch,
                suffix=stage.suffix,
                project_id=project_id,
                project_number=default.project_number if default else 200_000_000_001 + index,
                service_account=f"{account}@{project_id}.iam.gserviceaccount.com",
                tag_patterns=tags.patterns(stage),
            )
        )
    return tuple(environments)


def _commit(sandbox: Sandbox, copy: ProjectCopy, environments: EnvironmentMap) -> GitClone:
    """Start every branch with the project's automation; only the project is left to push."""
    clone = GitClone(copy.folder)
    clone.run("init", "--quiet", "--initial-branch=unborn", ".")
    clone.use_remote(sandbox.git_url, sandbox.user_token)
    if copy.borrowed_objects:
        clone.borrow_objects(copy.borrowed_objects)
        clone.run("fetch", "--quiet", "origin", "refs/tags/*:refs/tags/*")
    first, *later = (stage.branch for stage in environments.stages)
    setup = commit_project(clone, copy, default_branch="main", first_branch=first)
    if later:
        clone.run("push", "--quiet", "origin", *(f"{setup}:refs/heads/{name}" for name in later))
    return clone
