"""Run any workflow file with act against a sandbox, in host mode or in containers.

    def test_greets(run_workflow):
        finished = run_workflow("on: push\njobs: {a: {runs-on: x, steps: [{run: echo hi}]}}")
        assert finished.result.job("a").steps[0].log == ["hi"]

`run_workflow` registers the jobs with their permissions, compiles the workflow and runs it; the
result holds steps, outputs, annotations and summaries. Every log is searched for secrets.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.rehearse.actions.library import ActionLibrary
from dist_sandbox.rehearse.actions.machine import read_machine
from dist_sandbox.rehearse.actions.tree import export_tree
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.runs.masks import Masks
from dist_sandbox.rehearse.runs.workflow_run import FinishedRun, WorkflowRunner
from dist_sandbox.rehearse.sandbox_client import Sandbox, app_secrets
from dist_sandbox.rehearse.toolchain import Toolchain
from dist_sandbox.rehearse.workflows.files import read_workflow
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent
from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World
from support.act.secret_search import encodings
from support.paths import ROOT


@dataclass
class ActSandbox:
    """A sandbox with a repository, and everything to run workflows against it.

    Attributes:
        secrets: What is set in the repository and its environments, besides the Apps' keys.
        image: Image of a job's container; empty for host mode.
    """

    world: World
    sandbox: Sandbox
    clone: GitClone
    runner: WorkflowRunner
    secrets: ScopedValues = field(default_factory=ScopedValues)
    image: str = ""

    def push(self, files: Mapping[str, str], branch: str = "dev") -> str:
        """Commit files on a branch and push them; returns the commit's SHA."""
        for name, text in files.items():
            file = self.clone.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        commit = self.clone.commit_all("test: more files")
        self.clone.run("push", "--quiet", "--force", "origin", f"{commit}:refs/heads/{branch}")
        return commit

    def run(self, text: str, *, event: TriggerEvent | None = None, name: str = "w") -> FinishedRun:
        """Run a workflow for an event, by default a push of what `dev` holds."""
        sha = self.clone.run("rev-parse", "HEAD").strip()
        event = event or TriggerEvent(
            "push", "refs/heads/dev", sha, "developer", {"ref": "refs/heads/dev"}
        )
        keys = app_secrets(self.sandbox.ready["apps"])
        runner = replace(
            self.runner,
            secrets=ScopedValues({**keys, **self.secrets.repository}, self.secrets.environments),
            toolchain=replace(self.runner.toolchain, image=self.image),
        )
        workflow = read_workflow(f".github/workflows/{name}.yml", text)
        action_files = self.clone.action_files(event.sha)
        finished = runner.run(workflow, event, action_files=action_files)
        self._refuse_leaks(finished)
        return finished

    def _refuse_leaks(self, finished: FinishedRun) -> None:
        """Assert that no secret is in what the run printed."""
        printed = repr(
            [
                (step.name, step.log, step.outputs, step.summary, step.annotations)
                for job in finished.result.jobs
                for step in job.steps
            ]
        ).encode()
        values = [
            *self.secrets.repository.values(),
            *(
                value
                for secrets in self.secrets.environments.values()
                for value in secrets.values()
            ),
            *app_secrets(self.sandbox.ready["apps"]).values(),
            self.sandbox.user_token,
        ]
        for value in values:
            assert not [form for form, needle in encodings(value) if needle in printed]


@contextlib.contextmanager
def open_act_sandbox(folder: Path, keys: Path, *, keeps_tools: bool = True) -> Iterator[ActSandbox]:
    """Start a sandbox with these keys, whose branch `dev` holds one commit."""
    shutil.copytree(keys, folder / "state")
    with running(SandboxSettings(state=folder / "state")) as world:
        ready = describe(world, register_first_job(world))
        sandbox = Sandbox(json.loads(json.dumps(ready)), ready["users"][0]["token"])
        actions, work, copy = folder / "actions", folder / "work", folder / "clone"
        export_tree(ROOT, actions)
        work.mkdir()
        copy.mkdir()
        clone = GitClone(copy)
        clone.run("init", "--quiet", "--initial-branch=dev", ".")
        clone.use_remote(sandbox.git_url, sandbox.user_token)
        clone.run("fetch", "--quiet", "origin", "dev")
        clone.run("reset", "--quiet", "--hard", "FETCH_HEAD")
        runner = WorkflowRunner(
            sandbox=sandbox,
            toolchain=Toolchain.find(keeps_tools=keeps_tools),
            secrets=ScopedValues(),
            folder=work,
            actions=ActionLibrary(
                actions, folder / "actions-of-others", machine=read_machine(os.environ["PATH"])
            ),
            masks=Masks([sandbox.user_token]),
        )
        try:
            yield ActSandbox(world, sandbox, clone, runner)
        finally:
            sandbox.close()


@pytest.fixture(scope="module")
def shared_act_sandbox(
    tmp_path_factory: pytest.TempPathFactory, kept_keys: Path
) -> Iterator[ActSandbox]:
    """One sandbox for all tests of a module; they may not depend on what it holds."""
    with open_act_sandbox(tmp_path_factory.mktemp("act"), kept_keys) as act_sandbox:
        yield act_sandbox


@pytest.fixture
def act_sandbox(tmp_path: Path, kept_keys: Path) -> Iterator[ActSandbox]:
    """A sandbox of one test's own."""
    with open_act_sandbox(tmp_path, kept_keys) as opened:
        yield opened


@pytest.fixture
def run_workflow(shared_act_sandbox: ActSandbox) -> Callable[..., FinishedRun]:
    """Run a workflow file's text against the module's sandbox."""

    def run(text: str, *, secrets: ScopedValues | None = None, **values: Any) -> FinishedRun:
        return replace(shared_act_sandbox, secrets=secrets or ScopedValues()).run(text, **values)

    return run
