"""The stand-in of actions/checkout knows that action's inputs, and says what it cannot do."""

import shutil
from pathlib import Path

import pytest

from dist_sandbox.github.seed import seed_history
from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER
from dist_sandbox.rehearse.project.submodules import copy_submodules
from dist_sandbox.rehearse.workflows.files import parse_yaml
from support.act.fixtures import ActSandbox
from support.act.git import git
from support.act.stand_ins import Job

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"


@pytest.fixture
def checkout_job(shared_act_sandbox: ActSandbox, tmp_path: Path) -> Job:
    """A job of a repository without files."""
    folder = shared_act_sandbox.clone.folder
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return Job(shared_act_sandbox, tmp_path)


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in paths)
    return sorted(name for name in names if not name.startswith(".git/"))


@pytest.fixture
def with_submodules(checkout_job: Job, tmp_path: Path) -> Job:
    """A project whose submodule `lib` has a submodule `inner`; that of `gone` is empty."""
    for name in ("inner", "gone", "lib", "project"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(name)
        git(tmp_path / name, "init", "--quiet", "--initial-branch=main")
        if name == "lib":
            git(tmp_path / name, "submodule", "--quiet", "add", "../inner", "inner")
        if name == "project":
            git(tmp_path / name, "submodule", "--quiet", "add", "../lib", "lib")
        git(tmp_path / name, "add", "--all")
        git(tmp_path / name, "commit", "--quiet", "--message", name)
    project, clone = tmp_path / "project", checkout_job.act_sandbox.clone
    git(project, "submodule", "--quiet", "update", "--init", "--recursive")
    (project / "lib" / "edited.txt").write_text("not committed")
    (clone.folder / ".gitmodules").write_bytes((project / ".gitmodules").read_bytes())
    submodules = copy_submodules(project, clone.folder)
    seed_history(checkout_job.act_sandbox.world.github.repository, "", {}, submodules.objects)
    clone.commit_all("test: submodules", submodules.absent)
    clone.run("push", "--quiet", "--force", "origin", "HEAD:refs/heads/dev")
    return checkout_job


LIB = ["lib/.git", "lib/.gitmodules", "lib/edited.txt", "lib/lib.txt"]


@pytest.mark.parametrize(
    ("submodules", "files"),
    [("false", []), ("true", LIB), ("recursive", [*LIB, "lib/inner/.git", "lib/inner/inner.txt"])],
)
def test_submodules_are_filled_where_the_input_says_so(
    with_submodules: Job, submodules: str, files: list[str]
) -> None:
    assert with_submodules.run("checkout", submodules=submodules).succeeded
    assert _files(with_submodules.workspace) == sorted([".gitmodules", *files])
    assert (with_submodules.workspace / "lib").is_dir()
    assert git(with_submodules.workspace, "status", "--porcelain") == ""


def test_a_submodule_that_the_project_does_not_have_is_no_failure_of_github(
    checkout_job: Job,
) -> None:
    clone = checkout_job.act_sandbox.clone
    text = '[submodule "gone"]\n\tpath = gone\n\turl = https://example.org/gone\n'
    (clone.folder / ".gitmodules").write_text(text)
    clone.commit_all("test: a submodule", {"gone": "1" * 40})
    clone.run("push", "--quiet", "--force", "origin", "HEAD:refs/heads/dev")
    assert checkout_job.run("checkout").succeeded
    outcome = checkout_job.run("checkout", submodules="true")
    ((level, title, text),) = outcome.annotations
    assert (level, title) == ("error", "rehearsal")
    assert "no files of the submodule gone" in text
    assert "git submodule update --init" in text


@pytest.mark.parametrize(
    ("inputs", "files"),
    [
        ({"sparse_checkout": "docs"}, ["docs/a.md", "top.txt"]),
        ({"sparse_checkout": "docs\nsrc"}, ["docs/a.md", "src/b.py", "top.txt"]),
        ({"sparse_checkout": "*.py", "sparse_checkout_cone_mode": "false"}, ["src/b.py"]),
        ({"filter": "blob:none"}, ["docs/a.md", "src/b.py", "top.txt"]),
    ],
)
def test_a_sparse_checkout_has_what_it_names(
    checkout_job: Job, inputs: dict[str, str], files: list[str]
) -> None:
    checkout_job.act_sandbox.push({"docs/a.md": "a", "src/b.py": "b", "top.txt": "c"})
    assert checkout_job.run("checkout", **inputs).succeeded
    assert _files(checkout_job.workspace) == files


@pytest.mark.parametrize(("clean", "is_there"), [("true", False), ("false", True)])
def test_a_second_checkout_cleans_the_first_one(
    checkout_job: Job, clean: str, is_there: bool
) -> None:
    checkout_job.act_sandbox.push({"a.txt": "a"})
    assert checkout_job.run("checkout").succeeded
    (checkout_job.workspace / "made").write_text("by a step")
    assert checkout_job.run("checkout", clean=clean).succeeded
    assert (checkout_job.workspace / "made").exists() is is_there


def test_a_folder_of_other_files_is_emptied(checkout_job: Job) -> None:
    (checkout_job.workspace / "sub" / "made").mkdir(parents=True)
    assert checkout_job.run("checkout", path="sub").succeeded
    assert not (checkout_job.workspace / "sub" / "made").exists()


@pytest.mark.parametrize(
    ("inputs", "name"),
    [
        ({"repository": "eigenoid/other"}, "the repository eigenoid/other"),
        ({"github_server_url": "https://ghes.example"}, "https://ghes.example/"),
    ],
)
def test_what_the_rehearsal_does_not_have_is_said(
    checkout_job: Job, inputs: dict[str, str], name: str
) -> None:
    ((level, title, text),) = checkout_job.run("checkout", **inputs).annotations
    assert (level, title) == ("error", "rehearsal")
    assert name in text
    assert "Why: " in text
    assert "Fix: " in text


def test_an_empty_token_is_refused_as_on_github(checkout_job: Job) -> None:
    outcome = checkout_job.run("checkout", token="")
    assert outcome.annotations == [("error", "", "Input required and not supplied: token")]


@pytest.mark.parametrize(
    ("content", "lfs", "level", "words"),
    [
        ("content", "true", None, ""),
        ("content", "false", "notice", "a pointer of git-lfs in place of the file"),
        (POINTER, "false", None, ""),
        (POINTER, "true", "error", "git lfs pull"),
    ],
    ids=["file", "file that GitHub leaves out", "pointer", "pointer in place of the file"],
)
def test_git_lfs_is_told_where_it_would_make_a_difference(
    checkout_job: Job, content: str, lfs: str, level: str | None, words: str
) -> None:
    checkout_job.act_sandbox.push({".gitattributes": "*.bin filter=lfs\n", "a.bin": content})
    outcome = checkout_job.run("checkout", lfs=lfs)
    assert [row[:2] for row in outcome.annotations] == ([(level, "rehearsal")] if level else [])
    assert words in "".join(row[2] for row in outcome.annotations)


@pytest.mark.parametrize("stand_in", ["checkout", "setup-python", "upload-artifact"])
def test_every_input_that_reaches_a_stand_in_is_declared(stand_in: str) -> None:
    text = (STAND_INS_FOLDER / stand_in / "action.yml").read_text()
    (step,) = parse_yaml(stand_in, text)["runs"]["steps"]
    inputs = parse_yaml(stand_in, text)["inputs"]
    names = {name.removeprefix("STAND_IN_").lower().replace("_", "-") for name in step["env"]}
    assert names <= set(inputs)
