"""Which Dockerfiles of actions are played, and how they are read."""

from types import ModuleType

import pytest

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER


@pytest.fixture
def dockerfile(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as the stand-ins import it."""
    monkeypatch.syspath_prepend(str(STAND_INS_FOLDER))
    import dockerfile as module

    return module


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("FROM alpine", "the image alpine"),
        ("FROM ghcr.io/other/python:3.12", "the image ghcr.io/other/python:3.12"),
        ("FROM python:3.12 AS build\nFROM python:3.12\nCOPY --from=build /x /x", "another image"),
        ("FROM python:3.12 AS build\nFROM python:3.12", "several build stages"),
        ("FROM python:3.12\nRUN <<EOF\necho hi\nEOF", "a here-document"),
        ("FROM python:3.12\nONBUILD RUN x", "ONBUILD"),
        ("FROM python:3.12\nRUN --mount=type=bind,from=x,target=/x y", "another image"),
    ],
)
def test_what_only_an_engine_can_play(dockerfile: ModuleType, text: str, part: str) -> None:
    def read() -> None:
        dockerfile.python_version(dockerfile.read_dockerfile(text)[0].text)

    with pytest.raises(dockerfile.NotPlayedError, match=part):
        read()


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("python:3.12-slim", "3.12"),
        ("python:3.12.1-alpine3.20 as base", "3.12.1"),
        ("docker.io/library/python:3-slim", "3.x"),
        ("python", "3.x"),
        ("python:3.13@sha256:" + "0" * 64, "3.13"),
    ],
)
def test_the_version_of_an_image(dockerfile: ModuleType, image: str, version: str) -> None:
    assert dockerfile.python_version(image) == version


def test_lines_words_and_variables(dockerfile: ModuleType) -> None:
    text = 'from python:3.12\nLABEL "a" "b"\nENV A=1 B="two \\\n  words"\nENV OLD  form of it\n'
    _, first, second = dockerfile.read_dockerfile(text)
    assert dict(dockerfile.read_assignments(first.text)) == {"A": "1", "B": "two  words"}
    assert dict(dockerfile.read_assignments(second.text)) == {"OLD": "form of it"}
    values = {"A": "1"}
    assert dockerfile.substitute("$A ${A} ${B:-b} ${A:+yes} ${B:+no} \\$A $B.", values) == (
        "1 1 b yes  $A ."
    )
