"""Set up a repository on the simulated GitHub, as `dist-actions init --apply` does on GitHub."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dist_actions.identity.secret import Secret
from dist_actions.repository_settings.applying import make_change
from dist_actions.repository_settings.comparison import compare
from dist_actions.repository_settings.expected import ExpectedSettings
from dist_actions.repository_settings.reading import read_repository_settings
from dist_actions.services.clock import SystemClock
from dist_actions.services.github.client import GitHubClient, GitHubConnection
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.toolchain import run_program

#: What google.sh prints of an environment, by the field of the ready file that has it.
_VARIABLES = {
    "GCP_WIF_PROVIDER": "workload_identity_provider",
    "GCP_SA_EMAIL": "service_account",
    "GCP_PROJECT_ID": "project_id",
    "AR_LOCATION": "location",
    "AR_REPOSITORY": "repository",
}


def set_up_repository(sandbox: Sandbox, expected: ExpectedSettings) -> None:
    """Make and change the settings that the workflows need, as the developer.

    Raises:
        GitHubApiError: The simulated GitHub refused.
    """
    values = {
        (str(environment["name"]).lower(), name): str(environment[field])
        for environment in sandbox.ready["environments"]
        for name, field in _VARIABLES.items()
    }
    client = _open(sandbox)
    for row in compare(read_repository_settings(client), expected, values):
        if row.change is not None:
            make_change(client, row.change)


def prepare_new_repository(sandbox: Sandbox, expected: ExpectedSettings) -> None:
    """Make what stands before `dist-actions init --apply` runs without further options.

    Google Cloud is set up, and the variables that google.sh printed are set; only the bot, which
    that command would have to be told, makes tags.
    """
    for environment in sandbox.ready["environments"]:
        values = {name: environment[field] for name, field in _VARIABLES.items()}
        sandbox.control("PUT", f"environments/{environment['name']}/variables", values)
    client = _open(sandbox)
    rulesets = tuple(row for row in expected.rulesets if row.bypass_actors)
    for row in compare(read_repository_settings(client), ExpectedSettings((), rulesets=rulesets)):
        if row.change is not None:
            make_change(client, row.change)


def run_init(sandbox: Sandbox, folder: Path, options: Sequence[str]) -> None:
    """Run `dist-actions init` in a clone, as the developer.

    Raises:
        ToolError: It failed.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    run_program(
        [sys.executable, "-m", "dist_actions.cli", "init", str(folder), *options],
        folder=folder.parent,
        environ={
            **own,
            "GITHUB_API_URL": sandbox.bypass_gateway(sandbox.api_url),
            "GITHUB_SERVER_URL": sandbox.server_url,
            "GITHUB_REPOSITORY": sandbox.github_repository,
            "GH_TOKEN": sandbox.user_token,
            "NO_PROXY": "127.0.0.1",
        },
        label=f"dist-actions init {' '.join(options)}",
    )


def protect(sandbox: Sandbox, reviewed: Mapping[str, Mapping[str, Any]]) -> None:
    """Let environments ask for an approval, by the rules of each."""
    for name, rules in reviewed.items():
        sandbox.write("PUT", f"environments/{name}", rules)


def _open(sandbox: Sandbox) -> GitHubClient:
    runner = Runner(sys.stderr, commands=False)
    connection = GitHubConnection(
        api_url=sandbox.bypass_gateway(sandbox.api_url),
        server_url=sandbox.server_url,
        github_repository=sandbox.github_repository,
        retries=Retries(SystemClock(), runner.log),
        runner=runner,
    )
    return GitHubSession(connection).as_person(Secret(sandbox.user_token))
