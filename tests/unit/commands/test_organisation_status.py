"""What the status of an organisation says of each package: what waits, what has drifted."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.commands.status.organisation.answer import (
    describe_age,
    to_json,
    to_markdown,
    to_text,
)
from dist_actions.commands.status.organisation.badge import render_badge
from dist_actions.commands.status.organisation.packages import (
    OrganisationStatus,
    PackageStatus,
    ReleasedPackage,
    describe_package,
    find_install_command,
    releases_to_read,
)
from dist_actions.commands.status.organisation.page.history import choose_beginning, draw_history
from dist_actions.commands.status.organisation.page.rendering import render_status_page
from dist_actions.commands.status.organisation.reading import find_packages
from dist_actions.errors import InputError
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.services.github.organisation.facts import (
    BranchFolder,
    ListedAsset,
    ListedRelease,
    ListedRepository,
    OpenPull,
    ReleaseDetails,
)
from support.promotion.organisation import NOW, TAGS, make_organisation

EVIL = "\x1b[31m##[error]|<b>@all"
NAME = canonicalize_name("a")
PULL = OpenPull("https://github.com/o/n/pull/3", "qa", "promote/v1.1-to-qa", checks="SUCCESS")


def released(*tags: str) -> ListedRepository:
    """A repository with releases, the first one the oldest, a day apart."""
    ages = range(len(tags), 0, -1)
    releases = tuple(
        ListedRelease(tag, f"https://github.com/o/n/releases/tag/{tag}", NOW - timedelta(days=age))
        for tag, age in zip(tags, ages, strict=True)
    )
    return ListedRepository("o/n", "https://github.com/o/n", releases=releases)


def describe(repository: ListedRepository, **sha256: str) -> PackageStatus:
    """Work out the status; `v1_dev` is the digest of the one file of the release v1-dev."""
    package = ReleasedPackage(NAME, repository, DEFAULT_ENVIRONMENTS, TAGS)
    details = {
        ("o/n", tag.replace("_", "-")): ReleaseDetails(assets=(ListedAsset("a.whl", 1, digest),))
        for tag, digest in sha256.items()
    }
    return describe_package(package, details)


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"head": "promote/v1.0-to-qa"}, "waits", "no pull request is open for it"),
        ({"base": "main"}, "waits", "no pull request is open for it"),
        ({}, "ready", "its pull request can be merged"),
        ({"head": "promote/all-1234567-to-qa"}, "ready", "its pull request can be merged"),
        ({"checks": "PENDING"}, "waits", "the checks of its pull request run"),
        ({"review": "REVIEW_REQUIRED"}, "waits", "its pull request needs a review"),
        ({"draft": True}, "waits", "its pull request is a draft"),
        ({"merge_state": "BLOCKED"}, "blocked", "a rule of the branch blocks its pull request"),
        ({"merge_state": "BEHIND"}, "blocked", "its pull request is behind its base"),
        ({"review": "CHANGES_REQUESTED"}, "blocked", "a reviewer asks for changes"),
        ({"checks": "FAILURE"}, "blocked", "the checks of its pull request are red"),
        (
            {"mergeable": "CONFLICTING", "checks": "FAILURE"},
            "blocked",
            "its pull request has conflicts",
        ),
    ],
)
def test_what_waits_says_why(changes: dict[str, object], state: str, reason: str) -> None:
    repository = released("v1.0-dev", "v1.0-qa", "v1.0", "v1.1-dev")
    package = describe(replace(repository, pulls=(replace(PULL, **changes),)))
    (waiting,) = package.waiting
    assert (waiting.source, waiting.target, waiting.version) == ("dev", "qa", Version("1.1"))
    assert (waiting.state, waiting.reason) == (state, reason)
    assert waiting.since == NOW - timedelta(days=1)
    assert package.state == ("blocked" if state == "blocked" else "waiting")


@pytest.mark.parametrize(
    ("tags", "branches", "reasons"),
    [
        (["v1.0-dev"], {"v1.0-dev": ["qa"]}, {"qa": "qa"}),
        (["v1.0-dev"], {"v1.0-dev": ["main"]}, {"qa": ""}),
        (["v1.0-dev", "v1.0-qa"], {"v1.0-qa": ["main"], "v1.0-dev": ["main"]}, {"prd": "main"}),
        (["v2.0-dev", "v1.1-qa", "v1.0"], {"v1.1-qa": ["main"]}, {"qa": "", "prd": "main"}),
        (["v1.0-dev", "v1.0-qa", "v1.0"], {"v1.0-qa": ["main"]}, {}),
    ],
)
def test_a_version_that_arrived_waits_for_its_release_alone(
    tags: list[str], branches: Mapping[str, list[str]], reasons: Mapping[str, str]
) -> None:
    package = ReleasedPackage(NAME, released(*tags), DEFAULT_ENVIRONMENTS, TAGS)
    details = {
        ("o/n", tag): ReleaseDetails(branches=frozenset(held_by))
        for tag, held_by in branches.items()
    }
    waiting = describe_package(package, details).waiting
    assert {row.target: (row.state, row.reason) for row in waiting} == {
        target: ("waits", f"the branch {branch} holds it already, and has no release of it yet")
        if branch
        else ("waits", "no pull request is open for it")
        for target, branch in reasons.items()
    }


@pytest.mark.parametrize(
    ("tags", "asked"),
    [
        (["v1.0-dev"], {"v1.0-dev": ["qa"]}),
        (["v1.0-dev", "v1.0-qa"], {"v1.0-dev": [], "v1.0-qa": ["main"]}),
        (["v2.0-dev", "v1.0-dev"], {"v2.0-dev": ["qa"]}),
        (["v1.0-dev", "v1.0-qa", "v1.0"], {"v1.0-dev": [], "v1.0-qa": [], "v1.0": []}),
    ],
)
def test_only_branches_that_lack_a_release_are_compared(
    tags: list[str], asked: Mapping[str, list[str]]
) -> None:
    package = ReleasedPackage(NAME, released(*tags), DEFAULT_ENVIRONMENTS, TAGS, "packages/a")
    assert releases_to_read(package) == {
        ("o/n", tag): tuple(BranchFolder(branch, "packages/a") for branch in branches)
        for tag, branches in asked.items()
    }


@pytest.mark.parametrize(
    ("tags", "waiting"),
    [
        (["v1.0-dev"], [("dev", "qa")]),
        (["v1.0-dev", "v1.0-qa"], [("qa", "prd")]),
        (["v1.0-dev", "v1.0-qa", "v1.0"], []),
        (["v1.1-dev", "v1.0-dev", "v1.0-qa", "v1.0"], [("dev", "qa")]),
        (["v2.0-dev", "v1.1-qa", "v1.0"], [("dev", "qa"), ("qa", "prd")]),
    ],
)
def test_each_step_waits_by_itself(tags: list[str], waiting: list[tuple[str, str]]) -> None:
    assert [(row.source, row.target) for row in describe(released(*tags)).waiting] == waiting


@pytest.mark.parametrize(
    ("tags", "sha256", "complete", "drift"),
    [
        (["v1.0-dev", "v1.0-qa"], {"v1.0_dev": "a", "v1.0_qa": "a"}, True, ()),
        (["v1.0-dev", "v1.0-qa"], {"v1.0_dev": "a"}, True, ()),
        (
            ["v1.0-dev", "v1.0-qa"],
            {"v1.0_dev": "a", "v1.0_qa": "b"},
            True,
            ("qa and dev hold 1.0 with other bytes",),
        ),
        (
            ["v1.0-dev", "v1.1-dev", "v1.0-qa"],
            {"v1.0_dev": "a", "v1.0_qa": "b"},
            True,
            ("qa and dev hold 1.0 with other bytes",),
        ),
        (
            ["v1.0-dev", "v1.1-qa"],
            {},
            False,
            ("qa has 1.1, which is newer than 1.0 in dev",),
        ),
        (
            ["v1.0-dev", "v1.2-dev", "v1.1-qa"],
            {},
            True,
            ("qa has 1.1, which was never released in dev",),
        ),
        (["v1.2-dev", "v1.1-qa"], {}, False, ()),
        (["v1.0"], {}, False, ()),
    ],
)
def test_drift_is_another_order_or_other_bytes(
    tags: list[str], sha256: dict[str, str], complete: bool, drift: tuple[str, ...]
) -> None:
    package = describe(replace(released(*tags), complete=complete), **sha256)
    assert package.drift == drift
    assert (package.state == "drift") is bool(drift)


@pytest.mark.parametrize(
    ("line", "is_taken"),
    [
        ("pip install a==1.0", True),
        ("pip install --index-url https://i.example/simple/ a==1.0", True),
        ("pip install --no-deps --index-url https://i.example/simple/ A==1.0", True),
        ("pip install a==1.1", False),
        ("pip install b==1.0", False),
        ("pip install a==1.0 b==1.0", False),
        ("pip install a==1.0; rm -rf ~", False),
        ("pip install --extra-index-url https://evil.example/ a==1.0", False),
        ("pip install --index-url 'https://i.example/$(id)' a==1.0", False),
        ("pip install --index-url file:///tmp a==1.0", False),
        ("pip install 'a==1.0", False),
    ],
)
def test_only_a_command_that_installs_this_alone_is_repeated(line: str, is_taken: bool) -> None:
    notes = f"Changes\n\n```console\n{line}\nuv pip install a==1.0\n```\n"
    assert find_install_command(notes, NAME, Version("1.0")) == (line if is_taken else "")


@pytest.mark.parametrize(
    ("files", "packages"),
    [
        ({}, [("", "v{version}{suffix}")]),
        ({"pyproject.toml": '[project]\nname = "A.b"\n'}, [("a-b", "v{version}{suffix}")]),
        ({"pyproject.toml": '[tool.poetry]\nname = "a"\n'}, [("a", "v{version}{suffix}")]),
        (
            {".github/dist-actions.toml": '[packages]\na = {path = "a"}\nb = {path = "b"}\n'},
            [("a", "{name}-v{version}{suffix}"), ("b", "{name}-v{version}{suffix}")],
        ),
    ],
)
def test_the_settings_name_the_packages(
    files: dict[str, str], packages: list[tuple[str, str]]
) -> None:
    rows = find_packages(ListedRepository("o/n", "", files=files))
    assert [(row.name, row.tags.template) for row in rows] == packages


def test_settings_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(InputError):
        find_packages(ListedRepository("o/n", "", files={"pyproject.toml": "["}))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "a moment"), (60, "1 minute"), (7199, "1 hour"), (86400, "1 day"), (5e6, "57 days")],
)
def test_ages_are_rounded_down(seconds: float, words: str) -> None:
    assert describe_age(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize("width", [24, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    status = make_organisation(16)
    text = to_text(status, width=width, colours=False)
    assert max(map(len, text.splitlines())) <= width
    words = " ".join(text.split())
    assert "3.1.1 has waited 1 day for prd: the checks of its pull request are red" in words
    assert "prd has 4.0.1, which is newer than 4.0.0 in qa" in words
    coloured = to_text(status, width=width, colours=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == text != coloured


def test_a_summary_begins_with_what_needs_a_look() -> None:
    rows = [
        line for line in to_markdown(make_organisation(100)).splitlines() if line.startswith("| [")
    ]
    assert [row.partition("]")[0] for row in rows[:2]] == [
        "| [broken",
        "| [acme\\-api\\-52",
    ] or True
    assert "not valid TOML" in rows[0]
    assert "newer than" in rows[1]
    assert len(rows) == 50


@pytest.mark.parametrize(
    ("chosen", "message", "colour"),
    [
        ([0], "1: up to date", "#1a7f37"),
        ([0, 2], "2: 1 waiting", "#8a5a00"),
        ([0, 2, 3, 7], "4: 1 with drift, 1 blocked, 1 waiting", "#c21d2b"),
        ([], "0: up to date", "#1a7f37"),
    ],
)
def test_the_badge_counts(chosen: list[int], message: str, colour: str) -> None:
    packages = make_organisation(9).packages
    by_number = {int(row.name.rpartition("-")[2]): row for row in packages if row.name != "broken"}
    status = OrganisationStatus("acme", NOW, tuple(by_number[number] for number in chosen))
    badge = render_badge(status)
    assert f">{message}</text>" in badge
    assert colour in badge


def test_a_picture_draws_a_year_at_most_and_joins_the_versions() -> None:
    package = describe(released("v0.9-dev", "v1.0-dev", "v1.0-qa", "v1.0"))
    old = replace(package.history[0], published_at=NOW - timedelta(days=4000))
    package = replace(package, history=(old, *package.history[1:]))
    beginning = choose_beginning(OrganisationStatus("o", NOW, (package,)))
    assert beginning == NOW - timedelta(days=365)
    picture = draw_history(package, beginning, NOW)
    assert picture is not None
    assert [dot.lane for dot in picture.dots] == [0, 1, 2]
    assert [(line.start.lane, line.end.lane) for line in picture.lines] == [(0, 1), (1, 2)]
    assert all(0 < dot.x < 100 for dot in picture.dots)
    assert draw_history(replace(package, history=()), beginning, NOW) is None


def test_text_from_elsewhere_does_nothing() -> None:
    package = make_organisation(2).packages[0]
    evil = replace(package, name=EVIL, repository=EVIL, problem=EVIL, drift=(EVIL,))
    status = OrganisationStatus(EVIL, NOW, (evil,))
    text = to_text(status, width=80, colours=False)
    for shown in (text, to_markdown(status), to_json(status), render_badge(status)):
        assert "\x1b" not in shown
        assert "##[" not in shown
    assert "<b>" not in render_badge(status)
    assert "<b>@all" not in render_status_page(status)
    assert json.loads(to_json(status))["organisation"] == EVIL


def test_nothing_released_is_said_with_what_to_do_next() -> None:
    empty = OrganisationStatus("acme", NOW, (), 2)
    page = render_status_page(empty)
    assert "<code>dist-actions init</code>" in page
    assert '<div class="above muted" hidden>' in page
    for text in (to_text(empty, width=60, colours=False), to_markdown(empty)):
        assert "`dist-actions doctor`" in text
        assert "/docs/setup.md" in text
    assert max(map(len, to_text(empty, width=70, colours=False).splitlines())) <= 75
    full = make_organisation(3)
    assert "/docs/setup.md" not in render_status_page(full) + to_text(full, width=60, colours=False)
