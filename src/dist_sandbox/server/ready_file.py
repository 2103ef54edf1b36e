"""The ready file: addresses and credentials for whoever started a sandbox.

It holds credentials of the sandbox's own making, so only its owner may read it.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dist_sandbox.jobs import Access, Job, JobDescription
from dist_sandbox.organisation import PublishingRepository, SandboxEnvironment
from dist_sandbox.world import World

#: The job whose credentials the ready file offers to tools that run outside any workflow.
_JOB_PERMISSIONS: Mapping[str, Access] = {
    "contents": "write",
    "pull-requests": "write",
    "actions": "read",
    "deployments": "write",
    "id-token": "write",
}


def register_first_job(world: World) -> Job:
    """Register the job whose credentials the ready file holds: a push to `dev`."""
    repository = world.github.repository
    dev = repository.git.branch("dev")
    return world.jobs.register(
        JobDescription(
            run_id=1,
            workflow=".github/workflows/release.yml",
            name="ready",
            event_name="push",
            ref="refs/heads/dev",
            sha="0" * 40 if dev is None else dev.sha,
            actor=world.github.users[0].account.login,
            permissions=_JOB_PERMISSIONS,
        )
    )


def describe_public(world: World) -> dict[str, Any]:
    """Describe every address and name, and no credential."""
    addresses = world.addresses
    repositories = [_describe_repository(world, row) for row in world.publishing]
    return {
        "github_api_url": addresses.github_api,
        "github_graphql_url": addresses.github_graphql,
        "github_server_url": addresses.github_server,
        **repositories[0],
        "repositories": repositories,
        "control_url": addresses.control,
        "oidc_request_url": addresses.oidc_request,
        "runner_url": addresses.runner,
        "artifacts_url": addresses.artifacts,
        "service_variables": dict(addresses.service_variables),
        "pypi_url": addresses.pypi,
        "testpypi_url": addresses.testpypi,
        "sts_url": addresses.sts,
        "iam_credentials_url": addresses.iam_credentials,
        "apps": [
            {
                "slug": app.slug,
                "client_id": app.client_id,
                "app_id": app.app_id,
                "installation_id": app.installation_id,
            }
            for app in world.github.apps
        ],
        "users": [{"login": user.account.login} for user in world.github.users],
    }


def describe(world: World, job: Job) -> dict[str, Any]:
    """Make the content of the ready file."""
    public = describe_public(world)
    apps = [
        {**row, "private_key_file": str(app.private_key_file)}
        for row, app in zip(public["apps"], world.github.apps, strict=True)
    ]
    users = [{"login": user.account.login, "token": user.token} for user in world.github.users]
    return {
        **public,
        "control_token": world.control_token,
        "job_token": job.token,
        "oidc_request_token": job.oidc_request_token,
        "apps": apps,
        "users": users,
    }


def write_ready_file(path: Path, content: dict[str, Any]) -> None:
    """Write the file in one step, so that a reader sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Temporary files are readable by their owner alone from the start.
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        json.dump(content, target, indent=2)
        target.write("\n")
    os.replace(scratch, path)


def _describe_repository(world: World, publishing: PublishingRepository) -> dict[str, Any]:
    name = publishing.github_repository
    return {
        "repository": name,
        "git_url": world.addresses.git_url(name),
        "environments": [_describe_environment(world, row) for row in publishing.environments],
    }


def _describe_environment(world: World, environment: SandboxEnvironment) -> dict[str, Any]:
    place = {
        "location": environment.location,
        "project_id": environment.project_id,
        "repository": environment.repository,
    }
    return {
        "name": environment.name,
        "workload_identity_provider": environment.workload_identity_provider,
        "service_account": environment.service_account,
        **place,
        "upload_url": world.addresses.upload_url(**place),
        "index_url": world.addresses.index_url(**place),
    }
