"""The command `dist-actions status` as a person runs it, and releases for it to show."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from dist_actions.distributions.manifest import MANIFEST_NAME, CarriedFrom, Manifest
from support.distributions.builders import make_manifest, parsed, write_manifest, write_release
from support.environments import tag_name
from support.paths import SOURCE
from support.promotion.project import PromotedProject
from support.sandbox.releases import publish_release


def command_environ(project: PromotedProject, **changes: str) -> dict[str, str]:
    """Return the environment of the command, as a person has it; an empty value removes one."""
    addresses = project.sandbox.world.addresses
    job = project.sandbox.job({"contents": "read", "pull-requests": "read"})
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "NO_PROXY": "127.0.0.1",
        "GH_TOKEN": str(job["token"]),
        "GITHUB_API_URL": addresses.github_api,
        "GITHUB_SERVER_URL": addresses.github_server,
        **changes,
    }
    return {name: value for name, value in environ.items() if value}


def run_status(
    project: PromotedProject, *arguments: str, cwd: Path | None = None, **changes: str
) -> "subprocess.CompletedProcess[str]":
    """Run the command in the developer's clone, or in another folder."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "dist_actions.cli", "status", *arguments],
        cwd=cwd or project.checkout,
        env=command_environ(project, **changes),
        capture_output=True,
        text=True,
        check=False,
    )


def read_status(project: PromotedProject, *arguments: str, **changes: Any) -> dict[str, Any]:
    """Return what the command prints with `--json`."""
    process = run_status(project, "--json", *arguments, **changes)
    assert (process.returncode, process.stderr) == (0, "")
    status: dict[str, Any] = json.loads(process.stdout)
    return status


def publish_with_manifest(
    project: PromotedProject,
    version: str,
    environment: str,
    carried: Manifest | None = None,
    **changes: Any,
) -> Manifest:
    """Publish the release of a tag as the release stage does.

    Args:
        project: Whose release.
        version: Of the tag, which exists.
        environment: Of the tag.
        carried: Manifest of the release whose files it has.
        changes: Fields of the manifest; `text` is what stands in the asset instead.
    """
    tag = tag_name(version, environment)
    folder = project.workspace.parent / f"a-{environment}"
    text = changes.pop("text", None)
    write_release(folder, version)
    fields = {
        "version": parsed(version),
        "tag": tag,
        "commit_sha": project.on_github("rev-parse", f"{tag}^{{commit}}"),
        "tree_sha": project.tree(tag),
        "environment": environment,
        "carried_from": _record(carried) if carried else None,
    }
    manifest = make_manifest(folder, **{**fields, **changes})
    write_manifest(folder, manifest)
    if text is not None:
        (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")
    publish_release(project.sandbox, tag, folder)
    return manifest


def _record(manifest: Manifest) -> CarriedFrom:
    return CarriedFrom(
        manifest.environment,
        manifest.tag,
        manifest.commit_sha,
        manifest.tree_sha,
        manifest.sha256,
    )
