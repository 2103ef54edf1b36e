"""Whether a push is tagged, decided from what is known."""

from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.auto_tag.candidates import select_packages
from dist_actions.auto_tag.planning import (
    Candidate,
    ExistingTag,
    NothingToDo,
    OnUnbumped,
    UnversionedCandidate,
    plan_tag,
    tagged_versions,
    tree_in_message,
    triage,
)
from dist_actions.errors import InputError, Location
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS, EnvironmentMap
from dist_actions.pipeline.packages import Package, PackageFolder
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT, TagFormat
from dist_actions.versions import Deriver, ProjectVersion

HERE = Location("pyproject.toml", 3)
CANDIDATE = Candidate(
    DEFAULT_ENVIRONMENTS.stages[0],
    ProjectVersion(canonicalize_name("p"), Version("1.0"), "1.0", "project", HERE),
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

    assert not isinstance(found, NothingToDo)
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

    assert isinstance(found, NothingToDo)
    assert found.reason == reason


@pytest.mark.parametrize("trigger", ["pull_request", "merge_group"])
def test_a_dry_run_looks_at_what_a_merge_would_bring(trigger: str) -> None:
    preview = Event(trigger, "refs/pull/7/merge", "a" * 40, "owner/name", base_branch="qa")

    environment = triage(preview, DEFAULT_ENVIRONMENTS, dry_run=True)
    without = triage(preview, DEFAULT_ENVIRONMENTS)

    assert environment == DEFAULT_ENVIRONMENTS.stages[1]
    assert isinstance(without, NothingToDo)
    assert without.message.endswith("is not tagged. Only a dry run looks at it.")


@pytest.mark.parametrize(
    ("branch", "production", "hinted"),
    [("master", "main", True), ("main", "master", True), ("topic", "main", False)],
)
def test_a_default_branch_that_no_environment_has_is_named(
    branch: str, production: str, hinted: bool
) -> None:
    stage = replace(DEFAULT_ENVIRONMENTS.production, branch=production)

    unmapped = triage(event(ref=f"refs/heads/{branch}"), EnvironmentMap((stage,)))

    assert isinstance(unmapped, NothingToDo)
    assert (f'set branch = "{branch}" for prd in the settings' in unmapped.message) is hinted


@pytest.mark.parametrize(
    ("existing", "on_unbumped", "dry_run", "decided"),
    [
        (None, "warn", False, (True, "created", "notice", 0)),
        (None, "warn", True, (False, "dry-run", "notice", 0)),
        (ExistingTag("a" * 40), "fail", False, (False, "exists-same", "notice", 0)),
        (ExistingTag("a" * 40), "fail", True, (False, "exists-same", "notice", 0)),
        (ExistingTag("c" * 40, "b" * 40), "fail", False, (False, "exists-other", "notice", 0)),
        (ExistingTag("c" * 40, "d" * 40), "warn", False, (False, "exists-other", "warning", 0)),
        (ExistingTag("c" * 40, "d" * 40), "ok", False, (False, "exists-other", "notice", 0)),
        (ExistingTag("c" * 40, "d" * 40), "fail", False, (False, "exists-other", "error", 1)),
    ],
)
def test_plan(
    existing: ExistingTag | None,
    on_unbumped: OnUnbumped,
    dry_run: bool,
    decided: tuple[bool, str, str, int],
) -> None:
    made = plan_tag(CANDIDATE, existing, on_unbumped=on_unbumped, dry_run=dry_run)

    assert (made.create, made.reason, made.level, made.exit_status) == decided
    unbumped = existing is not None and existing.tree_sha == "d" * 40
    assert made.location == (HERE if unbumped else None)


def test_a_tags_message_tells_its_tree() -> None:
    assert tree_in_message(CANDIDATE.message) == "b" * 40
    assert CANDIDATE.message.startswith("v1.0-dev\n\nVersion: 1.0\nEnvironment: dev\n")


@pytest.mark.parametrize("message", ["", "v1", "A Tree: x", " Tree: x"])
def test_other_messages_do_not(message: str) -> None:
    assert tree_in_message(message) == ""


@pytest.mark.parametrize(
    ("folder", "reason", "said"),
    [
        (PackageFolder("packages/core"), "exists-other", "Why: the version was not raised"),
        (
            PackageFolder("packages/core", several=True),
            "unchanged",
            "Why: packages/core changed, and",
        ),
    ],
    ids=["the only package", "one of several"],
)
def test_one_package_of_several_is_judged_by_its_own_folder(
    folder: PackageFolder, reason: str, said: str
) -> None:
    candidate = replace(CANDIDATE, folder=folder)

    same = plan_tag(candidate, ExistingTag("c" * 40, "b" * 40), on_unbumped="fail", dry_run=False)
    other = plan_tag(candidate, ExistingTag("c" * 40, "d" * 40), on_unbumped="warn", dry_run=False)

    assert (same.reason, same.exit_status) == (reason, 0)
    assert (other.reason, other.level) == ("exists-other", "warning")
    assert said in other.message


UNVERSIONED = UnversionedCandidate(
    Deriver("setuptools-scm", HERE),
    environment=DEFAULT_ENVIRONMENTS.stages[1],
    previous=DEFAULT_ENVIRONMENTS.stages[0],
    tags=TagFormat(DEFAULT_TAG_FORMAT, "p", DEFAULT_ENVIRONMENTS.suffixes),
    commit_sha="a" * 40,
    tree_sha="b" * 40,
)


def test_promoted_versions_are_those_of_the_previous_environment_highest_first() -> None:
    tags = ["v1.9-dev", "v1.10-dev", "v2.0-qa", "v3.0", "other-4-dev", "v1.10rc1-dev"]

    versions = tagged_versions(UNVERSIONED, tags)

    assert [tagged.tag for tagged in versions if tagged.suffix == "-dev"] == [
        "v1.10-dev",
        "v1.10rc1-dev",
        "v1.9-dev",
    ]


def test_a_promoted_version_is_tagged_for_the_next_environment() -> None:
    candidate = UNVERSIONED.with_version(Version("1.10"))

    assert (candidate.tag, candidate.version.source) == ("v1.10-qa", "promotion")
    assert (candidate.version.name, candidate.version.location) == ("p", HERE)
    assert tree_in_message(candidate.message) == "b" * 40


PACKAGES = (
    Package(canonicalize_name("shop-core"), "packages/core"),
    Package(canonicalize_name("shop-cli"), "packages/cli"),
)


@pytest.mark.parametrize(
    ("name", "path", "chosen"),
    [
        ("", ".", PACKAGES),
        ("Shop.Core", ".", PACKAGES[:1]),
        ("", "packages/cli", PACKAGES[1:]),
        ("", "./packages/cli/", PACKAGES[1:]),
        ("shop_cli", "packages/cli", PACKAGES[1:]),
    ],
)
def test_inputs_select_packages(name: str, path: str, chosen: tuple[Package, ...]) -> None:
    assert select_packages(PACKAGES, name, path) == chosen


def test_nothing_is_selected_where_there_is_one_package() -> None:
    assert select_packages((), "", "packages/core") == ()


@pytest.mark.parametrize(
    ("packages", "name", "path"),
    [
        (PACKAGES, "shop", "."),
        (PACKAGES, "", "packages"),
        (PACKAGES, "shop-cli", "packages/core"),
        ((), "shop-cli", "."),
    ],
)
def test_a_package_that_is_not_there_is_refused(
    packages: tuple[Package, ...], name: str, path: str
) -> None:
    with pytest.raises(InputError, match="no such package") as raised:
        select_packages(packages, name, path)
    assert raised.value.anchor == "packages"
