"""Checks of what starts the workflows, and of the branches that hold them; pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from packaging.version import Version

from dist_actions.doctor.facts import Facts, known
from dist_actions.doctor.findings import Check, NotCheckedError, Problem
from dist_actions.doctor.workflows import Workflow
from dist_actions.errors import PAGES, Location
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.filter_patterns import matches_any

#: Versions whose tags must start a release.
SAMPLES = (Version("1.2.3"), Version("10.0"))
#: Events that a person or another workflow causes, so that no filter has to fit.
_BY_HAND = frozenset({"workflow_dispatch", "workflow_call", "workflow_run", "schedule"})
#: Events for which GitHub takes the workflow of the default branch alone.
_ON_DEFAULT_BRANCH = frozenset({"workflow_dispatch", "workflow_run", "schedule"})
_WILD = frozenset("*?+[!")
_GREEN = "troubleshooting.md#it-is-green-but-nothing-happens"


def find_missing_workflows(facts: Facts) -> Iterator[Problem]:
    """Find parts of the pipeline that no workflow carries out."""
    stages = facts.pipeline.environments.stages
    if not any(workflow.is_ours for workflow in facts.workflows):
        yield _missing("No workflow uses dist-actions", "nothing is tagged or published.")
        return
    if not any(workflow.releases for workflow in facts.workflows):
        yield _missing("No workflow publishes", "tags stay without a release.")
    tags = any(workflow.tags for workflow in facts.workflows)
    promotes = any(workflow.promotes for workflow in facts.workflows)
    if promotes and not tags:
        yield _missing(
            "No workflow makes tags", "a push is released only when somebody tags it by hand."
        )
    if tags and not promotes and len(stages) > 1:
        yield _missing("No workflow promotes", f"versions stay in {stages[0].name}.")


def find_unreadable_workflows(facts: Facts) -> Iterator[Problem]:
    """Find files that GitHub cannot read."""
    return iter(facts.project.unreadable)


def find_untagged_branches(facts: Facts) -> Iterator[Problem]:
    """Find environments whose branch starts no workflow that tags."""
    tagging = facts.tagging_workflows
    pushed = [workflow for workflow in tagging if "push" in workflow.triggers]
    for stage in facts.pipeline.environments.stages:
        if any(_starts(workflow, "branches", stage.branch) for workflow in pushed):
            continue
        if not pushed and any(_BY_HAND & workflow.triggers.keys() for workflow in tagging):
            continue
        yield Problem(
            f"A push to {stage.branch} starts no workflow that makes tags.",
            f"nothing is released in {stage.name}.",
            f"add {stage.branch} to `on: push: branches:` of {tagging[0].path}.",
            tagging[0].trigger_place.at("push"),
        )


def find_unmapped_branches(facts: Facts) -> Iterator[Problem]:
    """Find branches whose pushes start a workflow that tags, though they are no environment's."""
    environments = facts.pipeline.environments
    for workflow in facts.tagging_workflows:
        for branch in read_patterns(workflow.triggers.get("push", {}), "branches") or ():
            if not _WILD & set(branch) and environments.of_branch(branch) is None:
                names = ", ".join(stage.branch for stage in environments.stages)
                yield Problem(
                    f"{workflow.path} starts for pushes to {branch}, which is no environment's "
                    "branch.",
                    f"such a run ends green, and tags nothing; the environments have {names}.",
                    f"leave {branch} out there, or add an environment with it to the settings.",
                    workflow.trigger_place.at("push"),
                )


def find_unreleased_tags(facts: Facts) -> Iterator[Problem]:
    """Find environments whose tags start no workflow that publishes."""
    releasing = [workflow for workflow in facts.workflows if workflow.releases]
    filtered = [w for w in releasing if "tags" in w.triggers.get("push", {})]
    if not filtered or filtered != releasing:
        raise NotCheckedError("no push of a tag starts what publishes")
    for stage in facts.pipeline.environments.stages:
        for tag in sample_tags(facts, stage):
            if not any(_starts(workflow, "tags", tag) for workflow in releasing):
                yield Problem(
                    f"The tag {tag} starts no workflow that publishes.",
                    f"what is tagged for {stage.name} is never released.",
                    f"let `on: push: tags:` of {releasing[0].path} match such tags.",
                    releasing[0].trigger_place.at("push"),
                )
                break


def find_unpromoted_releases(facts: Facts) -> Iterator[Problem]:
    """Find workflows that promote, and do not start for a published release."""
    for workflow in facts.promoting_workflows:
        types = read_patterns(workflow.triggers.get("release", {}), "types")
        is_missed = "release" in workflow.triggers and "published" not in (types or ["published"])
        if is_missed or not {"release", "push", *_BY_HAND} & workflow.triggers.keys():
            yield Problem(
                f"{workflow.path} does not start when a release is published.",
                "promotion waits until somebody starts it; `created` and `released` leave out what "
                "is published from a draft, or pre-releases.",
                f"write `on: release: types: [published]` in {workflow.path}.",
                workflow.trigger_place.at("release"),
            )


def find_misplaced_workflows(facts: Facts) -> Iterator[Problem]:
    """Find workflows that the default branch lacks, though GitHub looks for them there alone."""
    branches = known(facts.branches)
    files = branches.workflows.get(branches.default) or frozenset()
    for workflow in facts.own_workflows:
        events = sorted(_ON_DEFAULT_BRANCH & workflow.triggers.keys())
        if events and workflow.name not in files:
            yield Problem(
                f"The default branch {branches.default} lacks {workflow.path}.",
                f"GitHub starts it for {', '.join(events)} from the default branch alone.",
                f"bring {workflow.path} to {branches.default} by a pull request.",
                Location(workflow.path),
            )


def find_incomplete_branches(facts: Facts) -> Iterator[Problem]:
    """Find branches of environments that do not exist, or lack a workflow that they start.

    Promotions bring the workflows to the later branches.
    """
    _ = facts.tagging_workflows
    branches = known(facts.branches)
    stages = facts.pipeline.environments.stages
    first, names = stages[0], [branches.default, *(stage.branch for stage in stages)]
    present = (name for name in names if branches.workflows.get(name) is not None)
    start = next((f"origin/{name}" for name in present), "HEAD")
    for stage in stages:
        files = branches.workflows.get(stage.branch)
        if files is None:
            yield Problem(
                f"There is no branch {stage.branch} on GitHub.",
                f"nothing can be released in {stage.name}, or promoted to it.",
                f"`git push origin {start}:refs/heads/{stage.branch}`",
            )
            continue
        for workflow in facts.workflows if stage == first else ():
            does_something = workflow.tags or workflow.releases
            is_started = does_something and "push" in workflow.triggers
            if is_started and workflow.name not in files:
                yield Problem(
                    f"The branch {stage.branch} lacks {workflow.path}.",
                    "GitHub takes the workflows of the pushed or tagged commit.",
                    f"bring {workflow.path} to {stage.branch}, best by a merge.",
                    Location(workflow.path),
                )


def sample_tags(facts: Facts, stage: Environment) -> tuple[str, ...]:
    """Write tags as they are made for an environment."""
    forms = [package.tags for package in facts.project.packages if package.tags]
    return tuple(form.format(version, stage.suffix) for form in forms for version in SAMPLES)


def _starts(workflow: Workflow, kind: str, name: str) -> bool:
    """Tell whether a push of a branch or tag starts a workflow."""
    filters = workflow.triggers.get("push", {})
    included, ignored = read_patterns(filters, kind), read_patterns(filters, f"{kind}-ignore")
    if included is not None:
        return matches_any(included, name)
    if ignored is not None:
        return not matches_any(ignored, name)
    other_kind = "tags" if kind == "branches" else "branches"
    return not {other_kind, f"{other_kind}-ignore"} & filters.keys()


def read_patterns(filters: Mapping[str, Any], kind: str) -> Sequence[str] | None:
    """Read a filter of an event, one pattern or several; None where it has none of this kind."""
    value = filters.get(kind)
    if value is None:
        return None
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


def _missing(problem: str, consequence: str) -> Problem:
    return Problem(
        f"{problem}.",
        consequence,
        "`dist-actions init` writes the workflows that fit; or copy them from "
        f"{PAGES}/examples/README.md.",
    )


CHECKS = (
    Check(
        "workflow-files",
        "GitHub can read every workflow",
        "error",
        find_unreadable_workflows,
        "setup.md#workflows",
    ),
    Check(
        "workflows-complete",
        "Workflows tag, publish and promote",
        "error",
        find_missing_workflows,
        "setup.md#workflows",
    ),
    Check(
        "branches-are-tagged",
        "A push to each environment's branch is tagged",
        "error",
        find_untagged_branches,
        _GREEN,
    ),
    Check(
        "branches-are-mapped",
        "Each branch that is tagged is an environment's",
        "warning",
        find_unmapped_branches,
        _GREEN,
    ),
    Check(
        "tags-are-released",
        "Each environment's tags are published",
        "error",
        find_unreleased_tags,
        _GREEN,
    ),
    Check(
        "releases-are-promoted",
        "A published release starts its promotion",
        "error",
        find_unpromoted_releases,
        "promotion.md",
    ),
    Check(
        "default-branch",
        "The default branch has the workflows that start from it",
        "warning",
        find_misplaced_workflows,
        _GREEN,
    ),
    Check(
        "environment-branches",
        "Each environment's branch exists, the first one with its workflows",
        "error",
        find_incomplete_branches,
        "setup.md#workflows",
    ),
)
