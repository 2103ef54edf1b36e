"""The Dockerfiles can be built by act, and pin what they install."""

import pytest

from support.automation import dockerfile_rules
from support.paths import ROOT

BASE = f"python:3.13-slim@sha256:{'0' * 64}"
BAD_DOCKERFILES = [
    ("buildkit_syntax", f"# syntax=docker/dockerfile:1\nFROM {BASE}\n"),
    ("buildkit_syntax", f"FROM {BASE}\nRUN --mount=type=cache,target=/x true\n"),
    ("buildkit_syntax", f"FROM {BASE}\nRUN <<EOF\ntrue\nEOF\n"),
    ("floating_base", "FROM python\n"),
    ("floating_base", "FROM python:3.13-slim\n"),
    ("floating_base", f"FROM python@sha256:{'0' * 64}\n"),
    ("floating_base", "FROM python:latest AS wheel\n"),
    ("unhashed_install", f"FROM {BASE}\nRUN pip install twine\n"),
    *(
        (
            "source_before_lock",
            f"FROM {BASE}\nCOPY {copied}\nRUN pip install --require-hashes -r x.txt\n",
        )
        for copied in ("src src", ". .")
    ),
]


def findings(text: str) -> list[str]:
    return [rule.__name__ for rule in dockerfile_rules.RULES for _ in rule(text)]


@pytest.mark.parametrize("path", ["Dockerfile", "tests/Dockerfile"])
def test_a_dockerfile_keeps_the_rules(path: str) -> None:
    assert findings((ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("rule", "text"), BAD_DOCKERFILES)
def test_a_rule_catches_its_bad_sample(rule: str, text: str) -> None:
    assert findings(text) == [rule]
