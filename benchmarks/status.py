"""The status of a large organisation: how long it takes, and how many queries."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from benchmarks.bench import Bench
from benchmarks.figures import Figure, Samples
from benchmarks.sandbox import Sandbox, serving
from benchmarks.toolbox import run_timed

_PACKAGES = 500
_SECONDS_AIM, _QUERIES_AIM = 5.0, 10.0
_SIDE_BY_SIDE = 4
_NOTE = f"{_PACKAGES} repositories of one package, with the page; the sandbox answers meanwhile"
#: Where each package has been released: the newest version waits for qa.
_TAGS = ("v1.0.0-dev", "v1.0.0-qa", "v1.0.0", "v1.1.0-dev")
_COMMIT = """\
commit refs/heads/main
committer Bench <bench@example.com> 1700000000 +0000
data 5
first
M 100644 inline pyproject.toml
data <<END
[project]
name = "{name}"
END
"""
_TAG = "reset refs/tags/{tag}\nfrom refs/heads/{branch}\n\n"
#: The version that waits is a commit that the branch of qa lacks.
_NEXT_COMMIT = """\
reset refs/heads/qa
from refs/heads/main

commit refs/heads/dev
committer Bench <bench@example.com> 1700000000 +0000
data 6
second
from refs/heads/main
M 100644 inline next.txt
data 1
1
"""


def measure(bench: Bench) -> list[Figure]:
    """Measure the command from its start to its end, for an organisation of many packages."""
    folder = bench.folder("status")
    samples = Samples("status")
    with serving(folder, bench.sample, bench.toolbox) as sandbox:
        names = [f"package-{number:03}" for number in range(_PACKAGES)]
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            list(pool.map(lambda name: _create(sandbox, name), names))
        sandbox.count_requests()
        for _ in range(bench.runs):
            samples.add("time", _run(bench, sandbox, folder / "index.html"))
            samples.add("GraphQL queries", sandbox.count_requests())
    return [
        samples.figure("time", "s", aim=_SECONDS_AIM, note=_NOTE),
        samples.figure("GraphQL queries", "calls", aim=_QUERIES_AIM, note=_NOTE),
    ]


def _create(sandbox: Sandbox, name: str) -> None:
    """Make a repository with its tags and releases."""
    sandbox.control("POST", "repositories", {"name": name})
    bare = sandbox.bare.with_name(f"{name}.git")
    stream = _COMMIT.format(name=name) + _NEXT_COMMIT
    stream += "".join(
        _TAG.format(tag=tag, branch="dev" if tag == _TAGS[-1] else "main") for tag in _TAGS
    )
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=bare,
        env=sandbox.toolbox.environ(),
        input=stream.encode(),
        check=True,
    )
    headers = {"Authorization": f"token {_token(sandbox)}"}
    url = f"{sandbox.ready['github_api_url']}/repos/eigenoid/{name}/releases"
    for tag in _TAGS:
        release = requests.post(url, json={"tag_name": tag}, headers=headers, timeout=60)
        release.raise_for_status()
        upload_url = release.json()["upload_url"].partition("{")[0]
        wheel = f"{name.replace('-', '_')}-{tag[1:6]}-py3-none-any.whl"
        uploaded = requests.post(
            f"{upload_url}?name={wheel}", data=tag[:6].encode(), headers=headers, timeout=60
        )
        uploaded.raise_for_status()


def _run(bench: Bench, sandbox: Sandbox, page: Path) -> float:
    """Run the command once.

    Raises:
        RuntimeError: It does not show all packages.
    """
    environ = bench.toolbox.environ(
        GH_TOKEN=_token(sandbox),
        GITHUB_API_URL=sandbox.ready["github_api_url"],
        GITHUB_SERVER_URL=sandbox.server_url,
    )
    command = [sys.executable, "-m", "dist_actions.cli", "status", "--organisation", "eigenoid"]
    timed = run_timed([*command, "--json", "--html", page], environ)
    packages = json.loads(timed.output)["packages"]
    waiting = sum(package["state"] == "waiting" for package in packages)
    if waiting != _PACKAGES or not page.is_file():
        raise RuntimeError(f"{waiting} of {_PACKAGES} packages wait for a promotion")
    return timed.seconds


def _token(sandbox: Sandbox) -> str:
    return str(sandbox.ready["users"][0]["token"])
