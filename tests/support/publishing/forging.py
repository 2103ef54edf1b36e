"""What a hostile build hands over: files and a manifest of its own, and the digest of that."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.manifest import MANIFEST_NAME
from support.projects.releases import TaggedProject
from support.stages.running import StageResult

#: Requests that make or exchange a credential.
MINTING = ("access_tokens", "/sts/", "iam-credentials", "mint-token", "oauth2/token")


def forge(folder: Path, changes: Mapping[str, Any]) -> str:
    """Change fields of the manifest in a folder, list the files that lie there, return the digest.

    Args:
        changes: By their keys in `dist-manifest.json`; `files` wins over what lies there.
    """
    path = folder / MANIFEST_NAME
    files = [
        {"name": dist.name, "size": dist.size_bytes, "sha256": dist.sha256}
        for dist in scan_folder(folder, besides=[MANIFEST_NAME])
    ]
    manifest = {**json.loads(path.read_text()), "files": files, **changes}
    path.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def publish_forged(
    project: TaggedProject, changes: Mapping[str, Any], **options: Any
) -> StageResult:
    """Run the publishing job on what a hostile build made of an honest one's folder."""
    project.manifest_sha256 = forge(project.dist, changes)
    return project.publish(options.pop("inputs", None), **options)


def assert_stopped(result: StageResult, *texts: str) -> None:
    """Assert one error in three parts, with nothing minted and nothing changed."""
    assert result.exit_status == 1, result.log
    message = result.annotation.message
    assert [text for text in texts if text not in message] == [], message
    assert "\nWhy: " in message
    assert "\nFix: " in message
    assert result.changes == ()
    assert [call for call in result.calls for part in MINTING if part in call] == []
