"""A manifest is held against the run: what no run says is never accepted."""

import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.folder import load_manifest
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest, manifest_files
from dist_actions.errors import DistActionsError, Location, ReleaseError
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.release_plan.agreement import (
    RunPlan,
    expected_manifest,
    find_differences,
    require_of_run,
)
from dist_actions.release_plan.carrying import (
    EarlierRelease,
    FileSource,
    carried_manifest,
    first_build,
    release_fields,
)
from dist_actions.release_plan.planning import (
    ReleasedPackage,
    ReleasePlan,
    Trees,
    plan_release,
)
from dist_actions.versions import ProjectVersion
from support.distributions.builders import PROJECT, make_manifest, write_release, write_wheel

COMMIT, TREE, EPOCH = "c" * 40, "d" * 40, 1_700_000_000
#: The build's own word: nothing is decided by it.
OWN_WORD = {"notes", "python", "backend", "normalised"}
#: Values that a hostile build could write anywhere.
HOSTILE: list[Any] = [
    "",
    "x",
    "prd",
    "v1.0.1",
    "other-team-lib",
    "Other_Team.Lib",
    "99.0.0",
    "e" * 40,
    "f" * 64,
    0,
    1,
    -1,
    1.0,
    True,
    False,
    None,
    [],
    {},
    [""],
    {"tag": "v9.9.9-qa"},
    "v0.1.0-dev\n",
    "\u202ev0.1.0-dev",
]


def plan(tag: str = "v0.1.0-dev") -> ReleasePlan:
    declared = ProjectVersion(
        canonicalize_name(PROJECT), Version("0.1.0"), "0.1.0", "tag", Location("pyproject.toml")
    )
    return plan_release(
        tag,
        COMMIT,
        declared,
        package=ReleasedPackage("v{version}{suffix}"),
        environments=DEFAULT_ENVIRONMENTS,
        trees=Trees(TREE),
    )


def run_of(source: FileSource, tag: str = "v0.1.0-dev") -> RunPlan:
    return RunPlan(plan(tag), source, EPOCH)


def write(dist: Path, run: RunPlan) -> Manifest:
    """Write what an honest build makes for a run."""
    manifest = make_manifest(
        dist,
        **release_fields(run.plan),
        built_for=first_build(run.plan),
        reason=run.source.reason,
    )
    if run.source.carried:
        manifest = carried_manifest(run.plan, run.source.carried, run.source.reason)
    (dist / MANIFEST_NAME).write_text(manifest.to_json())
    return manifest


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("dist")
    write_release(made)
    return made


def built() -> RunPlan:
    return run_of(FileSource("dev is the first environment"))


def carried(dist: Path) -> RunPlan:
    earlier = make_manifest(dist, **release_fields(plan()), built_for=first_build(plan()))
    environment = DEFAULT_ENVIRONMENTS.stages[0]
    release = EarlierRelease(
        environment,
        "v0.1.0-dev",
        COMMIT,
        Trees(TREE),
        manifest=earlier,
        manifest_sha256=earlier.sha256,
    )
    return run_of(FileSource("dev released this tree as 0.1.0", carried=release), "v0.1.0-qa")


def is_accepted(dist: Path, run: RunPlan, document: Any) -> bool:
    """Tell whether the publishing job takes a document for the manifest of a run."""
    data = (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
    (dist / MANIFEST_NAME).write_bytes(data)
    try:
        manifest = load_manifest(dist, hashlib.sha256(data).hexdigest(), lambda text: None)
        files = scan_folder(dist, besides=[MANIFEST_NAME])
        require_of_run(manifest, run, dist, files)
    except DistActionsError:
        return False
    return True


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the way to every value of a document."""
    if path:
        yield path
    inside = document.items() if isinstance(document, dict) else ()
    inside = enumerate(document) if isinstance(document, list) else inside
    for key, below in inside:
        yield from places(below, (*path, key))


def change(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Replace a value, as far as an earlier change left a way to it."""
    for key in path[:-1]:
        document = document[key] if not isinstance(document, (str, int, type(None))) else {}
    key = path[-1]
    if isinstance(document, dict) or (
        isinstance(document, list) and isinstance(key, int) and key < len(document)
    ):
        document[key] = value


def without_own_word(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in OWN_WORD}


@pytest.mark.parametrize("source", ["built", "carried"])
def test_what_the_build_of_the_run_wrote_is_accepted(dist: Path, source: str) -> None:
    run = built() if source == "built" else carried(dist)
    document = json.loads(write(dist, run).to_json())
    assert is_accepted(dist, run, document)


FORGERIES = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.sampled_from(HOSTILE) | st.text(max_size=50) | st.integers() | st.booleans(),
    ),
    min_size=1,
    max_size=2,
)


@pytest.mark.parametrize("source", ["built", "carried"])
@given(forgery=FORGERIES)
@settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_forged_manifest_is_accepted(
    dist: Path, source: str, forgery: list[tuple[int, Any]]
) -> None:
    """One field or two are replaced by any value; those of the build's own word stay."""
    run = built() if source == "built" else carried(dist)
    honest = json.loads(write(dist, run).to_json())
    forged = copy.deepcopy(honest)
    ways = [way for way in places(honest) if way[0] not in OWN_WORD]
    for number, value in forgery:
        change(forged, ways[number % len(ways)], value)
    if json.dumps(forged, sort_keys=True) == json.dumps(honest, sort_keys=True):
        return
    assert not is_accepted(dist, run, forged)


@pytest.mark.parametrize("source", ["built", "carried"])
def test_every_field_and_every_pair_of_fields_is_compared(dist: Path, source: str) -> None:
    """Values that are good ones elsewhere, so that only the run tells that they are not."""
    run = built() if source == "built" else carried(dist)
    honest = write(dist, run)
    other: dict[str, Any] = {
        "project": canonicalize_name("other-team-lib"),
        "version": Version("99.0.0"),
        "tag": "v1.0.1",
        "tag_format": "{version}{suffix}",
        "suffixes": ("-a", ""),
        "commit_sha": "e" * 40,
        "tree_sha": "e" * 40,
        "environment": "prd",
        "github_environment": "prd",
        "suffix": "-other",
        "prerelease": not honest.prerelease,
        "production": True,
        "source_date_epoch": 1,
        "files": honest.files[:1],
        "package_path": "packages/core",
        "leading": False,
        "package_tree": "e" * 40,
        "carried_from": None if honest.carried_from else carried_from(dist),
        "built_for": None,
        "reason": "other",
    }
    expected = expected_manifest(honest, run, scan_folder(dist, besides=[MANIFEST_NAME]), "")
    assert find_differences(honest, expected) == []
    for names in (*combinations(other, 1), *combinations(other, 2)):
        forged = replace(honest, **{name: other[name] for name in names})
        expected = expected_manifest(forged, run, scan_folder(dist, besides=[MANIFEST_NAME]), "")
        assert len(find_differences(forged, expected)) >= len(names), names


def carried_from(dist: Path) -> Any:
    run = carried(dist)
    assert run.source.carried
    return carried_manifest(run.plan, run.source.carried, "").carried_from


def test_the_wheels_word_wins_over_the_builds(tmp_path: Path) -> None:
    write_wheel(tmp_path, generator="hatchling 1.27.0")
    files = scan_folder(tmp_path)
    manifest = write(tmp_path, built())
    with pytest.raises(ReleaseError) as refused:
        require_of_run(manifest, built(), tmp_path, files, "the adopted manifest")
    assert refused.value.what == (
        "the adopted manifest is not of this run: "
        'backend is "hatchling.build", not "hatchling 1.27.0".'
    )
    require_of_run(replace(manifest, backend="hatchling 1.27.0"), built(), tmp_path, files)


def test_a_build_beside_an_earlier_one_says_of_its_times_what_that_one_says(dist: Path) -> None:
    """The files are compared byte by byte, so they must be made alike."""
    earlier = replace(write(dist, built()), source_date_epoch=7, normalised=True)
    release = EarlierRelease(
        DEFAULT_ENVIRONMENTS.stages[0],
        "v0.1.0-dev",
        COMMIT,
        Trees(TREE),
        manifest=earlier,
        manifest_sha256=earlier.sha256,
    )
    run = run_of(FileSource("artifacts is build", compared=release), "v0.1.0-qa")
    distributions = scan_folder(dist, besides=[MANIFEST_NAME])
    assert find_differences(
        write(dist, run), expected_manifest(write(dist, run), run, distributions, "")
    ) == ["normalised is false, not true", f"source-date-epoch is {EPOCH}, not 7"]


@pytest.mark.parametrize("python", ["3.10.0", "3.13.0+", "3.15.0a1+", "3.14.0rc2", "7.3.17"])
def test_versions_of_python_are_taken_as_they_are(dist: Path, python: str) -> None:
    manifest = replace(write(dist, built()), python=python)
    assert find_differences(manifest, manifest) == []


@pytest.mark.parametrize("python", ["", "3", "three", "3.13 ", "3.13`x`", "3." + "1" * 90])
def test_what_is_no_version_of_python_is_refused(dist: Path, python: str) -> None:
    manifest = replace(write(dist, built()), python=python)
    written = json.dumps(python)
    assert find_differences(manifest, manifest) == [
        f"python is {written[:100]}{'…' * (len(written) > 100)}, which is no version"
    ]


@pytest.mark.parametrize("length", [98, 99, 5000], ids=["longest", "too long", "much too long"])
def test_long_values_are_cut(dist: Path, length: int) -> None:
    manifest = replace(write(dist, built()), reason="x" * length)
    shown = f'"{"x" * 98}"' if length == 98 else f'"{"x" * 99}…'
    assert find_differences(manifest, replace(manifest, reason="")) == [
        f'reason is {shown}, not ""'
    ]


def test_what_one_side_lacks_is_absent(dist: Path) -> None:
    manifest = write(dist, built())
    fewer = replace(manifest, files=manifest.files[:1])
    path, sha256 = "files[1].", json.dumps(manifest.files[1].sha256)
    assert f"{path}sha256 is {sha256}, not absent" in find_differences(manifest, fewer)
    assert f"{path}sha256 is absent, not {sha256}" in find_differences(fewer, manifest)


def test_files_are_those_at_hand(dist: Path) -> None:
    honest = write(dist, built())
    distributions = scan_folder(dist, besides=[MANIFEST_NAME])
    assert honest.files == manifest_files(distributions)
