"""A release by the action, phase by phase, as the jobs of the starter workflow run it."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.action import Job, app_inputs, runner_variables
from benchmarks.sandbox import Sandbox
from benchmarks.toolbox import Toolbox
from benchmarks.versions_to_release import Tagged

PHASES = ("plan", "build", "publish")


def release_by_action(
    sandbox: Sandbox,
    tagged: Tagged,
    environment: str,
    toolbox: Toolbox,
    *,
    tool_cache: Path,
    downloads: Path,
) -> dict[str, float]:
    """Run all phases for a version, and return seconds by phase.

    Args:
        sandbox: Whose GitHub and index are used.
        tagged: What to release; its tag belongs to `environment`.
        environment: Names the index.
        toolbox: What is on PATH.
        tool_cache: Where the action's environment is.
        downloads: pip's cache.

    Raises:
        CommandFailedError: A phase failed.
    """
    ref = f"refs/tags/{tagged.tag}"
    variables = runner_variables(sandbox, ref, tagged.sha, tagged.folder)
    job = Job(toolbox, tagged.folder, tool_cache, tagged.checkout, variables)
    credentials = register_job(sandbox, ref, tagged.sha)
    inputs = {"github-token": credentials["token"], "package-path": "."}
    identity = identity_variables(credentials, environment)
    phase_inputs: dict[str, dict[str, str]] = {
        "plan": {},
        "build": {"commit-sha": tagged.sha},
        "publish": publishing_inputs(sandbox, environment),
    }
    times: dict[str, float] = {}
    for phase in PHASES:
        run = job.run(
            "release",
            {"phase": phase, **inputs, **phase_inputs[phase]},
            PIP_CACHE_DIR=str(downloads),
            **(identity if phase == "publish" else {}),
        )
        times[phase] = run.seconds
        if phase == "build":
            phase_inputs["publish"]["manifest-sha256"] = run.outputs["manifest-sha256"]
    return times


def publishing_inputs(sandbox: Sandbox, environment: str) -> dict[str, str]:
    """Return the inputs of the phase `publish`: the releaser bot's, and those of an index."""
    place = sandbox.environment(environment)
    return {
        **app_inputs(sandbox, "releaser-bot"),
        "workload-identity-provider": place["workload_identity_provider"],
        "service-account": place["service_account"],
        "project-id": place["project_id"],
        "location": place["location"],
        "repository": place["repository"],
    }


def identity_variables(credentials: Mapping[str, str], environment: str) -> dict[str, str]:
    """Return the variables by which a job asks for its ID token."""
    return {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{credentials['oidc_request_url']}"
        f"&environment={environment}",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": credentials["oidc_request_token"],
    }


def register_job(sandbox: Sandbox, ref: str, sha: str) -> dict[str, str]:
    """Register a job that runs for the tag, and return its credentials."""
    job = {
        "run_id": 1,
        "workflow": ".github/workflows/release.yml",
        "name": "publish",
        "event_name": "push",
        "ref": ref,
        "sha": sha,
        "actor": "automation-bot[bot]",
        "permissions": {"contents": "read", "id-token": "write"},
    }
    return dict(sandbox.control("POST", "jobs", job))
