"""Release workflows that use nothing of ours are rehearsed unchanged, up to their publication."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dist_sandbox.rehearse.toolchain import default_cache
from support.act.foreign_projects import PROJECTS, ForeignProject, publish_actions, write_project
from support.act.rehearse_command import read_report, rehearse

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def foreign_actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let git find the actions on this machine."""
    actions = publish_actions(tmp_path_factory.mktemp("actions"))
    cache = tmp_path_factory.mktemp("cache")
    packages = default_cache(os.environ)
    (cache / "dist-sandbox").mkdir()
    for name in ("pip", "uv", "tool-cache"):
        # Packages are those of everybody; what is fetched from the mirror is nobody else's.
        (packages / name).mkdir(parents=True, exist_ok=True)
        (cache / "dist-sandbox" / name).symlink_to(packages / name)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**actions.environ, "XDG_CACHE_HOME": str(cache)}.items():
            patch.setenv(name, value)
        yield


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.kind)
def test_it_reaches_its_publication(
    foreign_actions: None, tmp_path: Path, project: ForeignProject
) -> None:
    folder = write_project(project, tmp_path / "pelican")
    output = tmp_path / "out"
    done = rehearse(folder, output, "--fetch-actions", *project.options)
    assert done.returncode == 0, done.stdout + done.stderr
    report = read_report(output)
    files = {index["name"]: index["files"] for index in report["indexes"]}
    assert {file["name"] for file in files["PyPI"]} == set(project.publishes)
    by_hand = [stage["name"] for stage in report["stages"] if "command" in stage]
    own = [name for name in by_hand if not name.startswith("approve ")]  # the reviewer's
    assert own == ["push", *project.steps]
