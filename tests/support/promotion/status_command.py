"""The command `dist-actions status` as a person runs it, and releases for it to show."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dist_actions.distributions.manifest import MANIFEST_NAME, CarriedFrom, Manifest
from support.distributions.builders import make_manifest, parsed, write_manifest, write_release
from support.paths import ROOT

if TYPE_CHECKING:
    from conftest import Chain

SUFFIXES = {"dev": "-dev", "qa": "-qa", "prd": ""}


def command(chain: "Chain", **changes: str) -> dict[str, str]:
    """The environment of the command, as a person has it."""
    addresses = chain.sandbox.world.addresses
    job = chain.sandbox.job({"contents": "read", "pull-requests": "read"})
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "NO_PROXY": "127.0.0.1",
        "GH_TOKEN": str(job["token"]),
        "GITHUB_API_URL": addresses.github_api,
        "GITHUB_SERVER_URL": addresses.github_server,
        **changes,
    }
    return {name: value for name, value in environ.items() if value}


def status(
    chain: "Chain", *arguments: str, cwd: Path | None = None, **changes: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "dist_actions.cli", "status", *arguments],
        cwd=cwd or chain.checkout,
        env=command(chain, **changes),
        capture_output=True,
        text=True,
        check=False,
    )


def said(chain: "Chain", *arguments: str, **changes: Any) -> dict[str, Any]:
    done = status(chain, "--json", *arguments, **changes)
    assert (done.returncode, done.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def publish(
    chain: "Chain",
    version: str,
    environment: str,
    carried: Manifest | None = None,
    **changes: Any,
) -> Manifest:
    """Publish the release of a tag as the release stage does.

    Args:
        chain: Where.
        version: Of the tag, which must be there.
        environment: Of the tag.
        carried: Manifest of the release whose files it has.
        changes: Fields of the manifest; `text` is what stands in the asset instead.
    """
    tag, folder = f"v{version}{SUFFIXES[environment]}", chain.workspace.parent / f"a-{environment}"
    text = changes.pop("text", None)
    write_release(folder, version)
    described = {
        "version": parsed(version),
        "tag": tag,
        "commit_sha": chain.on_github("rev-parse", f"{tag}^{{commit}}"),
        "tree_sha": chain.tree(tag),
        "environment": environment,
        "carried_from": _record(carried) if carried else None,
    }
    manifest = make_manifest(folder, **{**described, **changes})
    write_manifest(folder, manifest)
    if text is not None:
        (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")
    token = chain.sandbox.user_token
    body = {"tag_name": tag, "prerelease": environment != "prd", "draft": True}
    made = chain.sandbox.request("POST", "releases", token=token, json=body).json()
    for path in folder.iterdir():
        url = made["upload_url"].partition("{")[0] + f"?name={path.name}"
        chain.sandbox.request("POST", url, token=token, data=path.read_bytes())
        path.unlink()
    chain.sandbox.request("PATCH", f"releases/{made['id']}", token=token, json={"draft": False})
    return manifest


def _record(manifest: Manifest) -> CarriedFrom:
    return CarriedFrom(
        manifest.environment,
        manifest.tag,
        manifest.commit_sha,
        manifest.tree_sha,
        manifest.sha256,
    )
