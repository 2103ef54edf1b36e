"""The phase `collect`: what several jobs built becomes one release, which is carried as one."""

import hashlib
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.distributions.builders import write_sdist, write_wheel
from support.projects.carried import CarriedProject, assert_refused
from support.projects.releases import commit_version
from support.sandbox.fixtures import Sandbox, commit_file
from support.stages.running import StageRunner

LINUX = "cp313-cp313-manylinux_2_28_x86_64"
PLAIN_LINUX = "cp313-cp313-linux_x86_64"
MACOS = "cp313-cp313-macosx_11_0_arm64"
WINDOWS = "cp313-cp313-win_amd64"


@pytest.fixture
def parts(
    sandbox: Sandbox, run_stage: StageRunner, checkout: Path, tmp_path: Path
) -> CarriedProject:
    """Version 0.1.0, tagged in dev, whose artifacts a job downloaded, each into its folder."""
    made = CarriedProject(sandbox, run_stage, checkout, tmp_path)
    commit_file(checkout, ".gitignore", "dist/\n")
    commit_version(checkout, "0.1.0")
    made.tag("dev")
    write_sdist(made.dist / "dist-sdist")
    for runner, tag in (("ubuntu", LINUX), ("macos", MACOS), ("windows", WINDOWS)):
        write_wheel(made.dist / f"dist-wheels-{runner}", tag=tag)
    return made


def names(parts: CarriedProject) -> list[str]:
    return sorted(path.relative_to(parts.dist).as_posix() for path in parts.dist.rglob("*"))


def test_files_of_several_jobs_are_published_and_carried_as_one_set(
    parts: CarriedProject,
) -> None:
    files = {path.name: path.read_bytes() for path in parts.dist.rglob("*.*")}
    collected = parts.phase("collect", "dev")
    assert (collected.exit_status, collected.changes) == (0, ()), collected.log
    assert names(parts) == sorted([*files, MANIFEST_NAME])
    listed = collected.outputs["distributions"].split()
    assert (listed[-1], sorted(listed)) == ("eigenoid_sample-0.1.0.tar.gz", sorted(files))
    digest = collected.outputs["manifest-sha256"]
    assert digest == hashlib.sha256((parts.dist / MANIFEST_NAME).read_bytes()).hexdigest()
    assert re.search(r"Built by `[\w.]+` in several jobs, from commit", collected.summary)
    assert "eigenoid_sample-0.1.0.tar.gz is from dist-sdist/" in collected.log
    published = parts.publish("dev", digest)
    assert published.exit_status == 0, published.log

    epoch = str(parts.manifest["source-date-epoch"])
    parts.tag("qa")
    parts.empty()
    planned = parts.phase("plan", "qa")
    assert planned.outputs["source-date-epoch"] == epoch
    carried = planned.outputs["carried-manifest-sha256"]
    again = parts.phase("collect", "qa", carried_manifest_sha256=carried)
    assert again.exit_status == 0, again.log
    assert {path.name: path.read_bytes() for path in parts.dist.glob("eigenoid*")} == files
    out = parts.publish("qa", again.outputs["manifest-sha256"])
    assert out.exit_status == 0, out.log
    assert parts.assets("v0.1.0-qa") == parts.assets("v0.1.0-dev")
    assert len(parts.assets("v0.1.0-qa")) == 4


def test_artifacts_that_were_merged_into_one_folder_are_taken_too(
    parts: CarriedProject,
) -> None:
    """What two jobs left with the same bytes is one file, and signatures stay behind."""
    for path in list(parts.dist.glob("dist-wheels-*/*.whl")):
        shutil.copy(path, parts.dist)
    (parts.dist / "dist-sdist" / ".gitignore").write_text("*")
    (parts.dist / "dist-sdist" / "eigenoid_sample-0.1.0.tar.gz.asc").write_text("signed")
    collected = parts.phase("collect", "dev")
    assert collected.exit_status == 0, collected.log
    assert len(names(parts)) == 5
    assert not [name for name in names(parts) if "/" in name or name.endswith(".asc")]


def twice_with_other_bytes(dist: Path) -> None:
    write_wheel(dist / "dist-wheels-more", tag=WINDOWS, content="x = 1")


def twice_for_one_platform(dist: Path) -> None:
    write_wheel(dist / "dist-wheels-more", tag=f"cp312.cp313-cp313-{WINDOWS.split('-')[2]}")


def twice_by_another_build_number(dist: Path) -> None:
    write_wheel(dist / "dist-wheels-more", tag=f"1-{WINDOWS}")


def another_version(dist: Path) -> None:
    write_wheel(dist / "dist-wheels-more", "0.2.dev1", tag="cp312-cp312-win_amd64")


def another_project(dist: Path) -> None:
    write_wheel(dist / "dist-wheels-more", project="other", tag="cp312-cp312-win_amd64")


def two_sdists(dist: Path) -> None:
    sdist = dist / "dist-sdist" / "eigenoid_sample-0.1.0.tar.gz"
    sdist.rename(sdist.with_name("Eigenoid_Sample-0.1.0.tar.gz"))
    write_sdist(dist / "dist-sdist")


def no_sdist(dist: Path) -> None:
    shutil.rmtree(dist / "dist-sdist")


def no_wheel(dist: Path) -> None:
    for folder in dist.glob("dist-wheels-*"):
        shutil.rmtree(folder)


def nothing(dist: Path) -> None:
    shutil.rmtree(dist)


def a_report(dist: Path) -> None:
    (dist / "dist-wheels-ubuntu" / "report.xml").write_text("<r/>")


def a_link(dist: Path) -> None:
    wheel = next((dist / "dist-wheels-ubuntu").iterdir())
    (dist / "dist-sdist" / wheel.name).symlink_to(wheel)


def a_damaged_wheel(dist: Path) -> None:
    wheel = next((dist / "dist-wheels-ubuntu").iterdir())
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("eigenoid_sample/more.py", "")


@pytest.mark.parametrize(
    ("prepare", "text"),
    [
        (twice_with_other_bytes, "is there twice with different bytes: dist-wheels-more/"),
        (twice_for_one_platform, "Two wheels are for cp313-cp313-win_amd64: "),
        (twice_by_another_build_number, "Two wheels are for cp313-cp313-win_amd64: "),
        (another_version, "made eigenoid-sample 0.2.dev1, but the tag v0.1.0-dev says 0.1.0"),
        (another_project, "is other 0.1.0, not eigenoid-sample 0.1.0"),
        (two_sdists, "There are 2 sdists"),
        (no_sdist, "There is no sdist among the files of this release"),
        (no_wheel, "There is no wheel among the files of this release"),
        (nothing, "There is no distribution in dist"),
        (a_report, "'report.xml' in dist-wheels-ubuntu is no sdist and no wheel"),
        (a_link, "in dist-sdist is no sdist and no wheel"),
        (a_damaged_wheel, "RECORD does not list 'eigenoid_sample/more.py'"),
    ],
)
def test_what_is_not_one_set_is_refused(
    parts: CarriedProject, prepare: Callable[[Path], None], text: str
) -> None:
    prepare(parts.dist)
    refused = parts.phase("collect", "dev")
    assert_refused(refused, text)
    assert "manifest-sha256" not in refused.outputs
    assert not (parts.dist / MANIFEST_NAME).exists()


@pytest.mark.parametrize(
    ("index", "text"),
    [
        ("artifact-registry", ""),
        ("pypi", "PyPI would refuse"),
        ("artifact-registry\ntestpypi", "TestPyPI would refuse"),
    ],
)
def test_a_platform_that_the_index_does_not_take_is_refused(
    parts: CarriedProject, index: str, text: str
) -> None:
    shutil.rmtree(parts.dist / "dist-wheels-ubuntu")
    write_wheel(parts.dist / "dist-wheels-ubuntu", tag=PLAIN_LINUX)
    collected = parts.phase("collect", "dev", index=index)
    assert collected.exit_status == (1 if text else 0), collected.log
    if text:
        assert_refused(collected, text, "unsupported platform tag 'linux_x86_64'")


def test_a_project_can_publish_wheels_alone(parts: CarriedProject) -> None:
    refused = parts.phase("collect", "dev", distributions="wheel")
    assert_refused(refused, "eigenoid_sample-0.1.0.tar.gz came along, though only the wheel")
    no_sdist(parts.dist)
    collected = parts.phase("collect", "dev", distributions="wheel")
    assert collected.exit_status == 0, collected.log
    assert parts.publish("dev", collected.outputs["manifest-sha256"]).exit_status == 0


def test_collected_files_are_normalised_where_asked(parts: CarriedProject) -> None:
    before = hashlib.sha256(next(parts.dist.rglob("*win_amd64.whl")).read_bytes()).hexdigest()
    collected = parts.phase("collect", "dev", normalise="true")
    assert collected.exit_status == 0, collected.log
    assert parts.manifest["normalised"] is True
    assert before not in collected.summary
    assert parts.publish("dev", collected.outputs["manifest-sha256"]).exit_status == 0


def test_what_was_built_beside_an_earlier_release_is_compared_with_it(
    parts: CarriedProject,
) -> None:
    first = parts.phase("collect", "dev")
    assert parts.publish("dev", first.outputs["manifest-sha256"]).exit_status == 0
    parts.tag("qa")
    parts.empty()
    write_sdist(parts.dist / "dist-sdist")
    write_wheel(parts.dist / "dist-wheels", tag=LINUX, content="x = 2")
    built = parts.phase("collect", "qa", artifacts="build")
    assert built.exit_status == 0, built.log
    assert "The bytes differ from the release v0.1.0-dev in 4 places" in built.annotation.message
    again = parts.publish("qa", built.outputs["manifest-sha256"], artifacts="build")
    assert again.exit_status == 0, again.log


def test_a_part_is_not_built_where_files_are_carried(parts: CarriedProject) -> None:
    first = parts.phase("collect", "dev")
    assert parts.publish("dev", first.outputs["manifest-sha256"]).exit_status == 0
    parts.tag("qa")
    refused = parts.phase("build", "qa", distributions="sdist")
    assert_refused(
        refused,
        "The files of v0.1.0-qa are carried from v0.1.0-dev, so no part of them is built.",
        "needs.plan.outputs.carried-manifest-sha256 == ''",
    )


def test_carried_files_are_not_mixed_with_built_ones(parts: CarriedProject) -> None:
    first = parts.phase("collect", "dev")
    assert parts.publish("dev", first.outputs["manifest-sha256"]).exit_status == 0
    parts.tag("qa")
    mixed = parts.phase("collect", "qa")
    assert_refused(mixed, "The folder dist is not empty", "where files are carried")


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"phase": "all", "distributions": "sdist"}, "the phase all publishes whole releases"),
        ({"phase": "collect", "verify_rebuild": "warn"}, "the phase collect builds nothing"),
        ({"phase": "build", "distributions": "egg"}, "write one of all, sdist, wheel"),
    ],
)
def test_inputs_that_do_not_go_together_are_refused(
    parts: CarriedProject, inputs: dict[str, str], text: str
) -> None:
    changes = dict(inputs)
    assert_refused(parts.phase(changes.pop("phase"), "dev", **changes), text, status=2)
