"""What a tag releases."""

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.errors import InputError, Location, ReleaseError
from dist_actions.job.event import Event
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.packages import DEFAULT_PACKAGE_TAG_FORMAT, Package, PackageFolder
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import DEFAULT_TAG_FORMAT
from dist_actions.release_plan.planning import (
    ReleasedPackage,
    ReleasePlan,
    Trees,
    choose_package,
    choose_tag,
    plan_release,
    require_on_branch,
    require_same_commit,
)
from dist_actions.versions import ProjectVersion, VersionSource

COMMIT = "c" * 40
TREES = Trees("d" * 40)


def event(name: str = "push", ref: str = "refs/tags/v0.1.0-dev", **more: str) -> Event:
    return Event(name, ref, COMMIT, "eigenoid/eigenoid-sample", **more)  # type: ignore[arg-type]


def planned(tag: str, version: str = "0.1.0", tag_format: str = DEFAULT_TAG_FORMAT) -> ReleasePlan:
    found = ProjectVersion(
        canonicalize_name("demo"),
        Version(version),
        version,
        "project",
        Location("pyproject.toml", 7),
    )
    package = ReleasedPackage(tag_format)
    return plan_release(
        tag, COMMIT, found, package=package, environments=DEFAULT_ENVIRONMENTS, trees=TREES
    )


@pytest.mark.parametrize(
    ("of_event", "given", "tag"),
    [
        pytest.param(event(), "", "v0.1.0-dev", id="push of a tag"),
        pytest.param(
            event("release", "refs/tags/other", release_tag="v1.0.0"), "", "v1.0.0", id="release"
        ),
        pytest.param(
            event("workflow_dispatch", "refs/heads/main"), "v1.0.0", "v1.0.0", id="dispatch"
        ),
        pytest.param(event(), "v0.1.0-dev", "v0.1.0-dev", id="both name the same"),
    ],
)
def test_the_tag_comes_from_the_event_or_the_input(of_event: Event, given: str, tag: str) -> None:
    assert choose_tag(of_event, given) == tag


def test_a_run_for_one_tag_releases_no_other() -> None:
    with pytest.raises(InputError, match="but the input tag is"):
        choose_tag(event(), "v2.0.0")


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/pull/1/merge", ""])
def test_a_ref_that_is_no_tag_is_refused(ref: str) -> None:
    with pytest.raises(InputError, match="is not a tag") as raised:
        choose_tag(event(ref=ref), "")
    assert raised.value.anchor == "not-a-tag"


@pytest.mark.parametrize("given", ["refs/tags/..", "-v1", "v1 2", "v1;ls", "v1\u202e"])
def test_an_input_that_no_tag_can_be_is_refused(given: str) -> None:
    with pytest.raises(InputError, match="is no tag name"):
        choose_tag(event(), given)


@pytest.mark.parametrize(
    ("tag", "environment", "production"),
    [("v0.1.0-dev", "dev", False), ("v0.1.0-qa", "qa", False), ("v0.1.0", "prd", True)],
)
def test_the_suffix_tells_the_environment(tag: str, environment: str, production: bool) -> None:
    made = planned(tag)
    assert (made.environment.name, made.production) == (environment, production)
    assert made.environment.prerelease is not production


def test_a_tag_of_another_version_is_refused_where_the_version_stands() -> None:
    with pytest.raises(ReleaseError) as raised:
        planned("v0.2.0-dev")
    assert raised.value.what == ("The tag v0.2.0-dev says 0.2.0, but pyproject.toml:7 says 0.1.0.")
    assert raised.value.location == Location("pyproject.toml", 7)
    assert raised.value.anchor == "tag-version"


@pytest.mark.parametrize("tag", ["0.1.0", "v0.1.0-prd", "release", "v0.1.0-DEV", "v0.1.0-dev-qa"])
def test_a_tag_of_another_form_is_refused(tag: str) -> None:
    with pytest.raises(InputError, match="is not of the form") as raised:
        planned(tag)
    assert raised.value.anchor == "tag-format"


def test_versions_are_compared_as_versions() -> None:
    assert planned("v1.0-dev", "1.0.0").version == Version("1.0")


def test_a_format_with_a_name_tells_projects_apart() -> None:
    assert (
        planned("demo-v0.1.0-qa", tag_format="{name}-v{version}{suffix}").environment.name == "qa"
    )
    with pytest.raises(InputError):
        planned("other-v0.1.0-qa", tag_format="{name}-v{version}{suffix}")


def test_a_commit_beside_the_branch_is_refused() -> None:
    with pytest.raises(ReleaseError, match="which is not on the branch qa") as raised:
        require_on_branch(planned("v0.1.0-qa"), on_branch=False)
    assert raised.value.anchor == "tag-branch"
    require_on_branch(planned("v0.1.0-qa"), on_branch=True)


def test_another_checkout_than_the_tag_is_refused() -> None:
    with pytest.raises(ReleaseError, match="points to aaaaaaa, but bbbbbbb is checked out"):
        require_same_commit("v1", "a" * 40, "b" * 40)
    require_same_commit("v1", "a" * 40, "a" * 40)


NOTHING = VersionSource()
CORE = Package(
    canonicalize_name("shop-core"),
    "packages/core",
    VersionSource(file="core.py"),
    DEFAULT_PACKAGE_TAG_FORMAT,
)
CLI = Package(canonicalize_name("shop-cli"), "packages/cli", NOTHING, "cli@{version}{suffix}")
ROOT = Package(canonicalize_name("shop"), ".", NOTHING, DEFAULT_TAG_FORMAT)


def package_of(tag: str, *packages: Package, path: str = ".", file: str = "") -> ReleasedPackage:
    settings = Settings(packages=packages)
    return choose_package(settings, tag, path, VersionSource(file=file))


def test_the_only_package_is_where_the_input_says() -> None:
    made = choose_package(Settings("x{version}{suffix}"), "v1", "python", NOTHING)

    assert made == ReleasedPackage("x{version}{suffix}", folder=PackageFolder("python"))


def test_a_tag_tells_its_package() -> None:
    core, cli = package_of("shop-core-v1.0-qa", CORE, CLI), package_of("cli@2.0", CORE, CLI)

    assert core == ReleasedPackage(
        DEFAULT_PACKAGE_TAG_FORMAT,
        "shop-core",
        PackageFolder("packages/core", several=True),
        CORE.version_source,
    )
    assert (cli.name, cli.folder) == ("shop-cli", PackageFolder("packages/cli", several=True))


def test_an_input_says_better_where_a_version_stands() -> None:
    assert package_of("shop-core-v1.0", CORE, file="other.py").source.file == "other.py"


@pytest.mark.parametrize("tag", ["v1.0", "shop-v1.0", "cli@1.0-prd"])
def test_a_tag_of_no_package_is_refused(tag: str) -> None:
    with pytest.raises(InputError, match="is of none of this repository's packages") as raised:
        package_of(tag, CORE, CLI)
    assert "shop-core-v{version}{suffix} of shop-core, cli@{version}" in raised.value.why


@pytest.mark.parametrize(
    ("packages", "leading"),
    [((CORE, CLI), "shop-core-v1.0"), ((CLI, CORE), "cli@1.0"), ((CORE, ROOT, CLI), "v1.0")],
    ids=["the first", "the other first", "the root"],
)
def test_one_package_leads(packages: tuple[Package, ...], leading: str) -> None:
    tags = [
        tag for tag in ("shop-core-v1.0", "cli@1.0", "v1.0") if ROOT in packages or tag[0] != "v"
    ]

    assert [tag for tag in tags if package_of(tag, *packages).leading] == [leading]


def test_a_package_of_another_name_than_in_the_settings_is_refused() -> None:
    found = ProjectVersion(
        canonicalize_name("demo"), Version("1.0"), "1.0", "project", Location("p.toml", 3)
    )
    package = package_of("cli@1.0", CLI)

    with pytest.raises(InputError, match="names the project demo, the settings name it shop-cli"):
        plan_release(
            "cli@1.0",
            COMMIT,
            found,
            package=package,
            environments=DEFAULT_ENVIRONMENTS,
            trees=TREES,
        )
