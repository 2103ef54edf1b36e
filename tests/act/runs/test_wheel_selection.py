"""The stand-in for cibuildwheel builds the wheels that the project's settings select."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_sandbox.rehearse.actions.replaced import STAND_INS_FOLDER

LINUX, MACOS, WINDOWS = "manylinux_2_28_x86_64", "macosx_11_0_arm64", "win_amd64"
EVERY = {f"3.{minor} {platform}" for minor in (11, 12, 13) for platform in (LINUX, MACOS, WINDOWS)}


@pytest.fixture
def is_selected(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Return the function as the stand-in's program imports it."""
    monkeypatch.syspath_prepend(str(STAND_INS_FOLDER))
    function: Callable[..., bool] = importlib.import_module("wheel_selection").is_selected
    return function


@pytest.mark.parametrize(
    ("settings", "environ", "selected"),
    [
        ("", "", EVERY),
        ('build = "cp311-* cp312-*"', "", {row for row in EVERY if "3.13" not in row}),
        ('build = ["cp31{1,2}-*"]', "", {row for row in EVERY if "3.13" not in row}),
        ('build = [\n  "cp311-*", # oldest\n]\n', "", {row for row in EVERY if "3.11" in row}),
        ('skip = "*-win_amd64"', "", {row for row in EVERY if "win" not in row}),
        ("skip = ['*-musllinux*', 'cp313-*']", "", {row for row in EVERY if "3.13" not in row}),
        ('build = "cp311-*"', "cp313-macosx_arm64", {f"3.13 {MACOS}"}),
        ('[tool.cibuildwheel.linux]\nbuild = "cp311-*"', "", EVERY),
    ],
)
def test_build_and_skip_are_patterns(
    tmp_path: Path,
    is_selected: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    settings: str,
    environ: str,
    selected: set[str],
) -> None:
    text = f'[project]\nname = "a"\n[tool.cibuildwheel]\n{settings}\n[tool.other]\nbuild = "x"\n'
    (tmp_path / "pyproject.toml").write_text(text)
    monkeypatch.setenv("CIBW_BUILD", environ)

    found = {
        f"3.{minor} {platform}"
        for minor in (11, 12, 13)
        for platform in (LINUX, MACOS, WINDOWS)
        if is_selected((3, minor), platform, tmp_path)
    }

    assert found == selected
