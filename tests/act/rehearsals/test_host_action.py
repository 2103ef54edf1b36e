"""Without an engine the root action, a Docker action, runs on the host by the same entrypoint."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.rehearse.actions.sources import ActionSources, composite
from dist_sandbox.rehearse.actions.tree import export_tree
from dist_sandbox.rehearse.workflows.files import parse_yaml
from support.act.rehearse_command import copy_bare_sample, read_report, rehearse
from support.paths import EXAMPLES, ROOT

USES = "eigenoid/dist-actions@v1"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree") / "actions"
    export_tree(ROOT, folder)
    return folder


def metadata() -> dict[str, Any]:
    read: dict[str, Any] = parse_yaml("", (ROOT / "action.yml").read_text(encoding="utf-8"))
    return read


def test_every_input_and_output_is_passed_on() -> None:
    original, stand_in = metadata(), composite(metadata())
    assert stand_in["inputs"] == original["inputs"]
    (step,) = stand_in["runs"]["steps"]
    assert step["env"] == {
        f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in original["inputs"]
    }
    assert stand_in["outputs"].keys() == original["outputs"].keys()
    assert "${{" not in step["run"]


def test_with_an_engine_it_stays_what_it_is(tree: Path) -> None:
    assert ActionSources(tree, docker=True).find("w.yml", USES).uses == USES
    on_host = ActionSources(tree).find("w.yml", USES)
    assert on_host.container is None
    assert on_host.inputs == metadata()["inputs"]


@pytest.mark.network
def test_a_project_that_publishes_by_the_root_action(tmp_path: Path) -> None:
    project = tmp_path / "sample"
    copy_bare_sample(project)
    workflows = project / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(EXAMPLES / "auto-tag.yml", workflows)
    text = (EXAMPLES / "release-docker.yml").read_text(encoding="utf-8")
    assert f"uses: {USES}" in text
    text = re.sub(r"(?s)  test:\n.*?(?=  publish:\n)", "", text).replace("build, test]", "build]")
    (workflows / "release.yml").write_text(text, encoding="utf-8")
    output = tmp_path / "out"
    done = rehearse(project, output, "--until", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"publish / Run {USES} on this machine" in done.stdout
    (place,) = read_report(output)["environments"]
    assert place["installed_version"] == "0.5.0"
    (log,) = output.glob("logs/*release*/publish.log")
    assert "There is no container engine" in log.read_text(encoding="utf-8")
