"""Move a release's files by plain requests: nothing is checked, planned or read back.

No release is faster than its bytes, so this is what the action is held against.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from benchmarks.sandbox import Sandbox
from benchmarks.versions_to_release import access_token
from benchmarks.wheels import wheel_form

#: As many at once as the action uploads.
_WORKERS = 8
_TIMEOUT_SECONDS = 120


def move_bytes(
    sandbox: Sandbox, files: list[Path], project: str, tag: str, folder: Path
) -> dict[str, float]:
    """Send files to a release and two indexes, and fetch them in between, as carrying does.

    Args:
        project: What the files are distributions of.
        tag: Of the release; it must exist.
        folder: A new one, for what is fetched.

    Returns:
        Seconds by step.
    """
    repository = f"{sandbox.ready['github_api_url']}/repos/{sandbox.ready['repository']}"
    github = {"Authorization": f"Bearer {sandbox.ready['users'][0]['token']}"}
    releases = [
        _json("POST", f"{repository}/releases", github, {"tag_name": tag, "draft": True, "name": n})
        for n in ("first", "second")
    ]

    def attach(release: dict[str, Any]) -> None:
        url = release["upload_url"].partition("{")[0]
        headers = {**github, "Content-Type": "application/octet-stream"}
        _each(files, lambda file: _send(f"{url}?name={file.name}", file, headers))

    def publish(environment: str) -> None:
        url = sandbox.environment(environment)["upload_url"]
        login = ("oauth2accesstoken", access_token(sandbox, environment, "writer"))
        _each(files, lambda file: _upload(url, file, project, login))

    def fetch() -> None:
        assets = _json("GET", f"{repository}/releases/{releases[0]['id']}", github)["assets"]
        _each(assets, lambda asset: _fetch(asset, github, folder))

    folder.mkdir()
    steps: dict[str, Callable[[], None]] = {
        "release in dev": lambda: attach(releases[0]),
        "index of dev": lambda: publish("dev"),
        "fetch": fetch,
        "release in qa": lambda: attach(releases[1]),
        "index of qa": lambda: publish("qa"),
    }
    times = {}
    for name, step in steps.items():
        started = time.perf_counter()
        step()
        times[name] = time.perf_counter() - started
    for release in releases:
        requests.delete(release["url"], headers=github, timeout=_TIMEOUT_SECONDS)
    return times


def _each(items: Iterable[Any], work: Callable[[Any], None]) -> None:
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(work, items))


def _json(method: str, url: str, headers: dict[str, str], body: Any = None) -> Any:
    answer = requests.request(method, url, headers=headers, json=body, timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.json()


def _send(url: str, file: Path, headers: dict[str, str]) -> None:
    with file.open("rb") as content:
        requests.post(
            url, data=content, headers=headers, timeout=_TIMEOUT_SECONDS
        ).raise_for_status()


def _upload(url: str, file: Path, project: str, login: tuple[str, str]) -> None:
    with file.open("rb") as content:
        requests.post(
            url,
            data=wheel_form(file, project),
            files={"content": (file.name, content)},
            auth=login,
            timeout=_TIMEOUT_SECONDS,
        ).raise_for_status()


def _fetch(asset: dict[str, Any], headers: dict[str, str], folder: Path) -> None:
    accepted = {**headers, "Accept": "application/octet-stream"}
    with requests.get(
        asset["url"], headers=accepted, stream=True, timeout=_TIMEOUT_SECONDS
    ) as answer:
        answer.raise_for_status()
        with (folder / asset["name"]).open("wb") as file:
            for piece in answer.iter_content(1024 * 1024):
                file.write(piece)
