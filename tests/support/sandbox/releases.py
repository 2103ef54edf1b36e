"""Publish releases in the sandbox's GitHub, and read what they hold."""

from pathlib import Path
from typing import Any

from support.sandbox.fixtures import Sandbox


def publish_release(sandbox: Sandbox, tag: str, folder: Path, **changes: Any) -> int:
    """Publish a GitHub release with the files of a folder, which is empty then.

    Args:
        sandbox: Whose GitHub.
        tag: A tag that exists; one without a suffix is production's.
        folder: The files to attach.
        changes: Of the release, when it is published.

    Returns:
        The release's number.
    """
    token = sandbox.user_token
    body = {"tag_name": tag, "prerelease": tag.endswith(("-dev", "-qa")), "draft": True}
    release = sandbox.request("POST", "releases", token=token, json=body).json()
    for path in folder.iterdir():
        url = release["upload_url"].partition("{")[0] + f"?name={path.name}"
        sandbox.request("POST", url, token=token, data=path.read_bytes())
        path.unlink()
    published = {"draft": False, **changes}
    sandbox.request("PATCH", f"releases/{release['id']}", token=token, json=published)
    return int(release["id"])
