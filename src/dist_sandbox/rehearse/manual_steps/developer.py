"""Do what a developer does on GitHub, whenever no workflow is left to run.

In this order: approve or merge a promotion, start and run what the arguments ask for, release a tag
that waits for a person, start tagging and promoting where only a person can, tag the version where
nothing else does, and push the next change, by a pull request where a workflow looks at these.
"""

import shlex
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import ToolError, UsageError
from dist_sandbox.rehearse.manual_steps.pull_requests import next_pull_step
from dist_sandbox.rehearse.manual_steps.releasing import ReleaseState, ReleaseSteps
from dist_sandbox.rehearse.manual_steps.steps import (
    DEVELOPER,
    Dispatch,
    ManualStep,
    dispatch_event,
    find_dispatched,
    form_inputs,
    release_body,
    release_command,
)
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.hosted_settings import run_init
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.stages import makes_tags, only_by_hand, promotes, releases, stage_name
from dist_sandbox.rehearse.workflows.files import Workflow, read_workflows
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers, starts


@dataclass(frozen=True)
class RepositoryState:
    """What GitHub shows of the repository.

    Attributes:
        refs: Commit of each branch and tag, by full name.
        released: Tags with a published release.
        default_branch: Its short name.
        drafts: Number of each draft of a release, by its tag.
    """

    refs: dict[str, str]
    released: frozenset[str]
    default_branch: str
    drafts: Mapping[str, int] = field(default_factory=dict)

    @property
    def tags(self) -> list[str]:
        """List the names of the tags of versions, in alphabetical order."""
        prefix = "refs/tags/"
        names = (ref[len(prefix) :] for ref in self.refs if ref.startswith(prefix))
        return sorted(name for name in names if not self._follows_release(name))

    def _follows_release(self, tag: str) -> bool:
        """Tell whether a tag, such as `v1`, only points to a release, such as `v1.4.0`."""
        return any(
            release.startswith(f"{tag}.")
            and self.refs.get(f"refs/tags/{release}") == self.refs[f"refs/tags/{tag}"]
            for release in self.released
        )


def read_repository_state(
    sandbox: Sandbox, clone: GitClone, kept_tags: Container[str]
) -> RepositoryState:
    """Read what GitHub shows of the repository now, without the tags that the project had."""
    listing = clone.run("ls-remote", "--quiet", "origin", "refs/heads/*", "refs/tags/*")
    refs: dict[str, str] = {}
    for line in listing.splitlines():
        sha, _, ref = line.partition("\t")
        name = ref.removesuffix("^{}")  # the commit of an annotated tag, which is listed later
        if name.removeprefix("refs/tags/") not in kept_tags:
            refs[name] = sha
    releases = sandbox.get("releases?per_page=100")
    released = frozenset(str(release["tag_name"]) for release in releases if not release["draft"])
    drafts = {str(row["tag_name"]): int(row["id"]) for row in releases if row["draft"]}
    return RepositoryState(refs, released, str(sandbox.get("")["default_branch"]), drafts)


class Developer:
    """The developer of one rehearsal; each step is done once.

    The `plan` says how far the project goes, and may reach further later.
    """

    def __init__(self, sandbox: Sandbox, clone: GitClone, plan: RehearsalPlan) -> None:
        self._sandbox = sandbox
        self._clone = clone
        self.plan = plan
        self._dispatches = list(plan.options.dispatches)
        self._patches = list(plan.options.patches)
        self._commands = list(plan.options.commands)
        self._init = plan.init
        self._done: set[tuple[str, ...]] = set()
        self._filled = [plan.first_branch]
        self._releasing = ReleaseSteps(sandbox, clone, plan)

    @property
    def waiting_dispatches(self) -> tuple[Dispatch, ...]:
        """Return the dispatches that could not be started."""
        return tuple(self._dispatches)

    def set_up(self) -> ManualStep | None:
        """Return what comes before the first push of a new project; None for any other."""
        options, self._init = self._init, ()
        if not options:
            return None

        def perform() -> None:
            run_init(self._sandbox, self._clone.folder, options)
            self._clone.commit_all("ci: release by dist-actions")

        return ManualStep("set up", shlex.join(["dist-actions", "init", *options]), perform)

    def push_project(self) -> ManualStep:
        """Return the first step of all."""
        return self._push("push")

    def next_step(self) -> ManualStep | None:
        """Choose what to do now; None where there is nothing left.

        Raises:
            UsageError: A workflow has a required input without a value, or a patch does not apply.
        """
        state = read_repository_state(self._sandbox, self._clone, self.plan.kept_tags)
        choices = [self._merge, self._dispatch, self._run_command]
        by_stages = [self._release, self._tag, self._promote]
        choices += by_stages if self.plan.tags.staged else [self._release_version]
        for choose in choices:
            if step := choose(state):
                return step
        return self._push_patch()

    def _merge(self, state: RepositoryState) -> ManualStep | None:  # noqa: ARG002 - one of several
        targets = {stage.branch: stage for stage in self.plan.stages}
        # In the order in which they were opened: a package comes after what it may need.
        for pull in self._sandbox.get("pulls?state=open&direction=asc&per_page=100"):
            target = targets.get(str(pull["base"]["ref"]))
            if target is None:
                continue
            step = next_pull_step(self._sandbox, pull, self.plan.merge_method(target))
            # What was merged is not open any more; what is in a queue or approved still is.
            sha = str(pull["head"]["sha"])
            if step and (step.name == "merge" or self._is_new(step.name, sha, target.name)):
                self._filled.append(target.branch)
                return replace(step, name=f"{step.name} {target.name}")
        return None

    def _dispatch(self, state: RepositoryState) -> ManualStep | None:
        """Start the next workflow that --dispatch names, once its ref is there."""
        if not self._dispatches:
            return None
        dispatch = self._dispatches[0]
        ref = dispatch.full_ref(state.refs, state.default_branch)
        if ref is None:
            return None
        workflow = find_dispatched(dispatch, self._workflows(state.refs[ref]), f"on {ref}")
        self._dispatches.pop(0)
        return self._start(workflow, replace(dispatch, ref=ref), state)

    def _run_command(self, state: RepositoryState) -> ManualStep | None:  # noqa: ARG002 - as above
        if not self._commands:
            return None
        command = self._commands.pop(0)
        return ManualStep(f"run {command}", command, partial(self._clone.shell, command))

    def _release_version(self, state: RepositoryState) -> ManualStep | None:
        """Release the version of a project without stages, unless --run does."""
        if self.plan.options.commands:
            return None
        sha = state.refs[f"refs/heads/{self.plan.first_branch}"]
        workflows = self._workflows(sha)
        return self._releasing.next_step(
            ReleaseState(state.refs, state.released, state.drafts, workflows)
        )

    def _release(self, state: RepositoryState) -> ManualStep | None:
        """Release a tag whose workflow waits for a person."""
        for tag in state.tags:
            ref = f"refs/tags/{tag}"
            environment = self.plan.tags.environment_of(ref)
            if tag in state.released or environment not in self.plan.stages:
                continue
            waiting = [
                flow
                for flow in self._workflows(state.refs[ref])
                if releases(flow) and "push" not in read_triggers(flow)
            ]
            for workflow in waiting:
                if self._is_new("release", workflow.path, tag):
                    return self._release_by(workflow, tag, environment, state)
        return None

    def _release_by(
        self, workflow: Workflow, tag: str, environment: Environment, state: RepositoryState
    ) -> ManualStep | None:
        ref = f"refs/tags/{tag}"
        if starts(workflow, _published(ref, state.refs[ref])):
            body = release_body(tag, environment)
            return ManualStep(
                f"publish {tag}",
                release_command(tag, environment),
                partial(self._sandbox.write, "POST", "releases", body),
            )
        if "workflow_dispatch" in read_triggers(workflow):
            inputs = form_inputs(workflow, {"tag": tag})
            return self._start(workflow, Dispatch(workflow.file_name, ref, inputs), state)
        return None

    def _tag(self, state: RepositoryState) -> ManualStep | None:
        """Start what makes tags, on a branch whose pushes do not start it."""
        for stage in self.plan.stages:
            ref = f"refs/heads/{stage.branch}"
            sha = state.refs.get(ref, "")
            if stage.branch not in self._filled or self._is_tagged(stage, sha, state):
                continue
            for workflow in self._tagging_by_hand(TriggerEvent("push", ref, sha, DEVELOPER)):
                if self._is_new("tag", workflow.path, ref, sha):
                    return self._start(workflow, Dispatch(workflow.file_name, ref), state)
        return None

    def _is_tagged(self, stage: Environment, sha: str, state: RepositoryState) -> bool:
        return any(
            state.refs[f"refs/tags/{tag}"] == sha
            and self.plan.tags.environment_of(f"refs/tags/{tag}") == stage
            for tag in state.tags
        )

    def _tagging_by_hand(self, push: TriggerEvent) -> Iterator[Workflow]:
        """Find the workflows that make tags and that a person can start, but this push does not."""
        for workflow in self._workflows(push.sha):
            can_be_started = "workflow_dispatch" in read_triggers(workflow)
            if makes_tags(workflow) and can_be_started and not starts(workflow, push):
                yield workflow

    def _promote(self, state: RepositoryState) -> ManualStep | None:
        """Start a promotion, where no release starts it."""
        for source, target in pairwise(self.plan.stages):
            versions = self.plan.tags.versions(state.released, source)
            if versions <= self.plan.tags.versions(state.released, target):
                continue
            ref = f"refs/heads/{source.branch}"
            for workflow in self._workflows(state.refs[ref]):
                key = ("promote", workflow.path, source.name, *map("=".join, sorted(versions)))
                if promotes(workflow) and only_by_hand(workflow) and self._is_new(*key):
                    inputs = form_inputs(workflow, {"from": source.name, "to": target.name})
                    return self._start(workflow, Dispatch(workflow.file_name, ref, inputs), state)
        return None

    def _push_patch(self) -> ManualStep | None:
        if not self._patches:
            return None
        patch, branch = self._patches.pop(0), self.plan.first_branch
        self._clone.run("fetch", "--quiet", "--no-tags", "origin", branch)
        self._clone.run("checkout", "--quiet", "--force", "-B", branch, "FETCH_HEAD")
        try:
            self._clone.run("apply", "--index", str(patch))
        except ToolError as error:
            raise UsageError(
                f"{patch} does not apply to {branch}.",
                why=error.what,
                fix="make it with `git diff --binary` against the project as it is rehearsed.",
            ) from error
        self._clone.run("commit", "--quiet", "--message", f"feat: {patch.stem}")
        if self._looks_at_pull_requests(branch):
            return self._open_pull_request(patch.stem, branch)
        return self._push(f"push {patch.stem}")

    def _looks_at_pull_requests(self, branch: str) -> bool:
        """Tell whether a workflow starts for a pull request into a branch."""
        sha = self._clone.run("rev-parse", "HEAD").strip()
        payload = {"action": "opened", "pull_request": {"base": {"ref": branch}}}
        opened = TriggerEvent("pull_request", f"refs/heads/{branch}", sha, DEVELOPER, payload)
        return any(starts(flow, opened) for flow in self._workflows(sha))

    def _open_pull_request(self, title: str, base: str) -> ManualStep:
        head = f"change-{len(self._patches)}"

        def perform() -> None:
            self._clone.run("push", "--quiet", "origin", f"HEAD:refs/heads/{head}")
            body = {"head": head, "base": base, "title": f"feat: {title}", "body": ""}
            self._sandbox.write("POST", "pulls", body)

        command = f"git push origin HEAD:{head} && gh pr create --head {head} --base {base} --fill"
        return ManualStep(f"open {title}", command, perform)

    def _push(self, name: str) -> ManualStep:
        push = partial(self._clone.run, "push", "--quiet", "origin", self.plan.first_branch)
        return ManualStep(name, f"git push origin {self.plan.first_branch}", push)

    def _start(self, workflow: Workflow, dispatch: Dispatch, state: RepositoryState) -> ManualStep:
        event = dispatch_event(workflow, dispatch, state.refs[dispatch.ref])
        stage = f"start {stage_name(workflow, event, self.plan.tags)}"
        return ManualStep(stage, dispatch.command, lambda: None, (workflow, event))

    def _workflows(self, sha: str) -> tuple[Workflow, ...]:
        self._clone.fetch(sha)
        return read_workflows(self._clone.workflow_files(sha), self.plan.set_aside)

    def _is_new(self, *step: str) -> bool:
        """Tell whether this was not done yet, and note that it is done now."""
        new = step not in self._done
        self._done.add(step)
        return new


def _published(ref: str, sha: str) -> TriggerEvent:
    return TriggerEvent("release", ref, sha, DEVELOPER, {"action": "published"})
