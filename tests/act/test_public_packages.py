"""Real input: packages that nobody here wrote go from `dev` to production with the starters."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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
    "requirement",
    ["six==1.17.0", "colorama==0.4.6", "idna==3.10"],
    ids=["setuptools", "hatchling", "flit"],
)
def test_a_public_package_reaches_production(tmp_path: Path, requirement: str) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    project = fetch_sdist(requirement, sources)
    command = [sys.executable, "-m", "dist_sandbox.cli", "rehearse", "--init"]
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
    assert list(standings) == ["dev", "qa", "prd"]
    assert {place["installed_version"] for place in standings.values()} == {version}
    assert standings["prd"]["release"]["latest"]
    assert all(place["files"] for place in standings.values())
