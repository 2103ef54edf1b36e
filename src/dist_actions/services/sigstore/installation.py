"""Install the packages that sign into the action's container, when a run first needs them.

The image leaves them out: it is built for every job, and most attest nothing. What installs them
imports none of what they bring.
"""

import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from dist_actions.job.installer_settings import choose_settings
from dist_actions.services.sigstore.refusals import (
    explain_failed_installation,
    explain_missing_packages,
)

#: Where the image keeps the lock; elsewhere there is none, and users install the extra themselves.
LOCK = Path("/requirements/attestations.txt")
_INSTALLATION_SECONDS = 300


def install_packages(lock: Path = LOCK) -> None:
    """Install the packages that sign into the action's container, by its lock.

    The image leaves them out: it is built for every job, and most attest nothing. Measured: 5 s
    and 20 MB more.

    Raises:
        InputError: This is not the action's container.
        ServiceUnavailableError: The package index did not give them.
    """
    if not lock.is_file():
        raise explain_missing_packages()
    command = [
        *[sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-cache-dir"],
        *["--no-compile", "--disable-pip-version-check", "--no-input", "--no-deps"],
        *["--root-user-action", "ignore"],
        *["--require-hashes", "--only-binary", ":all:", "-r", str(lock)],
    ]
    with tempfile.TemporaryDirectory() as folder:
        # Where packages come from, and nothing else of the job: no input, no token, no workspace.
        environ = {
            **choose_settings(os.environ, (), Path.cwd()),
            "HOME": folder,
            "TMPDIR": folder,
            "PIP_CONFIG_FILE": os.devnull,
        }
        try:
            process = subprocess.run(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=_INSTALLATION_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise explain_failed_installation(str(error)) from error
    if process.returncode:
        raise explain_failed_installation(process.stdout)
    importlib.invalidate_caches()
