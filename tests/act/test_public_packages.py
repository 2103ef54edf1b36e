"""Real input: packages that nobody here wrote go from dev to production with the starters."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.network


@pytest.mark.parametrize(
    ("project", "version", "declared"),
    [
        pytest.param("cachetools", "5.5.2", "setup.cfg", id="setuptools"),
        pytest.param("colorama", "0.4.6", "hatch path", id="hatchling"),
        pytest.param("idna", "3.10", "__version__", id="flit"),
    ],
)
def test_a_public_package_reaches_production(
    project: str, version: str, declared: str, tmp_path: Path
) -> None:
    source = _fetch_sdist(project, version, tmp_path)
    output = tmp_path / "out"
    done = subprocess.run(
        [
            *[sys.executable, "-m", "dist_sandbox.cli", "rehearse", "--init"],
            *["--project", str(source), "--output", str(output)],
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((output / "report.json").read_text(encoding="utf-8"))
    assert (report["package"], report["version"]) == (project, version)
    places = report["environments"]
    assert [place["name"] for place in places] == ["dev", "qa", "prd"]
    assert [place["tag"] for place in places] == [
        f"v{version}-dev",
        f"v{version}-qa",
        f"v{version}",
    ]
    assert [place["installed_version"] for place in places] == [version] * 3


def _fetch_sdist(project: str, version: str, folder: Path) -> Path:
    """Fetch and unpack an sdist; it stays in the test's own folder."""
    subprocess.run(
        [
            *[sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"],
            *["--no-binary", ":all:", "--dest", str(folder), f"{project}=={version}"],
        ],
        check=True,
        capture_output=True,
    )
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"{project}-{version}"
