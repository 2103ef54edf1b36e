"""Does what a person does on GitHub, whenever nothing happens by itself any more.

In this order: approve or merge a promotion, start and run what was asked for, release a tag that
waits for a person, start tagging and promoting where only a person can, tag the version where
nothing else does, and push the next change.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from dist_actions.pipeline.environments import Environment
from dist_sandbox.rehearse.errors import ToolError, UsageError
from dist_sandbox.rehearse.manual_steps.pull_requests import next_step
from dist_sandbox.rehearse.manual_steps.steps import (
    DEVELOPER,
    Dispatch,
    dispatch_event,
    form_inputs,
    release_body,
    release_command,
)
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.version import read_project_version
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.stages import makes_tags, only_by_hand, promotes, releases, stage_name
from dist_sandbox.rehearse.workflows.files import Workflow, read_workflows
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent, read_triggers, starts


@dataclass(frozen=True)
class ManualStep:
    """One thing that a person does.

    Attributes:
        stage: What it is called in tables.
        command: What that person could type for it.
        do: Does it; GitHub's events tell of the rest.
        starts: The workflow that it starts at once, and for which event.
    """

    stage: str
    command: str
    do: Callable[[], object]
    starts: tuple[Workflow, TriggerEvent] | None = None


@dataclass(frozen=True)
class RepositoryState:
    """What a person sees.

    Attributes:
        refs: Commit of each branch and tag, by full name.
        released: Tags with a published release.
        default_branch: Its short name.
    """

    refs: dict[str, str]
    released: frozenset[str]
    default_branch: str

    @property
    def tags(self) -> list[str]:
        """The names of all tags, in alphabetical order."""
        prefix = "refs/tags/"
        return sorted(ref[len(prefix) :] for ref in self.refs if ref.startswith(prefix))


def look(sandbox: Sandbox) -> RepositoryState:
    """Read what a person sees now."""
    refs = {
        f"refs/{kind}/{item['name']}": str(item["commit"]["sha"])
        for kind, path in (("heads", "branches"), ("tags", "tags"))
        for item in sandbox.get(f"{path}?per_page=100")
    }
    found = sandbox.get("releases?per_page=100")
    released = frozenset(str(release["tag_name"]) for release in found if not release["draft"])
    return RepositoryState(refs, released, str(sandbox.get("")["default_branch"]))


class Developer:
    """The person of one rehearsal; each deed is done once."""

    def __init__(self, sandbox: Sandbox, clone: GitClone, plan: RehearsalPlan) -> None:
        self._sandbox = sandbox
        self._clone = clone
        self._plan = plan
        self._asked = list(plan.dispatches)
        self._patches = list(plan.patches)
        self._commands = list(plan.commands)
        self._done: set[tuple[str, ...]] = set()
        self._filled = [plan.first_branch]

    @property
    def waiting(self) -> tuple[Dispatch, ...]:
        """What was asked for and could not be started."""
        return tuple(self._asked)

    def push_project(self) -> ManualStep:
        """The deed that everything begins with."""
        return self._push("push")

    def next_deed(self) -> ManualStep | None:
        """What to do now; None where there is nothing left.

        Raises:
            UsageError: A form must be filled in, and nobody said with what; or a patch does not
                apply.
        """
        sight = look(self._sandbox)
        choices = (self._merge, self._start_asked, self._run_command, self._release, self._tag)
        for choose in (*choices, self._promote, self._tag_version):
            if deed := choose(sight):
                return deed
        return self._push_patch()

    def _merge(self, sight: RepositoryState) -> ManualStep | None:  # noqa: ARG002 - one of several choices
        wanted = {stage.branch: stage for stage in self._plan.wanted}
        # In the order in which they were opened: a package comes after what it may need.
        for pull in self._sandbox.get("pulls?state=open&direction=asc&per_page=100"):
            target = wanted.get(str(pull["base"]["ref"]))
            if target is None:
                continue
            step = next_step(self._sandbox, pull, self._plan.merge_method(target))
            # What was merged is not open any more; what is in a queue or approved still is.
            sha = str(pull["head"]["sha"])
            if step and (step.verb == "merge" or self._is_new(step.verb, sha, target.name)):
                self._filled.append(target.branch)
                return ManualStep(f"{step.verb} {target.name}", step.command, step.do)
        return None

    def _start_asked(self, sight: RepositoryState) -> ManualStep | None:
        if not self._asked:
            return None
        asked = self._asked[0]
        ref = asked.full_ref(sight.refs, sight.default_branch)
        if ref is None:
            return None
        meant = [flow for flow in self._workflows(sight.refs[ref]) if asked.names(flow)]
        if not meant:
            raise UsageError(
                f"There is no workflow {asked.workflow!r} on {ref}.",
                why="--dispatch names a file of .github/workflows, or a workflow's name.",
                fix="correct the name.",
            )
        self._asked.pop(0)
        return self._start(meant[0], replace(asked, ref=ref), sight)

    def _run_command(self, sight: RepositoryState) -> ManualStep | None:  # noqa: ARG002 - one of several choices
        if not self._commands:
            return None
        command = self._commands.pop(0)
        return ManualStep(f"run {command}", command, partial(self._clone.shell, command))

    def _tag_version(self, sight: RepositoryState) -> ManualStep | None:
        """Tag the version, where nothing but a person makes tags."""
        if self._plan.tags.staged or self._plan.commands or sight.tags:
            return None
        sha = sight.refs[f"refs/heads/{self._plan.first_branch}"]
        tag = f"v{read_project_version(self._clone.folder)}"
        pushed = TriggerEvent("push", f"refs/tags/{tag}", sha, DEVELOPER)
        published = TriggerEvent("release", pushed.ref, sha, DEVELOPER, {"action": "published"})
        flows = self._workflows(sha)
        if not any(starts(flow, event) for flow in flows for event in (pushed, published)):
            return None
        command = f"git tag --annotate {tag} --message {tag} && git push origin {tag}"
        return ManualStep(f"tag {tag}", command, partial(self._clone.shell, command))

    def _release(self, sight: RepositoryState) -> ManualStep | None:
        """Release a tag whose workflow waits for a person."""
        for tag in sight.tags:
            environment = self._plan.tags.environment_of(f"refs/tags/{tag}")
            if tag in sight.released or environment not in self._plan.wanted:
                continue
            ref = f"refs/tags/{tag}"
            waiting = [
                flow
                for flow in self._workflows(sight.refs[ref])
                if releases(flow) and "push" not in read_triggers(flow)
            ]
            for workflow in waiting:
                if self._is_new("release", workflow.path, tag):
                    return self._release_by(workflow, tag, environment, sight)
        return None

    def _release_by(
        self, workflow: Workflow, tag: str, environment: Environment, sight: RepositoryState
    ) -> ManualStep | None:
        ref = f"refs/tags/{tag}"
        published = TriggerEvent(
            "release", ref, sight.refs[ref], DEVELOPER, {"action": "published"}
        )
        if starts(workflow, published):
            body = release_body(tag, environment)
            return ManualStep(
                f"publish {tag}",
                release_command(tag, environment),
                lambda: self._sandbox.write("POST", "releases", body),
            )
        if "workflow_dispatch" in read_triggers(workflow):
            inputs = form_inputs(workflow, {"tag": tag})
            return self._start(workflow, Dispatch(workflow.file_name, ref, inputs), sight)
        return None

    def _tag(self, sight: RepositoryState) -> ManualStep | None:
        """Start what makes tags, on a branch whose pushes do not start it."""
        for stage in self._plan.wanted:
            ref = f"refs/heads/{stage.branch}"
            sha = sight.refs.get(ref, "")
            if stage.branch not in self._filled or self._is_tagged(stage, sha, sight):
                continue
            for workflow in self._by_hand(
                sha, makes_tags, TriggerEvent("push", ref, sha, DEVELOPER)
            ):
                if self._is_new("tag", workflow.path, ref, sha):
                    return self._start(workflow, Dispatch(workflow.file_name, ref), sight)
        return None

    def _is_tagged(self, stage: Environment, sha: str, sight: RepositoryState) -> bool:
        return any(
            sight.refs[f"refs/tags/{tag}"] == sha
            and self._plan.tags.environment_of(f"refs/tags/{tag}") == stage
            for tag in sight.tags
        )

    def _promote(self, sight: RepositoryState) -> ManualStep | None:
        """Start a promotion, where no release starts it."""
        for source, target in pairwise(self._plan.wanted):
            versions = self._plan.tags.versions(sight.released, source)
            if versions <= self._plan.tags.versions(sight.released, target):
                continue
            ref = f"refs/heads/{source.branch}"
            for workflow in self._workflows(sight.refs[ref]):
                key = ("promote", workflow.path, source.name, *map("=".join, sorted(versions)))
                if promotes(workflow) and only_by_hand(workflow) and self._is_new(*key):
                    answers = {"from": source.name, "to": target.name}
                    inputs = form_inputs(workflow, answers)
                    return self._start(workflow, Dispatch(workflow.file_name, ref, inputs), sight)
        return None

    def _push_patch(self) -> ManualStep | None:
        if not self._patches:
            return None
        patch, branch = self._patches.pop(0), self._plan.first_branch
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
        return self._push(f"push {patch.stem}")

    def _push(self, stage: str) -> ManualStep:
        arguments = ("push", "--quiet", "origin", self._plan.first_branch)
        command = f"git push origin {self._plan.first_branch}"
        return ManualStep(stage, command, lambda: self._clone.run(*arguments))

    def _start(self, workflow: Workflow, dispatch: Dispatch, sight: RepositoryState) -> ManualStep:
        event = dispatch_event(workflow, dispatch, sight.refs[dispatch.ref])
        stage = f"start {stage_name(workflow, event, self._plan.tags)}"
        return ManualStep(stage, dispatch.command, lambda: None, (workflow, event))

    def _by_hand(
        self, sha: str, fits: Callable[[Workflow], bool], push: TriggerEvent
    ) -> Iterator[Workflow]:
        """The workflows of a kind that a person can start and this push does not."""
        for workflow in self._workflows(sha):
            can_be_started = "workflow_dispatch" in read_triggers(workflow)
            if fits(workflow) and can_be_started and not starts(workflow, push):
                yield workflow

    def _workflows(self, sha: str) -> tuple[Workflow, ...]:
        self._clone.fetch(sha)
        return read_workflows(self._clone.workflow_files(sha))

    def _is_new(self, *deed: str) -> bool:
        """Whether this was not done yet; from now on it was."""
        new = deed not in self._done
        self._done.add(deed)
        return new
