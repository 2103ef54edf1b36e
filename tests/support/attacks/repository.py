"""A repository with the starter workflows, whose contributors are hostile.

    def test_nothing_is_published(attacked):
        commit = attacked.push(hostile_project("0.5.0", "read_keys", loot="…"), "dev")
        run = attacked.release(attacked.tag("v0.5.0-dev", commit))
        assert attacked.indexed("dev") == {}

Every job runs with act, by the starters of `examples/`; keys and variables are where docs/setup.md
puts them: in the environment whose jobs need them.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_sandbox.github.releases.releases import Release
from dist_sandbox.google.state import repository_name
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun
from dist_sandbox.rehearse.sandbox_client import app_secrets
from dist_sandbox.rehearse.session import environment_secrets
from dist_sandbox.rehearse.workflows.files import read_workflow
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent
from dist_sandbox.server.request_log import LoggedRequest
from support.act.fixtures import ActSandbox, open_act_sandbox
from support.paths import EXAMPLES

#: The starter's test job installs pytest; most attacks are not about it.
_TEST_JOB = re.compile(r"  test:\n.*?(?=  publish:\n)", re.DOTALL)
#: Where credentials are made that open something: App tokens, Google's tokens.
_MINTING = re.compile(r"/access_tokens$|^/sts/|^/iam-credentials/")
#: Changes that a run may make without a credential of ours.
_HARMLESS = re.compile(r"^/_sandbox/|^/api/v3/installation/token$")


@dataclass
class AttackedRepository:
    """The repository, and what is outside of it.

    Attributes:
        loot: A file that hostile code may write, and that must not exist.
    """

    opened: ActSandbox
    loot: Path

    def push(self, files: Mapping[str, str], branch: str) -> str:
        """Make these the only files of a branch, by one commit on top of it; return the commit."""
        clone = self.opened.clone
        clone.run("fetch", "--quiet", "origin", branch)
        clone.run("checkout", "--quiet", "--force", "-B", branch, "FETCH_HEAD")
        clone.run("rm", "-r", "--quiet", "--force", "--ignore-unmatch", ".")
        return self.opened.push(files, branch)

    def tag(self, tag: str, commit: str) -> TriggerEvent:
        """Push an annotated tag; return the event."""
        clone = self.opened.clone
        clone.run("tag", "--annotate", "--message", tag, tag, commit)
        clone.run("push", "--quiet", "origin", tag)
        return self.tag_event(tag, commit)

    def tag_event(self, tag: str, commit: str) -> TriggerEvent:
        """Return the event of a tag that was pushed."""
        ref = f"refs/tags/{tag}"
        return TriggerEvent("push", ref, commit, "developer", {"ref": ref})

    def release(
        self,
        event: TriggerEvent,
        *,
        starter: str = "release.yml",
        tests: bool = False,
        changed: Callable[[str], str] = lambda text: text,
    ) -> FinishedRun:
        """Run a starter that releases, with or without its test job."""
        text = (EXAMPLES / starter).read_text(encoding="utf-8")
        if not tests:
            text = _TEST_JOB.sub("", text).replace("[plan, build, test]", "[plan, build]")
        return self._run("release", changed(text), event)

    def auto_tag(self, branch: str, commit: str, starter: str = "auto-tag.yml") -> FinishedRun:
        """Run a starter that tags for a push."""
        ref = f"refs/heads/{branch}"
        event = TriggerEvent("push", ref, commit, "developer", {"ref": ref})
        text = (EXAMPLES / starter).read_text(encoding="utf-8")
        return self._run("auto-tag", text, event)

    def _run(self, name: str, text: str, event: TriggerEvent) -> FinishedRun:
        keys = app_secrets(self.opened.sandbox.ready["apps"])
        runner = replace(
            self.opened.runner, secrets=environment_secrets(keys, DEFAULT_ENVIRONMENTS)
        )
        workflow = read_workflow(f".github/workflows/{name}.yml", text)
        return runner.run(workflow, event, action_files={})

    def releases(self) -> dict[str, Release]:
        """Return the GitHub releases and drafts by tag."""
        releases = self.opened.world.github.repository.releases
        return {release.tag_name: release for release in releases}

    def indexed(self, environment: str) -> dict[str, bytes]:
        """Return the files in an environment's index."""
        world = self.opened.world
        (target,) = (place for place in world.environments if place.name == environment)
        repository = world.google.repositories[repository_name(target)]
        return {path.name: path.read_bytes() for path in repository.files()}

    def tags(self) -> set[str]:
        """Return the names of the tags on GitHub."""
        refs = self.opened.world.github.repository.git.refs("refs/tags/")
        return {ref.name.removeprefix("refs/tags/") for ref in refs}

    def minted(self, run: FinishedRun) -> list[str]:
        """List the requests of a run that ask for a credential."""
        return [request.path for request in self._requests(run) if _MINTING.search(request.path)]

    def changes(self, run: FinishedRun) -> list[str]:
        """List what a run changed on GitHub and in the indexes."""
        return [
            f"{request.method} {request.path}"
            for request in self._requests(run)
            if request.changed and not _HARMLESS.search(request.path)
        ]

    def _requests(self, run: FinishedRun) -> list[LoggedRequest]:
        first, last = run.requests
        requests = self.opened.world.requests.since(first)
        return [request for request in requests if request.number <= last]


def error_of(run: FinishedRun, job: str) -> str:
    """Return the only error of a job, which has three parts."""
    messages = [
        annotation.message
        for step in run.result.job(job).steps
        for annotation in step.annotations
        if annotation.level == "error"
    ]
    assert len(messages) == 1, messages
    assert "\nWhy: " in messages[0]
    assert "\nFix: " in messages[0]
    return messages[0]


@pytest.fixture
def attacked(tmp_path: Path, kept_keys: Path) -> Iterator[AttackedRepository]:
    """A repository with default environments, and a file for what hostile code brings home."""
    (tmp_path / "act").mkdir()
    with open_act_sandbox(tmp_path / "act", kept_keys, keeps_tools=False) as opened:
        yield AttackedRepository(opened, tmp_path / "loot")
