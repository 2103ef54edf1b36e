"""What `dist-actions status` shows, and which repository it is about."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from dist_actions.commands.status.answer import Status
from dist_actions.commands.status.inputs import find_repository, find_token
from dist_actions.commands.status.next_steps import NextStep
from dist_actions.distributions.manifest import ManifestFile
from dist_actions.errors import InputError
from dist_actions.overview.table import EnvironmentStatus

FILE = ManifestFile("a-1.0.tar.gz", 1, "2b" * 32)
DEV = EnvironmentStatus("dev", "v1.0-dev", Version("1.0"), "c" * 40, "d" * 40, files=(FILE,))
EVIL = "\x1b[31m##[error]|<b>@all"
ORIGINS = [
    ("https://github.com/owner/name.git", {}, "owner/name"),
    ("https://user:secret@github.com/owner/name", {}, "owner/name"),
    ("git@github.com:owner/name.git", {}, "owner/name"),
    ("ssh://git@github.com:22/owner/na.me.git", {}, "owner/na.me"),
    ("https://git.example/owner/name", {"GITHUB_SERVER_URL": "https://git.example"}, "owner/name"),
]


def lines(status: Status, *, colours: bool = False) -> list[str]:
    return status.to_text(width=None, colours=colours).splitlines()


def test_a_step_says_what_it_keeps_moves_and_waits_for() -> None:
    step = NextStep(
        "dev",
        "qa",
        "stitch",
        "v1.0-dev",
        own_changes=("1234567 fix: x",),
        packages=(("core", "", "1.0"),),
        pull_request="https://github.com/o/n/pull/3",
    )
    shown = lines(Status("o/n", (DEV,), (step,)))
    (first,) = [line for line in shown if line.startswith("dev → qa")]
    assert first.split()[3] == "stitch"
    assert first.endswith("own changes; open: https://github.com/o/n/pull/3")
    rest = [line.strip() for line in shown[shown.index(first) + 1 :]]
    assert rest == ["only in qa: 1234567 fix: x", "core — → 1.0"]


def test_text_from_elsewhere_does_nothing() -> None:
    tag = f"v1{EVIL}"
    standing = replace(DEV, tag=tag, files=(replace(FILE, name=EVIL),), carried_from=EVIL)
    step = NextStep("dev", "qa", "stop", tag, EVIL, EVIL, (EVIL,))
    status = Status("o/n", (standing, replace(standing, environment="qa")), (step,))
    for text in (status.to_text(width=None, colours=False), status.to_markdown(), status.to_json()):
        assert "\x1b" not in text
        assert "##[" not in text
    assert "<b>" not in re.sub(r"`[^`]*`", "", status.to_markdown())
    assert json.loads(status.to_json())["next"][0]["reason"] == EVIL


def test_colours_do_not_move_columns() -> None:
    stop = NextStep("dev", "qa", "stop", "v1.0-dev", "x", "y")
    status = Status("o/n", (DEV, replace(DEV, environment="qa")), (stop,))
    plain, coloured = (lines(status, colours=one) for one in (False, True))
    assert coloured != plain
    assert [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in coloured] == plain


def origin(folder: Path, url: str) -> Path:
    for command in (["init", "-q"], ["remote", "add", "origin", url]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(("url", "environ", "name"), ORIGINS)
def test_the_origin_names_the_repository(
    tmp_path: Path, url: str, environ: dict[str, str], name: str
) -> None:
    assert find_repository("", environ, origin(tmp_path, url)) == name


@pytest.mark.parametrize(
    "url", ["https://gitlab.example/owner/name", "/srv/owner/name", "https://github.com/owner"]
)
def test_a_foreign_origin_is_refused_without_its_credentials(tmp_path: Path, url: str) -> None:
    url = url.replace("://", "://user:secret@")
    with pytest.raises(InputError) as refused:
        find_repository("", {}, origin(tmp_path, url))
    assert "secret" not in refused.value.lines


def test_the_given_name_comes_before_that_of_the_run(tmp_path: Path) -> None:
    environ = {"GITHUB_REPOSITORY": "of/run"}
    assert find_repository("a/b", environ, tmp_path) == "a/b"
    assert find_repository("", environ, tmp_path) == "of/run"


def test_the_token_of_gh_comes_first() -> None:
    both = {"GH_TOKEN": "one\n", "GITHUB_TOKEN": "two"}
    assert find_token(both).reveal() == "one"
    assert find_token({**both, "GH_TOKEN": ""}).reveal() == "two"
