"""Real input: packages that nobody here wrote go their way with the starters."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from support.paths import ROOT


def fetch_sdist(requirement: str, folder: Path) -> Path:
    """Download and unpack the source distribution of a requirement."""
    name = requirement.partition("==")[0]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name]
    subprocess.run([*pip, "--dest", str(folder), requirement], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    archive.unlink()
    (unpacked,) = folder.iterdir()
    return unpacked


@pytest.mark.network
@pytest.mark.parametrize(
    ("requirement", "environments"),
    [
        ("six==1.17.0", ["dev", "qa", "prd"]),
        ("colorama==0.4.6", ["dev"]),
        ("idna==3.10", ["dev"]),
    ],
    ids=["setuptools", "hatchling", "flit"],
)
def test_a_public_package_is_released(
    tmp_path: Path, requirement: str, environments: list[str]
) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    project = fetch_sdist(requirement, sources)
    command = [sys.executable, "-m", "dist_sandbox.cli", "rehearse", "--init"]
    command += ["--until", environments[-1]]
    done = subprocess.run(
        [*command, "--project", str(project), "--output", str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=1500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    name, _, version = requirement.partition("==")
    assert (report["package"], report["version"]) == (name, version)
    standings = {place["name"]: place for place in report["environments"]}
    assert list(standings) == environments
    assert {place["installed_version"] for place in standings.values()} == {version}
    assert standings[environments[-1]]["release"]["latest"] == ("prd" in environments)
    assert all(place["files"] for place in standings.values())
