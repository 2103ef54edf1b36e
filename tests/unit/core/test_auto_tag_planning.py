"""Whether a push is tagged, decided from what is known."""

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.auto_tag.planning import (
    Candidate,
    Existing,
    Idle,
    OnUnbumped,
    plan,
    tree_in_message,
    triage,
)
from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.errors import Location
from dist_actions.event import Event
from dist_actions.versions import VersionFound

HERE = Location("pyproject.toml", 3)
CANDIDATE = Candidate(
    DEFAULT_ENVIRONMENTS.stages[0],
    VersionFound(canonicalize_name("p"), Version("1.0"), "1.0", "project", HERE),
    "v1.0-dev",
    commit_sha="a" * 40,
    tree_sha="b" * 40,
)


def event(name: str = "push", ref: str = "refs/heads/dev", *, deleted: bool = False) -> Event:
    return Event(name, ref, "a" * 40, "owner/name", deleted=deleted)


@pytest.mark.parametrize(("ref", "name"), [("dev", "dev"), ("qa", "qa"), ("main", "prd")])
@pytest.mark.parametrize("trigger", ["push", "workflow_dispatch"])
def test_a_branch_belongs_to_its_environment(ref: str, name: str, trigger: str) -> None:
    found = triage(event(trigger, f"refs/heads/{ref}"), DEFAULT_ENVIRONMENTS)

    assert not isinstance(found, Idle)
    assert found.name == name


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (event(ref="refs/heads/maintain"), "unmapped-branch"),
        (event(ref="refs/tags/dev"), "not-a-push"),
        (event(deleted=True), "not-a-push"),
        (event("pull_request"), "not-a-push"),
        (event("create"), "not-a-push"),
    ],
)
def test_nothing_to_do(given: Event, reason: str) -> None:
    found = triage(given, DEFAULT_ENVIRONMENTS)

    assert isinstance(found, Idle)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("existing", "on_unbumped", "dry_run", "decided"),
    [
        (None, "warn", False, (True, "created", "notice", 0)),
        (None, "warn", True, (False, "dry-run", "notice", 0)),
        (Existing("a" * 40), "fail", False, (False, "exists-same", "notice", 0)),
        (Existing("a" * 40), "fail", True, (False, "exists-same", "notice", 0)),
        (Existing("c" * 40, "b" * 40), "fail", False, (False, "exists-other", "notice", 0)),
        (Existing("c" * 40, "d" * 40), "warn", False, (False, "exists-other", "warning", 0)),
        (Existing("c" * 40, "d" * 40), "ok", False, (False, "exists-other", "notice", 0)),
        (Existing("c" * 40, "d" * 40), "fail", False, (False, "exists-other", "error", 1)),
    ],
)
def test_plan(
    existing: Existing | None,
    on_unbumped: OnUnbumped,
    dry_run: bool,
    decided: tuple[bool, str, str, int],
) -> None:
    made = plan(CANDIDATE, existing, on_unbumped=on_unbumped, dry_run=dry_run)

    assert (made.create, made.reason, made.level, made.exit_status) == decided
    unbumped = existing is not None and existing.tree_sha == "d" * 40
    assert made.location == (HERE if unbumped else None)


def test_a_tags_message_tells_its_tree() -> None:
    assert tree_in_message(CANDIDATE.message) == "b" * 40
    assert CANDIDATE.message.startswith("v1.0-dev\n\nVersion: 1.0\nEnvironment: dev\n")


@pytest.mark.parametrize("message", ["", "v1", "A Tree: x", " Tree: x"])
def test_other_messages_do_not(message: str) -> None:
    assert tree_in_message(message) == ""
