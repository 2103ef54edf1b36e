"""Whoever calls `python-release.yml` has a release in six lines."""

import re
import sys
from pathlib import Path

import pytest

from support.act.rehearse_command import copy_bare_sample, read_report, rehearse
from support.documentation.pages import page
from support.paths import EXAMPLES

pytestmark = pytest.mark.network


def test_a_tag_is_released_by_one_call(tmp_path: Path) -> None:
    project = copy_bare_sample(tmp_path / "eigenoid-sample")
    settings, version = project / "pyproject.toml", f"3.{sys.version_info.minor}"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub('">=3[^"]*"', f'"=={version}.*"', text), encoding="utf-8")
    folder = project / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "auto-tag.yml").write_bytes((EXAMPLES / "auto-tag.yml").read_bytes())
    calling = page("docs/reusable-workflow.md").blocks("yaml")[0].text
    (folder / "release.yml").write_text(calling, encoding="utf-8")

    done = rehearse(project, tmp_path / "out", "--until", "dev")

    assert done.returncode == 0, done.stdout + done.stderr
    (place,) = read_report(tmp_path / "out")["environments"]
    assert (place["tag"], place["installed_version"]) == ("v0.5.0-dev", "0.5.0")
    assert place["release"]["author"] == "github-actions[bot]"
