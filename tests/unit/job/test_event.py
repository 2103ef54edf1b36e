"""The event of a run, as the runner describes it."""

import json
from pathlib import Path
from typing import Any

import pytest

from dist_actions.errors import InputError
from dist_actions.job.event import UNTRUSTED_EVENTS, Event, refuse_untrusted


def read(tmp_path: Path, payload: Any = None, **variables: str) -> Event:
    file = tmp_path / "event.json"
    file.write_text(json.dumps({} if payload is None else payload), encoding="utf-8")
    defaults = {
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_REF": "refs/heads/dev",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_EVENT_PATH": str(file),
    }
    return Event.from_environ({**defaults, **variables})


def test_a_push_to_a_branch(tmp_path: Path) -> None:
    event = read(tmp_path)

    assert event == Event("push", "refs/heads/dev", "a" * 40, "owner/name")
    assert (event.branch, event.tag) == ("dev", None)
    assert (event.owner, event.repository_name) == ("owner", "name")


@pytest.mark.parametrize(
    ("payload", "deleted", "in_fork"),
    [
        ({"deleted": True, "repository": {"fork": False}}, True, False),
        ({"deleted": False, "repository": {"fork": True}}, False, True),
    ],
    ids=["a branch that is deleted", "a push in a fork"],
)
def test_a_payload_tells_what_was_pushed_and_where(
    tmp_path: Path, payload: dict[str, Any], deleted: bool, in_fork: bool
) -> None:
    event = read(tmp_path, payload)

    assert (event.deleted, event.in_fork) == (deleted, in_fork)


def test_what_the_runner_leaves_out_is_empty() -> None:
    environ = {"GITHUB_EVENT_NAME": "push", "GITHUB_REPOSITORY": "owner/name"}

    assert Event.from_environ(environ) == Event("push", "", "", "owner/name")


@pytest.mark.parametrize(
    ("ref", "branch", "tag"),
    [
        ("refs/heads/refs/heads/dev", "refs/heads/dev", None),
        ("refs/heads/feature/x", "feature/x", None),
        ("refs/tags/v1", None, "v1"),
        ("refs/tags/refs/tags/v1", None, "refs/tags/v1"),
        ("refs/pull/1/merge", None, None),
        ("dev", None, None),
        ("", None, None),
    ],
)
def test_only_the_prefix_is_taken_off(
    tmp_path: Path, ref: str, branch: str | None, tag: str | None
) -> None:
    event = read(tmp_path, GITHUB_REF=ref)

    assert (event.branch, event.tag) == (branch, tag)


def test_the_base_of_what_is_to_be_merged(tmp_path: Path) -> None:
    pull = read(tmp_path, GITHUB_EVENT_NAME="pull_request", GITHUB_BASE_REF="feature/base")
    group = {"merge_group": {"base_ref": "refs/heads/qa"}}
    queued = read(tmp_path, group, GITHUB_EVENT_NAME="merge_group")

    assert (pull.base_branch, queued.base_branch, read(tmp_path).base_branch) == (
        "feature/base",
        "qa",
        "",
    )
    assert (pull.previews_merge, queued.previews_merge, read(tmp_path).previews_merge) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("pull", "from_fork"),
    [
        ({"head": {"repo": {"full_name": "o/r"}}}, False),
        ({"head": {"repo": {"full_name": "somebody/r"}}}, True),
        ({"head": {"repo": None}}, True),
    ],
    ids=["the repository itself", "a fork", "a fork that is deleted"],
)
def test_a_pull_request_tells_where_it_comes_from(
    tmp_path: Path, pull: dict[str, Any], from_fork: bool
) -> None:
    event = read(tmp_path, {"pull_request": pull}, GITHUB_REPOSITORY="o/r")
    assert event.from_fork is from_fork


def test_a_release_names_its_tag(tmp_path: Path) -> None:
    payload = {"release": {"tag_name": "v1.0.0"}}

    assert read(tmp_path, payload, GITHUB_EVENT_NAME="release").tag == "v1.0.0"
    assert read(tmp_path, {}, GITHUB_EVENT_NAME="release").tag is None


@pytest.mark.parametrize(
    "payload", [[], "x", 1, {"release": 1, "repository": []}, {"deleted": "true"}]
)
def test_a_payload_of_another_form_says_nothing(tmp_path: Path, payload: Any) -> None:
    event = read(tmp_path, payload)

    assert (event.deleted, event.in_fork, event.release_tag) == (False, False, "")


@pytest.mark.parametrize("content", ["", "{", "\xff", "[" * 100_000], ids=range(4))
def test_an_unreadable_payload_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content.encode("latin-1"))

    with pytest.raises(InputError, match="event file"):
        read(tmp_path, GITHUB_EVENT_PATH=str(file))


@pytest.mark.parametrize("name", ["GITHUB_EVENT_NAME", "GITHUB_REPOSITORY"])
def test_outside_a_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no workflow run"):
        read(tmp_path, **{name: ""})


@pytest.mark.parametrize("name", sorted(UNTRUSTED_EVENTS))
def test_untrusted_events(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=name):
        refuse_untrusted(read(tmp_path, GITHUB_EVENT_NAME=name))


@pytest.mark.parametrize("name", ["push", "release", "workflow_dispatch", "schedule"])
def test_trusted_events(tmp_path: Path, name: str) -> None:
    refuse_untrusted(read(tmp_path, GITHUB_EVENT_NAME=name))
