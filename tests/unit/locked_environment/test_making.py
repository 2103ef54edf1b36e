"""Where an environment can stand nowhere, that is what is told."""

import errno
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from dist_actions.locked_environment.making import provide
from dist_actions.locked_environment.place import plan_environment


def test_a_machine_on_which_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: str) -> NoReturn:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    (tmp_path / "file").touch()
    folders = [tmp_path / "file" / "cache"]
    status = provide(plan_environment("auto_tag", {}), folders, {"GITHUB_ACTIONS": "true"})
    log = capsys.readouterr().out
    assert status == 1
    assert f"{folders[0]} cannot be used for the action's environment: Not a directory" in log
    assert "could not be made in any folder" in log
    assert "Why: the disk is full, or this user may write nowhere" in log
