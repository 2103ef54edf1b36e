"""A project's settings: defaults, the project's file, inputs; the later win."""

from pathlib import Path

import pytest

from dist_actions.environments import DEFAULT_ENVIRONMENTS
from dist_actions.errors import InputError
from dist_actions.settings import Settings, read_settings

SETTINGS = 'tag-format = "{version}{suffix}"\nenvironments.live.branch = "main"\n'


def write(workspace: Path, name: str, text: str) -> None:
    file = workspace / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_defaults(tmp_path: Path) -> None:
    assert read_settings(tmp_path, ".") == Settings("v{version}{suffix}", DEFAULT_ENVIRONMENTS)


@pytest.mark.parametrize("own", [True, False], ids=["its own file", "pyproject.toml"])
def test_the_projects_file(tmp_path: Path, own: bool) -> None:
    if own:
        write(tmp_path, ".github/dist-actions.toml", SETTINGS)
    else:
        write(tmp_path, "pkg/pyproject.toml", f"[tool.dist-actions]\n{SETTINGS}")

    settings = read_settings(tmp_path, "pkg")

    assert settings.tag_format == "{version}{suffix}"
    assert [stage.name for stage in settings.environments.stages] == ["live"]


def test_inputs_win(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", f"[tool.dist-actions]\n{SETTINGS}")

    settings = read_settings(
        tmp_path, ".", tag_format="r{version}{suffix}", environments="one = {}"
    )

    assert settings.tag_format == "r{version}{suffix}"
    assert [stage.name for stage in settings.environments.stages] == ["one"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[tool.dist-actions]\nbranch = 1", "tool.dist-actions.branch is no setting"),
        ("[tool.dist-actions]\ntag-format = 1", "is no text"),
        ("[tool.dist-actions]\nenvironments = 1", "no table"),
        ("[tool]\ndist-actions = 1", "no table"),
        ("tool = 1", "no table"),
        ("[tool", "not valid TOML"),
        ("x = " + "[" * 5000, "not valid TOML"),
    ],
)
def test_unusable_settings(tmp_path: Path, text: str, problem: str) -> None:
    write(tmp_path, "pyproject.toml", text)

    with pytest.raises(InputError) as refused:
        read_settings(tmp_path, ".")

    assert problem in refused.value.what


def test_a_file_that_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b'[project]\nname = "\xff"\n')

    with pytest.raises(InputError, match="not UTF-8"):
        read_settings(tmp_path, ".")
