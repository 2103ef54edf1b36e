"""A push to the branch dev, and auto-tag's ways to answer it."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.action import ActionRun, Job, app_inputs, runner_variables
from benchmarks.bench import Bench
from benchmarks.sandbox import Sandbox

#: What auto-tag can be made to do.
CASES = ("no-op", "create", "create with installation-id")
_BOT = "automation-bot"


@dataclass(frozen=True)
class Scene:
    """A repository whose branch dev waits to be tagged."""

    sandbox: Sandbox
    job: Job
    sha: str
    tag: str

    def run(self, case: str, job: Job | None = None, **environ: str) -> ActionRun:
        """Run the action, in its own or another job, so that it does what the case says.

        Raises:
            RuntimeError: It did something else.
        """
        self._set_tag(exists=case == "no-op")
        inputs = {"github-token": self.sandbox.ready["job_token"], "package-path": "."}
        inputs |= app_inputs(self.sandbox, _BOT)
        if case == "create with installation-id":
            inputs["installation-id"] = str(self.sandbox.app(_BOT)["installation_id"])
        self.sandbox.count_requests()
        finished = (job or self.job).run("auto-tag", inputs, **environ)
        reason = finished.outputs["reason"]
        if reason != ("exists-same" if case == "no-op" else "created"):
            raise RuntimeError(f"auto-tag was to {case}, but its reason is {reason}")
        return finished

    def fill_tags(self, count: int) -> None:
        """Add tags of older versions, all of them in one file, until there are `count`."""
        updates = [f"create refs/tags/v0.0.{number}-dev {self.sha}\n" for number in range(count)]
        present = len(self.sandbox.git("tag", "--list", "v0.0.*").split())
        self.sandbox.git("update-ref", "--stdin", stdin="".join(updates[present:]))
        self.sandbox.git("pack-refs", "--all")

    def _set_tag(self, *, exists: bool) -> None:
        if self.sandbox.git("tag", "--list", self.tag):
            self.sandbox.git("tag", "--delete", self.tag)
        if exists:
            self.sandbox.git("tag", "--annotate", "--message", self.tag, self.tag, self.sha)


def open_scene(bench: Bench, sandbox: Sandbox, folder: Path) -> Scene:
    """Check the branch dev out, and describe the push of its tip."""
    checkout = folder / "checkout"
    sandbox.clone(checkout)
    sha = sandbox.git("rev-parse", "HEAD", cwd=checkout)
    variables = runner_variables(sandbox, "refs/heads/dev", sha, folder)
    job = Job(bench.toolbox, folder, bench.tool_cache, checkout, variables)
    return Scene(sandbox, job, sha, f"v{bench.sample_version()}-dev")
