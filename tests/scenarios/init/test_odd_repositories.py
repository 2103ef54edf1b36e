"""Files that are broken, odd or of others: `dist-actions init` says what is, and loses nothing."""

from pathlib import Path

import pytest

from support.init.projects import PURE, RELEASE, Init, commit, git, make_repository
from support.projects.declared import make_project

USES = "uses: eigenoid/dist-actions/release@v1"
FOREIGN = "on: push\njobs: {}\n"


@pytest.mark.parametrize(
    "text",
    [
        f"on: [push\n# {USES}",
        f"- {USES}\n",
        f"on: push\n# {USES}\n",
        f"on:\njobs:\n  a: b\n# {USES}",
    ],
    ids=["no YAML", "list", "no jobs", "job that is a text"],
)
def test_a_broken_workflow_of_ours_is_kept(tmp_path: Path, init: Init, text: str) -> None:
    repository = make_repository(tmp_path, {**PURE, RELEASE: text})
    done = init(repository)
    assert done.status == 0
    assert f"Kept {RELEASE}, which differs" in done.stdout
    assert (repository / RELEASE).read_text() == text


def test_no_name_of_a_foreign_workflow_is_taken(tmp_path: Path, init: Init) -> None:
    other = ".github/workflows/dist-release.yml"
    repository = make_repository(tmp_path, {**PURE, RELEASE: FOREIGN, other: FOREIGN})
    assert init(repository, "--replace").status == 0
    assert (repository / RELEASE).read_text() == (repository / other).read_text() == FOREIGN
    assert init(repository, "--check").status == 0


def test_the_starter_is_recognised_under_another_name(tmp_path: Path, init: Init) -> None:
    repository = make_repository(tmp_path, {**PURE, RELEASE: FOREIGN})
    assert init(repository, "--starter", "pypi-token").status == 0
    assert init(repository, "--check").status == 0


def test_line_ends_of_windows_are_no_difference(tmp_path: Path, init: Init) -> None:
    pyproject = PURE["pyproject.toml"].replace("\n", "\r\n")
    repository = make_repository(tmp_path, PURE, branch="master")
    (repository / "pyproject.toml").write_text(pyproject, newline="")
    assert init(repository).status == 0
    text = (repository / "pyproject.toml").read_bytes()
    assert text.startswith(pyproject.encode())
    assert text.count(b"\n") == text.count(b"\r\n")
    release = (repository / RELEASE).read_bytes()
    (repository / RELEASE).write_bytes(release.replace(b"\n", b"\r\n"))
    assert init(repository, "--check").status == 0


def test_comments_stay_with_the_table_that_follows(tmp_path: Path, init: Init) -> None:
    pyproject = f"[tool.ruff]\n\n# Ours.\n{PURE['pyproject.toml']}".rstrip()
    repository = make_repository(tmp_path, {**PURE, "pyproject.toml": pyproject}, branch="master")
    assert init(repository).status == 0
    assert (repository / "pyproject.toml").read_text().startswith(f"{pyproject}\n")
    assert init(repository, "--check").status == 0


def test_an_inline_table_gets_no_settings(tmp_path: Path, init: Init) -> None:
    pyproject = f"tool = {{ruff = {{}}}}\n{PURE['pyproject.toml']}"
    repository = make_repository(tmp_path, {**PURE, "pyproject.toml": pyproject}, branch="master")
    assert init(repository).status == 0
    assert (repository / "pyproject.toml").read_text() == pyproject
    assert "master" in (repository / ".github" / "dist-actions.toml").read_text()
    assert init(repository, "--check").status == 0


def test_a_form_of_tags_that_settings_refuse_is_not_taken_over(tmp_path: Path, init: Init) -> None:
    repository = make_repository(tmp_path, PURE)
    git(repository, "tag", "@1.2.3")
    assert init(repository).status == 0
    assert init(repository, "--check").status == 0


@pytest.mark.parametrize("kind", ["folder", "link outside", "link to nothing", "circle"])
def test_what_cannot_be_written_is_said_before_anything_is(
    tmp_path: Path, init: Init, kind: str
) -> None:
    repository = make_repository(tmp_path / "sample", PURE)
    outside, release = tmp_path / "outside.yml", repository / RELEASE
    release.parent.mkdir(parents=True)
    if kind == "folder":
        make_project(release, {"text": ""})
    else:
        release.symlink_to({"link outside": outside, "circle": release}.get(kind, "nothing"))
    commit(repository)
    done = init(repository)
    assert (done.status, done.stdout) == (2, "")
    assert "\nFix: " in done.stderr
    assert not outside.exists()
    assert not (release.parent / "auto-tag.yml").exists()
    assert git(repository, "status", "--porcelain", "--untracked-files=no") == ""


@pytest.mark.parametrize(
    "files",
    [
        {"tests/test_deep.py": f"x = {'-' * 20000}1\n"},
        {"tests/test_big.py": "#" * 2_000_001},
        {"requirements-test.txt": "-r ./requirements-test.txt\n-r ../../other.txt\n"},
        {"tox.ini": "", "pyproject.toml": f"{PURE['pyproject.toml']}[tool.poetry.group]\ntest = 3\n"
         "[tool.pixi.feature]\ntest = 3\n"},
        {".gitmodules": "path = ../../other\n"},
    ],
    ids=["deep code", "big file", "circle of requirements", "other types", "submodule outside"],
)  # fmt: skip
def test_files_beside_the_package_never_stop_it(
    tmp_path: Path, init: Init, files: dict[str, str]
) -> None:
    repository = make_repository(tmp_path, {**PURE, **files})
    assert init(repository).status == 0
    assert init(repository, "--check").status == 0


def test_nothing_is_written_into_a_folder_of_a_repository(tmp_path: Path, init: Init) -> None:
    files = {f"libs/web/{name}": text for name, text in PURE.items()}
    repository = make_repository(tmp_path, files)
    done = init(repository / "libs" / "web")
    assert (done.status, done.stdout) == (2, "")
    assert "run it there, with --package-path libs/web for" in done.stderr
    assert git(repository, "status", "--porcelain") == ""
    assert init(repository, "--package-path", "./libs/web/").status == 0
    assert init(repository, "--check", "--package-path", "libs/web").status == 0


def test_names_of_files_cannot_command_a_terminal(tmp_path: Path, init: Init) -> None:
    publishing = "on: push\n# twine upload\n"
    names = ("a\x1b[31m\n.yml", "b\udce9.yml")
    files = {f".github/workflows/{name}": publishing for name in names}
    done = init(make_repository(tmp_path, {**PURE, **files}))
    assert done.status == 0
    assert "\x1b" not in done.stdout
    assert "Remove a .yml, or the step with twine upload in it" in done.stdout
    assert "Remove b?.yml, or" in done.stdout
    done.stdout.encode()
