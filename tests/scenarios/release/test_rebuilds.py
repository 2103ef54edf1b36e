"""Rebuilds are compared: with what an earlier environment released, and with a second build."""

from pathlib import Path

import pytest

from support.projects.carried import CarriedProject
from support.projects.releases import PYPROJECT, commit_version
from support.sandbox.fixtures import Sandbox, commit_file, git
from support.stages.running import StageRunner

#: A backend of the project's own, which writes something else each time.
RANDOM = """\
import os
from hatchling.build import *
from hatchling import build as _own
def build_sdist(*args, **more):
    with open("eigenoid_sample/moment.py", "w") as file:
        file.write(f"MOMENT = '{{os.urandom(4).hex()}}'\\n")
    return _own.build_sdist(*args, **more)
"""


@pytest.fixture
def buildable_travel(
    sandbox: Sandbox, run_stage: StageRunner, checkout: Path, tmp_path: Path
) -> CarriedProject:
    """Version 0.1.0, which can be built, tagged in dev."""
    made = CarriedProject(sandbox, run_stage, checkout, tmp_path)
    commit_file(checkout, ".gitignore", "dist/\n")
    commit_file(checkout, "eigenoid_sample/__init__.py", '"""A sample."""\n')
    commit_version(checkout, "0.1.0", PYPROJECT)
    made.tag("dev")
    return made


@pytest.mark.network
def test_the_same_and_other_bytes_are_told_apart(buildable_travel: CarriedProject) -> None:
    built = buildable_travel.phase("build", "dev", verify_rebuild="strict", normalise="true")
    assert built.exit_status == 0, built.log
    assert "The same bytes as a rebuild of this commit." in built.log
    assert "The same bytes in every file." in built.summary
    assert buildable_travel.publish("dev", built.outputs["manifest-sha256"]).exit_status == 0
    first = buildable_travel.manifest
    git("commit", "-q", "--allow-empty", "-m", "Merge", cwd=buildable_travel.checkout)
    buildable_travel.tag("qa")

    # Carried, and held against a build of qa's own commit, which is of another time.
    buildable_travel.empty()
    carried = buildable_travel.phase("build", "qa", verify_rebuild="strict")
    assert carried.exit_status == 0, carried.log
    assert "The same bytes as a rebuild of this commit." in carried.log

    # Built although it could be carried: the earlier time and normalisation make the same bytes.
    buildable_travel.empty()
    rebuilt = buildable_travel.phase("build", "qa", artifacts="build")
    assert rebuilt.exit_status == 0, rebuilt.log
    assert "The same bytes as the release v0.1.0-dev." in rebuilt.log
    assert buildable_travel.manifest["files"] == first["files"]
    assert buildable_travel.manifest["carried-from"] is None
    assert buildable_travel.manifest["built"]["tag"] == "v0.1.0-qa"
    assert "Built by `hatchling" in rebuilt.summary


@pytest.mark.network
def test_what_differs_is_named_with_a_way_to_the_cause(buildable_travel: CarriedProject) -> None:
    buildable_travel.release_by_hand("dev")
    buildable_travel.tag("qa")
    other = buildable_travel.phase("build", "qa", artifacts="build")
    assert other.exit_status == 0, other.log
    assert other.annotation.level == "warning"
    assert "The bytes differ from the release v0.1.0-dev in" in other.annotation.message
    assert "| file | member | difference |" in other.summary
    assert "missing" in other.summary
    assert "run `diffoscope` on both builds" in other.summary
    buildable_travel.empty()
    strict = buildable_travel.phase("build", "qa", artifacts="build", verify_rebuild="strict")
    assert strict.exit_status == 1
    assert "verify-rebuild is strict" in strict.annotation.message


@pytest.mark.network
def test_a_build_that_is_never_the_same_is_warned_of_or_refused(
    buildable_travel: CarriedProject,
) -> None:
    text = PYPROJECT.replace('"hatchling.build"', '"own"\nbackend-path = ["."]')
    commit_file(buildable_travel.checkout, "own.py", RANDOM.replace("{{", "{").replace("}}", "}"))
    commit_version(buildable_travel.checkout, "0.1.0", text)
    git("tag", "-d", "v0.1.0-dev", cwd=buildable_travel.checkout)
    git("push", "-q", "origin", ":refs/tags/v0.1.0-dev", cwd=buildable_travel.checkout)
    buildable_travel.tag("dev")
    warned = buildable_travel.phase("build", "dev", verify_rebuild="warn")
    assert warned.exit_status == 0, warned.log
    assert "The bytes differ from a rebuild of this commit" in warned.annotation.message
    assert "`eigenoid_sample/moment.py` | different contents |" in warned.summary
    assert "eigenoid_sample/moment.py: different contents" in warned.annotation.message
    buildable_travel.empty()
    refused = buildable_travel.phase("build", "dev", verify_rebuild="strict")
    assert refused.exit_status == 1
    assert "something besides the commit decides the bytes" in refused.annotation.message
    assert "normalise to true" in refused.annotation.message
    assert "diffoscope" in refused.annotation.message
