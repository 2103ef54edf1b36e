"""What signs attestations is installed where a job asks for it, and nowhere else."""

import subprocess
import sys
from pathlib import Path

import pytest

from dist_actions.errors import InputError, ServiceUnavailableError
from dist_actions.services.sigstore.installation import install_packages
from support.paths import ROOT
from support.stages.running import StageRunner

LOCK = ROOT / "requirements" / "attestations.txt"
INSTALLS = (
    "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; "
    "from dist_actions.services.sigstore.installation import install_packages; "
    "install_packages(*map(Path, sys.argv[2:])); import pypi_attestations"
)


@pytest.mark.network
@pytest.mark.parametrize(
    ("phase", "attestations", "expected", "installer"),
    [
        pytest.param("publish", "true", "release-attestations", "uv", id="asked for, uv"),
        pytest.param("publish", "true", "release-attestations", "pip", id="asked for, pip"),
        pytest.param("publish", "false", "release", "pip", id="not asked for, pip"),
        # Which locks are taken is decided before anything is installed.
        pytest.param("plan", "true", "release", "uv", id="another phase, uv"),
    ],
)
def test_the_release_action_takes_what_its_job_needs(
    run_stage_alone: StageRunner,
    tmp_path: Path,
    phase: str,
    attestations: str,
    expected: str,
    installer: str,
) -> None:
    tools = [str(Path(sys.executable).parent)] if installer == "uv" else []
    run_stage_alone(
        "release",
        {"phase": phase},
        workspace=tmp_path,
        environ={
            "INPUT_ATTESTATIONS": attestations,
            "RUNNER_TOOL_CACHE": str(tmp_path / "cache"),
            "PATH": ":".join([*tools, "/usr/bin", "/bin"]),
        },
    )
    (folder,) = (path for path in (tmp_path / "cache" / "dist-actions").iterdir() if path.is_dir())
    assert (folder / "dist-actions-complete").is_file()
    assert folder.name.startswith("release-attestations-") == (expected != "release")
    imported = run(folder / "bin" / "python", "import pypi_attestations, twine")
    assert (imported.returncode == 0) == (expected != "release"), imported.stderr


@pytest.mark.network
def test_the_image_installs_it_by_its_lock_when_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the job tells pip for its own sake."""
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    python = make_environment(tmp_path)
    done = run(python, INSTALLS, str(ROOT / "src"), str(LOCK))
    assert done.returncode == 0, done.stderr


def test_elsewhere_users_are_told_which_extra_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pip install 'dist-actions\[attestations\]'"):
        install_packages(tmp_path / "no-lock.txt")


def test_an_index_that_does_not_answer_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(f"nothing-of-the-kind==1 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(ServiceUnavailableError, match="could not be installed") as raised:
        install_packages(lock)
    assert "nothing was uploaded" in raised.value.fix


def make_environment(folder: Path) -> Path:
    """A Python like the image's: with pip, and what refusals are written with."""
    subprocess.run([sys.executable, "-m", "venv", folder / "environment"], check=True)
    return folder / "environment" / "bin" / "python"


def run(python: Path, code: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python code in an environment."""
    return subprocess.run(
        [python, "-I", "-c", code, *arguments], capture_output=True, text=True, check=False
    )
