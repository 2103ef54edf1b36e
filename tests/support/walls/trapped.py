"""Runs a command on a machine whose every packet is counted, with a user's secrets lying around.

trapped = Trapped.plant(tmp_path)
done = trapped.run([sys.executable, "-m", "some.program"])
assert done.returncode == 0
assert trapped.packets == 0
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.paths import ROOT

MARKER = ("planted-", "b1d63f0a")
_TRAP = Path(__file__).with_name("trap.py")
#: What users have lying in their home folders.
_HOME_FILES = (
    ".ssh/id_ed25519", ".ssh/config", ".netrc", ".pypirc", ".npmrc", ".gitconfig",
    ".config/gh/hosts.yml", ".config/pip/pip.conf", ".config/git/credentials",
    ".aws/credentials", ".docker/config.json",
    ".config/gcloud/application_default_credentials.json",
    ".local/share/keyrings/login.keyring", ".cargo/credentials.toml",
    ".gnupg/private-keys-v1.d/a.key", ".bash_history", ".cache/pip/a",
)  # fmt: skip
_VARIABLES = (
    "MARKER", "SSH_AUTH_SOCK", "GPG_AGENT_INFO", "DBUS_SESSION_BUS_ADDRESS",
    "AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS", "GH_TOKEN", "GITHUB_TOKEN",
    "TWINE_PASSWORD", "UV_PUBLISH_TOKEN", "PIP_KEYRING_PROVIDER", "GIT_ASKPASS", "SSH_ASKPASS",
    "GIT_SSH_COMMAND", "DOCKER_AUTH_CONFIG", "GCE_METADATA_HOST", "NPM_TOKEN",
    "CARGO_REGISTRY_TOKEN", "POETRY_PYPI_TOKEN_PYPI",
)  # fmt: skip


@dataclass
class Trapped:
    """A machine of its own for one command.

    Attributes:
        home: A home folder with secrets that hold the marker.
        project: A project, which holds it as well.
        packets: What the last command sent out of the machine.
    """

    folder: Path
    home: Path
    project: Path
    packets: list[str] = field(default_factory=list)

    @classmethod
    def plant(cls, folder: Path) -> "Trapped":
        """Make the home folder and the project; skip the test where no trap can be made."""
        tried = subprocess.run(_namespaces("ip", "link"), capture_output=True, check=False)
        if not shutil.which("ip") or tried.returncode:
            pytest.skip("needs `ip`, and namespaces of its own")
        home, project = folder / "home", folder / "project"
        for name in _HOME_FILES:
            _write(home / name, "".join(MARKER))
        _write(project / "pyproject.toml", '[project]\nname = "a"\nversion = "1"\n')
        _write(project / "secret", "".join(MARKER))
        return cls(folder, home, project)

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, and count what it sent."""
        marker = "".join(MARKER)
        # Tools that lie in the real home folder stay where they are.
        real_home = Path(os.environ.get("HOME", "/"))
        tools = {
            "PYENV_ROOT": str(real_home / ".pyenv"),
            "RUSTUP_HOME": str(real_home / ".rustup"),
            "UV_PYTHON_INSTALL_DIR": str(real_home / ".local" / "share" / "uv" / "python"),
        }
        environ = {**tools, **os.environ, **dict.fromkeys(_VARIABLES, marker)}
        environ |= {
            "HOME": str(self.home),
            # What the rehearsal itself reads for builds is not what is counted here.
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")]),
        }
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
            environ.pop(name, None)
        report = self.folder / "packets"
        done = subprocess.run(
            _namespaces(sys.executable, str(_TRAP), str(report), *command),
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.packets = report.read_text(encoding="ascii").splitlines()
        return done


def _namespaces(*command: str) -> list[str]:
    return ["unshare", "--user", "--map-root-user", "--net", *command]


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
