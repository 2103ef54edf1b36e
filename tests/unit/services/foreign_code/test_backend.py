"""A build that fails is explained by the line that says why."""

import os
import shutil
from pathlib import Path

import pytest

from dist_actions.errors import BuildError
from dist_actions.services.foreign_code.backend import Backend, find_reason


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("", ""),
        ("building\n\nthe end\n", "the end"),
        (
            "Looking in links: /x\nERROR: Could not find a version\n"
            "ERROR: No matching distribution\n",
            "ERROR: No matching distribution",
        ),
        (
            "Using Python 3.11\nerror: No solution\n  cause: there is no such version\nhint: x\n",
            "error: No solution; cause: there is no such version",
        ),
        (
            "a.c:1: warning\nerror: command 'gcc' failed\n[end of output]",
            "error: command 'gcc' failed",
        ),
        ("Traceback (most recent call last):\nValueError: no name", "ValueError: no name"),
    ],
)
def test_the_line_that_says_why(output: str, reason: str) -> None:
    assert find_reason(output) == reason


@pytest.mark.network
@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_a_build_requirement_that_does_not_exist_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installer: str
) -> None:
    if installer == "pip":
        monkeypatch.setattr(
            "dist_actions.services.foreign_code.backend._installer", lambda _: "pip"
        )
    elif not shutil.which("uv"):
        pytest.skip("uv is not on PATH")
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling==999"]\nbuild-backend = "hatchling.build"\n'
    )
    log: list[str] = []

    with pytest.raises(BuildError, match=r"failed: .*hatchling==999") as raised:
        Backend(tmp_path, os.environ, {}, log.append).build("sdist", tmp_path / "dist")

    assert "the log above" in raised.value.fix
    assert "hatchling==999" in "\n".join(log)
