"""What is built is the commit; what a build leaves out of it or adds to it is said."""

from pathlib import Path

import pytest

from scenarios.release.test_build_phase import build, committed, names, repository_of
from support.sandbox.fixtures import commit_file, git
from support.stages.running import StageRunner

LOCAL = ("-c", "protocol.file.allow=always")
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 5\n"


@pytest.mark.network
@pytest.mark.parametrize("project", ["hatchling", "setuptools", "flit"])
def test_a_submodule_inside_the_package_is_packed(
    run_stage_alone: StageRunner, tmp_path: Path, project: str
) -> None:
    repository = repository_of(project, tmp_path / "repository")
    library = tmp_path / "library"
    library.mkdir()
    git("init", "-q", cwd=library)
    commit_file(library, "__init__.py", "x = 1\n")
    package = next(repository.rglob("__init__.py")).parent.relative_to(repository)
    git(*LOCAL, "submodule", "add", "-q", str(library), f"{package}/vendored", cwd=repository)
    committed(repository)

    result = build(run_stage_alone, repository)

    assert result.exit_status == 0, result.log
    for archive in result.outputs["distributions"].split():
        packed = names(repository / "dist" / archive)
        assert [name for name in packed if name.endswith("/vendored/__init__.py")], archive


@pytest.mark.network
def test_a_submodule_that_is_not_there_is_refused(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("hatchling", tmp_path / "origin")
    library = tmp_path / "library"
    library.mkdir()
    git("init", "-q", cwd=library)
    commit_file(library, "data.txt", "x")
    git(*LOCAL, "submodule", "add", "-q", str(library), "vendored", cwd=repository)
    committed(repository)
    workspace = tmp_path / "workspace"
    git("clone", "-q", str(repository), str(workspace), cwd=tmp_path)

    result = build(run_stage_alone, workspace)

    assert result.exit_status == 1, result.log
    assert "submodule vendored" in result.annotation.message
    assert "`submodules: true`" in result.annotation.message


@pytest.mark.network
def test_what_the_build_leaves_out_and_adds_is_named(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    """A data file that setuptools does not pack, and files that an exclusion keeps out."""
    repository = repository_of("setuptools", tmp_path / "repository")
    package = next(repository.rglob("__init__.py")).parent
    (package / "words.txt").write_text("words")
    (package / "notes.md").write_text("notes")
    (repository / "MANIFEST.in").write_text("exclude **/*.md\n")
    (repository / ".gitignore").write_text("*.min.js\n")
    (package / "app.min.js").write_text("made by npm")
    committed(repository)

    result = build(run_stage_alone, repository)

    assert result.exit_status == 0, result.log
    name = f"{package.name}/words.txt"
    (line,) = [line for line in result.summary.splitlines() if "not in the sdist" in line]
    assert name in line
    assert "notes.md" not in line
    assert "Not in the commit, so not built" in result.log
    assert "app.min.js" in result.log


@pytest.mark.network
def test_what_a_build_generates_is_named(run_stage_alone: StageRunner, tmp_path: Path) -> None:
    repository = repository_of("hatchling", tmp_path / "repository")
    package = next(repository.rglob("__init__.py")).parent.relative_to(repository)
    (repository / "hatch_build.py").write_text(
        "from pathlib import Path\n"
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Hook(BuildHookInterface):\n"
        "    def initialize(self, version, build_data):\n"
        f"        Path(self.root, '{package}', 'generated.py').write_text('x = 1')\n"
    )
    pyproject = repository / "pyproject.toml"
    pyproject.write_text(f"{pyproject.read_text()}\n[tool.hatch.build.hooks.custom]\n")
    committed(repository)

    result = build(run_stage_alone, repository)

    assert result.exit_status == 0, result.log
    assert f"Made by the build, not in the commit: `{package.name}/generated.py`" in result.summary
    assert "not in the sdist" not in result.summary


@pytest.mark.network
def test_a_pointer_of_git_lfs_is_not_published(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("hatchling", tmp_path / "repository")
    package = next(repository.rglob("__init__.py")).parent
    (package / "model.bin").write_text(POINTER)
    committed(repository)

    result = build(run_stage_alone, repository)

    assert result.exit_status == 1, result.log
    assert f"{package.name}/model.bin" in result.annotation.message
    assert "`lfs: true`" in result.annotation.message


@pytest.mark.network
def test_a_pointer_that_is_not_packed_is_no_obstacle(
    run_stage_alone: StageRunner, tmp_path: Path
) -> None:
    repository = repository_of("setuptools", tmp_path / "repository")
    (repository / "video.mp4").write_text(POINTER)
    committed(repository)

    result = build(run_stage_alone, repository)

    assert result.exit_status == 0, result.log
