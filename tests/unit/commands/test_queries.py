"""The commands `dist-actions tag format`, `tag parse` and `matrix`, as a person starts them."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dist_actions.cli import main
from support.paths import SOURCE
from support.projects.settings import write_settings
from support.stages.hostile_texts import PAYLOADS

Run = Callable[..., "Done"]

PACKAGES = """\
[packages.shop-core]
path = "packages/core"

[packages.shop-web]
path = "packages/web"
tag-format = "web-v{version}{suffix}"
"""
CORE = ("--package", "shop-core")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one package, which is not in the root."""
    (tmp_path / ".git").mkdir()
    write_settings(tmp_path, '[project]\nname = "Sample_1"\n', "package/pyproject.toml")
    return tmp_path


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run_command(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    def start(*arguments: str, folder: str = "package") -> Done:
        monkeypatch.chdir(repository / folder)
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Done(status, *capsys.readouterr())

    return start


def test_it_runs_as_a_process_of_its_own(repository: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); from dist_actions.cli import main; "
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", f"{code}sys.exit(main())", "tag", "parse", "x"],
        cwd=repository / "package",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dist-actions: The tag 'x' is not of the form v{version}{suffix}")


def test_the_tag_of_a_version(run_command: Run) -> None:
    done = run_command("tag", "format", "1.2.0rc1")

    assert (done.returncode, done.stdout, done.stderr) == (0, "v1.2.0rc1\n", "")


def test_the_tag_in_an_environment_as_json(run_command: Run) -> None:
    done = run_command("tag", "format", "1.2.0", "--environment", "qa", "--json")

    assert json.loads(done.stdout) == {
        "tag": "v1.2.0-qa",
        "version": "1.2.0",
        "environment": "qa",
        "suffix": "-qa",
        "package": "sample-1",
    }


def test_what_a_tag_says(run_command: Run) -> None:
    done = run_command("tag", "parse", "v1.2.0-dev")

    assert done.stdout.splitlines() == [
        "version=1.2.0",
        "environment=dev",
        "suffix=-dev",
        "package=sample-1",
    ]


def test_both_commands_give_the_same_answer(run_command: Run) -> None:
    written = run_command("tag", "format", "4.2", "--environment", "dev", "--json")
    tag = json.loads(written.stdout)["tag"]

    assert run_command("tag", "parse", tag, "--json").stdout == written.stdout


def test_the_settings_of_the_repository_hold_in_all_its_folders(
    run_command: Run, repository: Path
) -> None:
    write_settings(repository, "tag-format = 'rel_{version:_}{suffix}'")

    assert run_command("tag", "format", "2.0.52").stdout == "rel_2_0_52\n"
    assert run_command("tag", "parse", "rel_2_0-qa", folder=".").stdout.startswith("version=2.0\n")
    elsewhere = run_command("tag", "format", "2.0", "--path", str(repository), folder="..")
    assert elsewhere.stdout == "rel_2_0\n"


def test_a_tag_selects_its_package(run_command: Run, repository: Path) -> None:
    write_settings(repository, PACKAGES)
    (repository / "packages" / "web").mkdir(parents=True)

    assert (
        json.loads(run_command("tag", "parse", "web-v1.0", "--json").stdout)["package"]
        == "shop-web"
    )
    named = run_command("tag", "format", "1.0", "--package", "Shop.Core")
    assert named.stdout == "shop-core-v1.0\n"
    here = run_command("tag", "format", "1.0", folder="packages/web")
    assert here.stdout == "web-v1.0\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["format", "0.5.0-dev", *CORE], ["not a version in its normal form", "write 0.5.0.dev0"]),
        (["format", "new", *CORE], ["'new' is not a version", "write a version such as 1.4.0"]),
        (["format", "1.0+x", *CORE], ["The version 1.0+x has no tag"]),
        (["format", "1.0", "--environment", "test"], ["'test' is no environment", "dev, qa, prd"]),
        (["format", "1.0"], ["several packages", "shop-core, shop-web as --package"]),
        (["format", "1.0", "--package", "shop"], ["'shop' is no package"]),
        (["parse", "v1.0"], ["not of the form web-v{version}{suffix} or {name}-v"]),
        (["parse", "web-v1.0-prd"], ["its suffix is none of -dev, -qa, (none)"]),
        (["format", "1.0", "--path", "nowhere"], ["There is no folder"]),
        (["parse", "1.0\n::error::x\x1b[2K"], ["'1.0\\n::error::x\\x1b[2K' is not of the form"]),
        (["parse", "9" * 10_000], ["is not of the form"]),
    ],
    ids=lambda value: value[0][:20] if isinstance(value, list) else "",
)
def test_refusals_are_one_line(
    run_command: Run, repository: Path, arguments: list[str], words: list[str]
) -> None:
    write_settings(repository, PACKAGES)

    done = run_command("tag", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert [word for word in words if word not in done.stderr] == []
    assert done.stderr.startswith("dist-actions: ")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 1000


def test_settings_that_cannot_be_used_are_refused_with_their_line(
    run_command: Run, repository: Path
) -> None:
    write_settings(repository, 'x = 1\n"a\\nb" = 2')

    done = run_command("tag", "parse", "v1.0")

    assert (done.returncode, done.stdout) == (2, "")
    assert ".github/dist-actions.toml:1: x is no setting." in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", [name for name in PAYLOADS if name != "option"])
def test_hostile_tags_are_shown_harmlessly(run_command: Run, repository: Path, name: str) -> None:
    done = run_command("tag", "parse", PAYLOADS[name])

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.rstrip("\n").isprintable()
    assert [path.name for path in (repository / "package").iterdir()] == ["pyproject.toml"]


def test_the_matrix(run_command: Run, repository: Path) -> None:
    text = (
        "[project]\nname = 'x'\nrequires-python = '>=3.12'\n"
        "classifiers = ['Programming Language :: Python :: 3.12',"
        " 'Programming Language :: Python :: 3.13']"
    )
    write_settings(repository, text, "package/pyproject.toml")

    assert run_command("matrix").stdout.splitlines() == ["3.12", "3.13", "3.14 (experimental)"]
    assert json.loads(run_command("matrix", "package", "--json", folder=".").stdout) == {
        "include": [
            {"python": "3.12", "experimental": False},
            {"python": "3.13", "experimental": False},
            {"python": "3.14", "experimental": True},
        ]
    }


def test_a_matrix_without_pythons_is_refused(run_command: Run, repository: Path) -> None:
    write_settings(repository, "[options]\npython_requires = <3\n", "package/setup.cfg")

    done = run_command("matrix")

    assert (done.returncode, done.stdout) == (2, "")
    assert "requires-python '<3' cannot be used" in done.stderr


@pytest.mark.parametrize("arguments", [["tag"], ["tag", "format"], ["matrix", "a", "b"]], ids=str)
def test_bad_usage_exits_with_2(run_command: Run, arguments: list[str]) -> None:
    done = run_command(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: " in done.stderr
