"""A long history of squashed promotions, and the ways in which the next one is made."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.action import ActionRun, Job, app_inputs, runner_variables
from benchmarks.bench import Bench
from benchmarks.sandbox import Sandbox

COMMITS, SINCE = 10_000, 200
#: The plan that each state of the target leads to.
CASES = ("direct", "link", "stitch")
_FILES = 400
_BOT = "automation-bot"
_START = 1_700_000_000
_TIMEOUT_SECONDS = 60


@dataclass
class Scene:
    """A repository whose dev waits to be promoted to qa.

    Attributes:
        tips: By plan, what qa points to before it.
        head: The released commit.
    """

    sandbox: Sandbox
    job: Job
    tips: dict[str, str]
    head: str
    runs: int = field(default=0)

    def run(self, case: str) -> tuple[ActionRun, list[str]]:
        """Promote a version of its own, and list the API calls that it took.

        Raises:
            RuntimeError: Another plan was made, or no pull request.
        """
        self.runs += 1
        version = f"1.{self.runs}.0"
        self.sandbox.git("update-ref", "refs/heads/qa", self.tips[case])
        self.sandbox.git("tag", "--annotate", "--message", version, f"v{version}-dev", self.head)
        inputs = {"from": "dev", "version": version, "require": "none"}
        inputs |= {
            "github-token": self.sandbox.ready["job_token"],
            **app_inputs(self.sandbox, _BOT),
        }
        self.sandbox.control("DELETE", "requests")
        finished = self.job.run("promote", inputs)
        entries = self.sandbox.control("GET", "requests")
        calls = [
            f"{entry['method']} {entry['path']}"
            for entry in entries
            if entry["service"] == "github"
        ]
        if (finished.outputs["result"], finished.outputs["plan"]) != ("created", case):
            raise RuntimeError(
                f"promote was to create a {case}, but it gave {dict(finished.outputs)}"
            )
        self._remove(finished.outputs["pr-number"], f"promote/v{version}-to-qa")
        return finished, calls

    def _remove(self, number: str, branch: str) -> None:
        """Close the pull request, so that the next one supersedes nothing."""
        ready = self.sandbox.ready
        url = f"{ready['github_api_url']}/repos/{ready['repository']}/pulls/{number}"
        headers = {"Authorization": f"Bearer {ready['users'][0]['token']}"}
        closed = {"state": "closed"}
        requests.patch(
            url, json=closed, headers=headers, timeout=_TIMEOUT_SECONDS
        ).raise_for_status()
        self.sandbox.git("update-ref", "-d", f"refs/heads/{branch}")


def open_scene(bench: Bench, sandbox: Sandbox, folder: Path) -> Scene:
    """Write the history, and describe a run that is started by hand."""
    root = sandbox.git("rev-parse", "refs/heads/dev")
    sandbox.git("fast-import", "--quiet", stdin="".join(_development(root)))
    log = sandbox.git("log", "--reverse", "--first-parent", "--format=%H %T", f"{root}..dev")
    commits = [tuple(line.split()) for line in log.splitlines()]
    promoted = [commits[number - 1] for number in range(SINCE, COMMITS, SINCE)]
    sandbox.git("fast-import", "--quiet", stdin="".join(_promotions(root, promoted)))
    sandbox.git("repack", "-adq")
    tips = {case: sandbox.git("rev-parse", f"refs/bench/{case}") for case in CASES}
    workspace = folder / "workspace"
    workspace.mkdir()
    main = sandbox.git("rev-parse", "refs/heads/main")
    variables = runner_variables(sandbox, "refs/heads/main", main, folder)
    variables["GITHUB_EVENT_NAME"] = "workflow_dispatch"
    job = Job(bench.toolbox, folder, bench.tool_cache, workspace, variables)
    return Scene(sandbox, job, tips, commits[-1][0])


def _development(root: str) -> Iterator[str]:
    """Write commits to dev, each of which changes one file of many."""
    for number in range(1, COMMITS + 1):
        name, text = f"src/module_{number % _FILES}.py", f"VALUE = {number}\n"
        start = f"from {root}\n" if number == 1 else ""
        yield _commit("refs/heads/dev", number, f"Change {name} ({number})", start)
        yield f"M 100644 inline {name}\n{_data(text)}\n"


def _promotions(root: str, promoted: list[tuple[str, ...]]) -> Iterator[str]:
    """Write the three pasts of qa: merged, squashed, and squashed with a change of its own."""
    for case in CASES:
        for number, (source, tree) in enumerate(promoted, start=1):
            start = f"from {root}\n" if number == 1 else ""
            if case == "direct":
                start += f"merge {source}\n"
            title = f"chore: promote v0.{number}.0 to qa (#{number})"
            yield _commit(f"refs/bench/{case}", COMMITS + number, title, start)
            yield f"deleteall\nM 040000 {tree} \n"
    yield _commit("refs/bench/stitch", 2 * COMMITS, "A hotfix", "")
    yield f"M 100644 inline hotfix.txt\n{_data('fixed')}\n"


def _commit(ref: str, number: int, message: str, start: str) -> str:
    author = f"Bench <bench@example.com> {_START + 60 * number} +0000"
    return f"commit {ref}\ncommitter {author}\n{_data(message)}{start}"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
