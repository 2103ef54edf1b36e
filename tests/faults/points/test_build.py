"""Named points of the build: a tag that moves, builds that fail or differ, files that are lost."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dist_actions.distributions.manifest import MANIFEST_NAME
from support.faults.flows import Flow
from support.faults.modes import EVER
from support.faults.points import play, play_refusal
from support.projects.releases import TaggedProject
from support.publishing.job import UPLOAD
from support.sandbox.fixtures import git
from support.stages.running import StageResult, StageRunner

TAG = "v1.2.0-dev"
PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "sample"
version = "1.2.0"
requires-python = ">=3.10"
"""
#: A backend without requirements, which does what a file beside the checkout says.
BACKEND = """\
import base64, hashlib, io, tarfile, zipfile
from pathlib import Path

ORDER = Path({order!r}).read_text()
VERSION = "9.9.9" if ORDER == "another version" else "1.2.0"
NAME = f"sample-{{VERSION}}"
METADATA = f"Metadata-Version: 2.1\\nName: sample\\nVersion: {{VERSION}}\\n"
METADATA += "Requires-Python: >=3.10\\n"


def digest(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def build_sdist(folder, config_settings=None):
    if ORDER == "fail":
        raise SystemExit("the compiler is missing")
    if ORDER == "make no sdist":
        return f"{{NAME}}.tar.gz"
    with tarfile.open(Path(folder, f"{{NAME}}.tar.gz"), "w:gz") as archive:
        for file in ("pyproject.toml", "backend.py", "sample/__init__.py"):
            archive.add(file, f"{{NAME}}/{{file}}")
        info = tarfile.TarInfo(f"{{NAME}}/PKG-INFO")
        info.size = len(METADATA)
        archive.addfile(info, io.BytesIO(METADATA.encode()))
    return f"{{NAME}}.tar.gz"


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = f"{{NAME}}-py3-none-any.whl"
    if ORDER == "make no wheel":
        return name
    files = {{"sample/__init__.py": Path("sample/__init__.py").read_text()}}
    files[f"{{NAME}}.dist-info/METADATA"] = METADATA
    tags = "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[f"{{NAME}}.dist-info/WHEEL"] = tags
    record = "".join(f"{{file}},sha256={{digest(text)}},\\n" for file, text in files.items())
    files[f"{{NAME}}.dist-info/RECORD"] = f"{{record}}{{NAME}}.dist-info/RECORD,,\\n"
    with zipfile.ZipFile(Path(folder, name), "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return name
"""
MOVED_AT = {
    "before the draft": ("GET", r"/releases$"),
    "before the first file": ("POST", r"/releases$"),
    "before the publication": ("POST", UPLOAD),
}


@dataclass
class OwnBuild:
    """A project whose backend does as it is told, at a tag."""

    folder: Path
    order: Path
    run_stage: StageRunner

    def run(self, order: str) -> StageResult:
        """Run the phase `build`."""
        self.order.write_text(order, encoding="utf-8")
        workspace, ref = self.folder, f"refs/tags/{TAG}"
        return self.run_stage("release", {"phase": "build"}, workspace=workspace, ref=ref)


@pytest.fixture
def own_build(run_stage_alone: StageRunner, tmp_path: Path) -> OwnBuild:
    folder, order = tmp_path / "repository", tmp_path / "order"
    (folder / "sample").mkdir(parents=True)
    files = {
        "pyproject.toml": PYPROJECT,
        "backend.py": BACKEND.format(order=str(order)),
        "sample/__init__.py": '"""A sample."""\n',
        ".gitignore": "dist/\n__pycache__/\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    git("init", "-q", "-b", "dev", cwd=folder)
    git("add", "-A", cwd=folder)
    git("commit", "-qm", "A project", cwd=folder)
    git("tag", "-a", "-m", TAG, TAG, cwd=folder)
    return OwnBuild(folder, order, run_stage_alone)


def digests(project: TaggedProject) -> list[str]:
    return [hashlib.sha256(data).hexdigest() for data in project.built().values()]


@pytest.mark.parametrize("point", MOVED_AT)
def test_point_18_tag_moved(release_flow: Flow, point: str) -> None:
    """What was made until then is kept, and comes out once the tag is back."""
    project = release_flow.project
    other = release_flow.sandbox.repository.git.git("rev-parse", f"{project.commit_sha}^")
    broken = play(
        release_flow,
        at=MOVED_AT[point],
        meanwhile=lambda: project.move_tag(other),
        after=lambda: project.move_tag(project.commit_sha),
        exit_status=1,
        says=[f"{project.tag} is now on {other[:7]}, but {project.commit_sha[:7]} was built"],
    )
    assert broken == []


def test_point_18_tag_gone(release_flow: Flow) -> None:
    ref = f"refs/tags/{release_flow.project.tag}"
    broken = play_refusal(
        release_flow,
        lambda: release_flow.sandbox.repository.git.git("update-ref", "-d", ref),
        says=[f"The tag {release_flow.project.tag} is gone"],
    )
    assert broken == []


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("fail", "the compiler is missing"),
        ("make no sdist", "The build backend made no sdist: it named 'sample-1.2.0.tar.gz'"),
        ("make no wheel", "The build backend made no wheel: it named 'sample-1.2.0-py3-none-"),
        ("another version", "The build made sample 9.9.9, but the tag v1.2.0-dev says 1.2.0."),
    ],
)
def test_point_19_build_fails_makes_no_file_or_the_wrong_version(
    own_build: OwnBuild, order: str, says: str
) -> None:
    """A rerun of the job, in a checkout of its own, makes the files."""
    failed = own_build.run(order)
    assert failed.exit_status == 1, failed.log
    message = failed.annotation.message
    assert [part for part in (says, "\nWhy: ", "\nFix: ") if part not in message] == []
    assert "defect of dist-actions" not in failed.log
    assert not (own_build.folder / "dist" / MANIFEST_NAME).exists()
    shutil.rmtree(own_build.folder / "dist", ignore_errors=True)

    built = own_build.run("build")
    assert built.exit_status == 0, built.log
    assert {path.name for path in (own_build.folder / "dist").iterdir()} == {
        "sample-1.2.0.tar.gz",
        "sample-1.2.0-py3-none-any.whl",
        MANIFEST_NAME,
    }


def test_point_20_second_build_gives_other_bytes_after_the_release(release_flow: Flow) -> None:
    """`Re-run all jobs` builds again; the first files stay, and both digests are told."""
    project = release_flow.project
    first = digests(project)
    project.build("other bytes")
    both = [*first, *digests(project)]
    project.build()

    def release_and_build() -> None:
        release_flow.run()
        project.build("other bytes")

    broken = play(
        release_flow,
        before=release_and_build,
        after=project.build,
        exit_status=1,
        says=[*both, "`Re-run failed jobs`"],
    )
    assert broken == []


def test_point_20_second_build_gives_other_bytes_after_a_draft(release_flow: Flow) -> None:
    """The draft of the interrupted run has the first files, which go on."""
    project = release_flow.project

    def interrupt_and_build() -> None:
        release_flow.sandbox.control(
            "POST", "faults", {"path": UPLOAD, "status": 403, "times": EVER}
        )
        assert release_flow.run().exit_status == 1
        release_flow.sandbox.control("DELETE", "faults")
        project.build("other bytes")

    assert play(release_flow, before=interrupt_and_build, after=project.build) == []


def test_point_20_second_build_gives_other_bytes_than_the_index(release_flow: Flow) -> None:
    project = release_flow.project

    def upload_and_build() -> None:
        release_flow.run()
        release_flow.sandbox.repository.releases.clear()
        project.build("other bytes")

    broken = play(
        release_flow,
        before=upload_and_build,
        after=project.build,
        exit_status=1,
        says=["holds other bytes under the same name", "raise the version"],
    )
    assert broken == []


def lose_file(project: TaggedProject) -> None:
    next(project.dist.glob("*.tar.gz")).unlink()


def lose_manifest(project: TaggedProject) -> None:
    (project.dist / MANIFEST_NAME).unlink()


def lose_everything(project: TaggedProject) -> None:
    shutil.rmtree(project.dist)


@pytest.mark.parametrize(
    ("lose", "says"),
    [
        (lose_file, "differ from dist-manifest.json: eigenoid_sample-0.1.0.tar.gz."),
        (lose_manifest, "There is no dist-manifest.json in dist"),
        (lose_everything, "There is no dist-manifest.json in dist"),
    ],
)
def test_point_21_artifact_lost(release_flow: Flow, lose: Callable[[Any], None], says: str) -> None:
    project = release_flow.project
    broken = play(
        release_flow, before=lambda: lose(project), after=project.build, exit_status=1, says=[says]
    )
    assert broken == []


@pytest.mark.parametrize("ending", [".tar.gz", ".whl", ".json"])
def test_point_22_artifact_altered_by_one_byte(release_flow: Flow, ending: str) -> None:
    project = release_flow.project

    def alter() -> None:
        (file,) = project.dist.glob(f"*{ending}")
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(bytes(data))

    says = "dist-manifest.json has the sha256" if ending == ".json" else "differ from dist-man"
    assert play(release_flow, before=alter, after=project.build, exit_status=1, says=[says]) == []
