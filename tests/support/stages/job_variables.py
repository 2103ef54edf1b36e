"""The variables that the runner's machine gives a stage."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

#: What installers need to reach the machine's package index.
_INSTALLER_VARIABLES = re.compile(
    r"PIP_.*|UV_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE", re.ASCII
)
#: Actions that install packages even where their own environment stands.
_INSTALLING = frozenset({"release"})


def machine_variables(folder: Path, tool_cache: Path) -> dict[str, str]:
    """Make those of a machine whose home and temporary folder are in a folder."""
    return {
        **{name: os.environ[name] for name in _installer_variables()},
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "NO_PROXY": "127.0.0.1",
        "RUNNER_TEMP": str(folder / "temp"),
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_TOOL_CACHE": str(tool_cache),
    }


def used_variables(
    action: str, variables: Mapping[str, str], changed: Mapping[str, str]
) -> dict[str, str]:
    """Choose those that a run uses whose action's environment stands.

    To read the certificates of all authorities would take a fifth of a short run.

    Args:
        changed: Those that the test has set itself, which stay.
    """
    unused = set() if action in _INSTALLING else _installer_variables() - changed.keys()
    return {name: value for name, value in variables.items() if name not in unused}


def _installer_variables() -> set[str]:
    return set(filter(_INSTALLER_VARIABLES.fullmatch, os.environ))
