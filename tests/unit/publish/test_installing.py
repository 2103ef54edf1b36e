"""What is told of installing, for each kind of index."""

import shlex
from typing import Any

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.errors import Location
from dist_actions.publish.installing import IndexKind, InstallSource, install_commands
from dist_actions.toml import parse_toml
from support.distributions.installers import Instructions
from support.stages.hostile_texts import PAYLOADS

PROJECT = canonicalize_name("Eigenoid.Sample")
REGISTRY = "https://us-central1-python.pkg.dev/eigenoid-dev/eigenoid-python/simple/"
ELSEWHERE = "https://packages.example.com:8443/simple/"


def told(*sources: InstallSource, version: str = "1.2.0") -> Instructions:
    return Instructions(install_commands(PROJECT, Version(version), sources))


def source(kind: IndexKind, url: str = ELSEWHERE) -> InstallSource:
    return InstallSource("An index", url, kind)


def parsed(instructions: Instructions) -> dict[str, Any]:
    return parse_toml(instructions.uv_settings, Location("pyproject.toml"))


@pytest.mark.parametrize("kind", ["artifact-registry", "testpypi", "private", "pypi"])
def test_no_second_index_is_ever_told(kind: IndexKind) -> None:
    text = told(source(kind)).text
    for second in ("--extra-index-url", "--index ", "supplemental", "primary"):
        assert second not in text


@pytest.mark.parametrize("kind", ["artifact-registry", "testpypi", "private", "pypi"])
def test_every_command_names_exactly_this_version(kind: IndexKind) -> None:
    commands = told(source(kind)).commands("")
    named = [command for command in commands if not command.startswith("poetry source")]
    assert named
    assert all("eigenoid-sample==1.2.0" in shlex.split(command) for command in named)


@pytest.mark.parametrize(
    ("kind", "url", "name"),
    [
        pytest.param("artifact-registry", REGISTRY, "eigenoid-python", id="the repository"),
        pytest.param("testpypi", ELSEWHERE, "testpypi", id="TestPyPI"),
        pytest.param("private", ELSEWHERE, "packages-example-com", id="the host"),
        pytest.param("private", "https://[::1]/simple/", "1", id="a number"),
        pytest.param("private", "", "private", id="nothing"),
    ],
)
def test_uv_and_poetry_get_a_name_that_variables_can_have(
    kind: IndexKind, url: str, name: str
) -> None:
    assert source(kind, url).name == name


def test_uv_takes_the_project_alone_from_an_explicit_index() -> None:
    assert parsed(told(source("artifact-registry", REGISTRY))) == {
        "project": {"dependencies": ["eigenoid-sample==1.2.0"]},
        "tool": {
            "uv": {
                "index": [{"name": "eigenoid-python", "url": REGISTRY, "explicit": True}],
                "sources": {"eigenoid-sample": {"index": "eigenoid-python"}},
            }
        },
    }


def test_several_indexes_are_told_apart_in_their_order() -> None:
    text = told(
        InstallSource("My [index] @all", ELSEWHERE, "private"), InstallSource("PyPI", "", "pypi")
    ).text
    assert text.index("#### My \\[index\\]") < text.index("#### PyPI")
    assert "@all" not in text


def test_one_index_needs_no_heading_and_none_no_text() -> None:
    assert "####" not in told(source("private")).text
    assert told().text == ""


def test_an_epoch_is_no_event_of_the_shell() -> None:
    (command,) = told(source("pypi"), version="1!2.0").commands("pip ")
    assert command == "pip install 'eigenoid-sample==1!2.0'"


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_an_address_stays_one_word_one_string_and_one_line(text: str) -> None:
    hostile = source("private", f"https://packages.example.com/{text}\n```\n# x")
    instructions = told(hostile)
    (command,) = instructions.commands("pip install")
    assert len(shlex.split(command)) == 5
    (index,) = parsed(instructions)["tool"]["uv"]["index"]
    assert index["url"] == shlex.split(command)[3]
    assert instructions.text.count("```") == 6
