"""Make releases in the sandbox's GitHub by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.sandbox.fixtures import Sandbox


def publish_release(
    sandbox: Sandbox, tag: str, folder: Path, *, token: str = "", **changes: Any
) -> int:
    """Publish a GitHub release with the files of a folder, which is empty then.

    Args:
        sandbox: Whose GitHub.
        tag: A tag that exists; one without a suffix is production's.
        folder: The files to attach.
        token: Of whoever does it; the user's where it is empty.
        changes: Of the release, when it is published.

    Returns:
        The release's number.
    """
    token = token or sandbox.user_token
    release_id = draft_release(sandbox, tag, folder, token=token)
    for path in folder.iterdir():
        path.unlink()
    published = {"draft": False, **changes}
    sandbox.request("PATCH", f"releases/{release_id}", token=token, json=published)
    return release_id


def draft_release(sandbox: Sandbox, tag: str, folder: Path, *, token: str = "") -> int:
    """Make the draft of a release with the files of a folder; return its number."""
    token = token or sandbox.user_token
    body = {"tag_name": tag, "prerelease": tag.endswith(("-dev", "-qa")), "draft": True}
    release = sandbox.request("POST", "releases", token=token, json=body).json()
    attach_files(sandbox, int(release["id"]), folder, token=token)
    return int(release["id"])


def attach_files(sandbox: Sandbox, release_id: int, folder: Path, *, token: str = "") -> None:
    """Upload the files of a folder to a release."""
    token = token or sandbox.user_token
    release = sandbox.request("GET", f"releases/{release_id}", token=token).json()
    for path in folder.iterdir():
        url = release["upload_url"].partition("{")[0] + f"?name={path.name}"
        answer = sandbox.request("POST", url, token=token, data=path.read_bytes())
        assert answer.status_code == 201, answer.text


@contextmanager
def bot_token(sandbox: Sandbox) -> Iterator[str]:
    """Mint a token of the releaser bot, and revoke it at the end."""
    token = sandbox.installation_token("releaser-bot", permissions={"contents": "write"})
    yield token
    api = sandbox.world.addresses.github_api
    assert sandbox.request("DELETE", f"{api}/installation/token", token=token).ok
