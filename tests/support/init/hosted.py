"""A repository on GitHub that `dist-actions init --apply` sets up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.init.projects import PURE, Init, Run, make_repository
from support.sandbox.fixtures import Sandbox

BOT = ("--automation-app", "automation-bot")
#: Runs the command on a repository of GitHub that has no settings: (*arguments) → what it came to.
Apply = Callable[..., Run]


@pytest.fixture
def hosted(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A new repository on GitHub: one branch, no environment; and a token of its administrator."""
    for name in ("dev", "qa", "prd"):
        sandbox.control("DELETE", f"environments/{name}")
    for branch in ("dev", "qa"):
        sandbox.repository.git.git("update-ref", "-d", f"refs/heads/{branch}")
    addresses = sandbox.world.addresses
    monkeypatch.setenv("GITHUB_API_URL", addresses.github_api)
    monkeypatch.setenv("GITHUB_SERVER_URL", addresses.github_server)
    monkeypatch.setenv("GITHUB_REPOSITORY", sandbox.repository.full_name)
    monkeypatch.setenv("GH_TOKEN", sandbox.user_token)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return sandbox


@pytest.fixture
def values(hosted: Sandbox, tmp_path: Path) -> tuple[str, ...]:
    """What google.sh printed for each environment, as options."""
    options = []
    for row in hosted.ready["environments"]:
        file = tmp_path / f"{row['name']}.txt"
        file.write_text(
            "Created service account [eigenoid-sample-publisher].\n"
            f"GCP_WIF_PROVIDER={row['workload_identity_provider']}\n"
            f"GCP_SA_EMAIL={row['service_account']}\n"
            f"GCP_PROJECT_ID={row['project_id']}\n"
            f"AR_LOCATION={row['location']}\nAR_REPOSITORY={row['repository']}\n"
        )
        options += ["--variables", f"{row['name']}={file}"]
    return tuple(options)


@pytest.fixture
def apply(hosted: Sandbox, init: Init, tmp_path: Path) -> Apply:
    """Run the command on a project that was never set up."""
    project = make_repository(tmp_path / "project", PURE)
    return lambda *arguments: init(project, "--apply", *arguments)


def read_settings(sandbox: Sandbox) -> dict[str, Any]:
    """Read all settings that the command may change, as GitHub shows them."""
    token = sandbox.user_token
    settings: dict[str, Any] = {}
    for path in ("environments", "branches", "rulesets", "actions/variables"):
        settings[path] = sandbox.request("GET", path, token=token).json()
    for row in settings["environments"]["environments"]:
        for part in ("deployment-branch-policies", "variables"):
            path = f"environments/{row['name']}/{part}"
            settings[path] = sandbox.request("GET", path, token=token).json()
    return settings
