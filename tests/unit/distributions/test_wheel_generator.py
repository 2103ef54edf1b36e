"""The backend's name and version are what the wheel says of itself."""

import zipfile
from pathlib import Path

import pytest

from dist_actions.distributions.metadata import find_generator, parse_generator
from support.distributions.builders import write_wheel

WRITTEN = {
    "setuptools (80.9.0)": "setuptools 80.9.0",
    "bdist_wheel (0.45.1)": "bdist_wheel 0.45.1",
    "hatchling 1.27.0": "hatchling 1.27.0",
    "flit 3.12.0": "flit 3.12.0",
    "poetry-core 2.1.3": "poetry-core 2.1.3",
    "pdm-backend (2.4.5)": "pdm-backend 2.4.5",
    "uv 0.9.2": "uv 0.9.2",
    "maturin (1.9.4)": "maturin 1.9.4",
    "scikit-build-core 0.11.5.dev3+g1234567": "scikit-build-core 0.11.5.dev3+g1234567",
    # Neither name and version nor text for a summary.
    "meson": "",
    "tests": "",
    "": "",
    "x `y` 1.0": "",
    "x latest": "",
    "x (1.0": "",
    f"x {'1' * 100}": "",
}


@pytest.mark.parametrize("written", WRITTEN, ids=lambda text: text[:30] or "nothing")
def test_each_form(written: str) -> None:
    text = f"Wheel-Version: 1.0\nGenerator: {written}\nTag: py3-none-any\n"
    assert parse_generator(text) == WRITTEN[written]


def test_a_tool_that_repairs_wheels_does_not_count() -> None:
    text = "Wheel-Version: 1.0\nGenerator: maturin (1.9.4)\nGenerator: auditwheel 6.4.2\n"
    assert parse_generator(text) == "maturin 1.9.4"


def test_a_wheel_that_says_nothing(tmp_path: Path) -> None:
    assert find_generator(write_wheel(tmp_path)) == ""
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    assert find_generator(tmp_path / "empty.whl") == ""
