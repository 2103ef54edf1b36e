"""The stand-ins' client of the rehearsal's artifact server."""

import json
import os
import urllib.error
import urllib.request
from urllib.parse import quote

from runner import ActionError


def artifact_url(name: str) -> str:
    """Return the address of one artifact of this run; of all where the name is empty."""
    base = f"{os.environ['ACTIONS_RESULTS_URL'].rstrip('/')}/{os.environ['GITHUB_RUN_ID']}"
    return f"{base}/{quote(name, safe='')}" if name else base


def send(method: str, url: str, body: bytes | None = None) -> bytes | None:
    """Send one request, and return the answer; None where there is no such artifact.

    Raises:
        ActionError: The server refused.
    """
    request = urllib.request.Request(url, data=body, method=method)  # noqa: S310 - our own server
    request.add_header("Content-Type", "application/zip")
    request.add_header("Authorization", f"Bearer {os.environ['ACTIONS_RUNTIME_TOKEN']}")
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310 - our own server
            content: bytes = response.read()
            return content
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        message = error.read().decode(errors="replace")[:300]
        raise ActionError(f"The artifact server answered {error.code}: {message}") from error


def artifact_id(sha256: str) -> str:
    """Make the ID of an artifact from the digest of its archive."""
    return str(int(sha256[:12], 16))


def list_artifacts() -> dict[str, str]:
    """Map the name of each artifact of this run to the sha256 that the server computed."""
    body = send("GET", artifact_url(""))
    artifacts = json.loads(body)["artifacts"] if body else []
    return {artifact["name"]: artifact["sha256"] for artifact in artifacts}
