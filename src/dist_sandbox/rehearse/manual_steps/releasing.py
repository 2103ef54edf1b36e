"""Choose what a person does to release a project without stages, by what its workflows wait for.

First the tag, if a workflow that publishes starts for it, then the GitHub release, then what can be
started by hand alone. Each is done once.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from dist_sandbox.rehearse.manual_steps.forms import KnownRefs, describe_answers, fill_in
from dist_sandbox.rehearse.manual_steps.steps import (
    DEVELOPER,
    Dispatch,
    ManualStep,
    dispatch_event,
)
from dist_sandbox.rehearse.plan import RehearsalPlan
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.workflows.files import Workflow
from dist_sandbox.rehearse.workflows.triggers import (
    TriggerEvent,
    read_triggers,
    starts,
)

#: What GitHub sends when a release is published, and when it is published as a pre-release.
_RELEASE_ACTIONS = ("published", "created", "released")
_PRERELEASE_ACTIONS = (*_RELEASE_ACTIONS, "prereleased")


@dataclass(frozen=True)
class ReleaseState:
    """What a person sees before the next step.

    Attributes:
        refs: Commit of each branch and tag, by full name, without the tags of earlier releases.
        released: Tags with a published release.
        drafts: Number of each draft of a release, by its tag.
        workflows: The workflows that take part.
    """

    refs: Mapping[str, str]
    released: frozenset[str]
    drafts: Mapping[str, int]
    workflows: Sequence[Workflow]


@dataclass
class ReleaseSteps:
    """The steps of one release."""

    sandbox: Sandbox
    clone: GitClone
    plan: RehearsalPlan
    _started: set[str] = field(default_factory=set)

    def next_step(self, state: ReleaseState) -> ManualStep | None:
        """Choose the next step; None where nothing is left to start."""
        tags = [ref for ref in state.refs if ref.startswith("refs/tags/")]
        # Where a workflow has made a tag, that is the version that is released.
        tag = tags[-1].removeprefix("refs/tags/") if tags else self.plan.release_tag
        sha = state.refs.get(f"refs/tags/{tag}") or state.refs[self._branch]
        pushes = any(starts(flow, _push(tag, sha)) for flow in state.workflows)
        if not tags and pushes:
            return self._push_tag(tag)
        if tag not in state.released and (kind := _release_kind(state.workflows, tag, sha)):
            return self._publish(tag, state.drafts.get(tag), is_new=not tags, kind=kind)
        return self._start_by_hand(tag, sha, state)

    @property
    def _branch(self) -> str:
        return f"refs/heads/{self.plan.first_branch}"

    def _push_tag(self, tag: str) -> ManualStep:
        name = shlex.quote(tag)
        command = f"git tag --annotate {name} --message {name} && git push origin {name}"
        return ManualStep(f"tag {tag}", command, partial(self.clone.shell, command))

    def _publish(self, tag: str, draft: int | None, *, is_new: bool, kind: str) -> ManualStep:
        """Publish the release of a tag: its draft, if a workflow has made one."""
        if draft is not None:
            command = shlex.join(["gh", "release", "edit", tag, "--draft=false"])
            body: dict[str, object] = {"draft": False}
            perform = partial(self.sandbox.write, "PATCH", f"releases/{draft}", body)
            return ManualStep(f"publish {tag}", command, perform)
        branch, is_prerelease = self.plan.first_branch, kind == "prereleased"
        options = ["--target", branch] if is_new else ["--verify-tag"]
        options += ["--prerelease"] if is_prerelease else []
        command = shlex.join(["gh", "release", "create", tag, *options, "--title", tag, "--notes="])
        body = {"tag_name": tag, "target_commitish": branch, "name": tag}
        body["prerelease"] = is_prerelease
        perform = partial(self.sandbox.write, "POST", "releases", body)
        return ManualStep(f"publish {tag}", command, perform)

    def _start_by_hand(self, tag: str, sha: str, state: ReleaseState) -> ManualStep | None:
        """Start a workflow that only a person can start, and that `--dispatch` does not name."""
        named = {dispatch.workflow for dispatch in self.plan.options.dispatches}
        pushed = TriggerEvent("push", self._branch, state.refs[self._branch], DEVELOPER)
        for flow in state.workflows:
            triggers = read_triggers(flow)
            if "workflow_dispatch" not in triggers or flow.path in self._started:
                continue
            if named & {flow.file_name, flow.stem, flow.name}:
                continue
            events = (pushed, _push(tag, sha), *_release_events(tag, sha))
            if "workflow_run" in triggers or any(starts(flow, event) for event in events):
                continue
            self._started.add(flow.path)
            ref = f"refs/tags/{tag}" if f"refs/tags/{tag}" in state.refs else self._branch
            answers = fill_in(flow, self._list_refs(tag, state))
            dispatch = Dispatch(flow.file_name, ref, answers)
            event = dispatch_event(flow, dispatch, state.refs[ref])
            name = f"start {flow.stem} {dispatch.short_ref}"
            note = describe_answers(dispatch.command, dispatch.inputs)
            return ManualStep(name, dispatch.command, lambda: None, (flow, event), note)
        return None

    def _list_refs(self, tag: str, state: ReleaseState) -> KnownRefs:
        """List the refs that a person knows who fills in a form."""
        is_there = f"refs/tags/{tag}" in state.refs
        return KnownRefs(
            tag,
            self.plan.first_branch,
            is_tagged=self.plan.is_tagged and not is_there,
            newest_tag=tag if is_there else self.plan.newest_tag,
        )


def _push(tag: str, sha: str) -> TriggerEvent:
    return TriggerEvent("push", f"refs/tags/{tag}", sha, DEVELOPER)


def _release_events(tag: str, sha: str) -> list[TriggerEvent]:
    return [
        TriggerEvent("release", f"refs/tags/{tag}", sha, DEVELOPER, {"action": action})
        for action in _PRERELEASE_ACTIONS
    ]


def _release_kind(workflows: Sequence[Workflow], tag: str, sha: str) -> str:
    """Choose the activity type for which a workflow starts; empty where none does."""
    for event in _release_events(tag, sha):
        if any(starts(flow, event) for flow in workflows):
            return event.action
    return ""
