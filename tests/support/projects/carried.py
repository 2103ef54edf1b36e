"""A project whose version goes from environment to environment."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_sandbox.google.artifact_registry.repositories import READER
from dist_sandbox.google.state import repository_name
from dist_sandbox.organisation import SandboxEnvironment
from support.environments import BRANCHES
from support.projects.releases import (
    PUBLISHING,
    TaggedProject,
    push_tag,
    target_inputs,
)
from support.sandbox.fixtures import Sandbox, git
from support.stages.running import StageResult, StageRunner, app_inputs

#: The tag of each environment.
TAGS = {"dev": "v0.1.0-dev", "qa": "v0.1.0-qa", "prd": "v0.1.0"}


@dataclass
class CarriedProject:
    """A repository whose version goes from environment to environment.

    Attributes:
        checkout: What every job has checked out.
        dist: Where the phase `build` writes.
    """

    sandbox: Sandbox
    run_stage: StageRunner
    checkout: Path
    tmp_path: Path

    @property
    def dist(self) -> Path:
        return self.checkout / "dist"

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.dist / MANIFEST_NAME).read_text()))

    def tag(self, environment: str, name: str = "") -> str:
        """Push what is checked out to an environment's branch, and tag it."""
        git("push", "-qf", "origin", f"HEAD:{BRANCHES[environment]}", cwd=self.checkout)
        push_tag(self.checkout, name or TAGS[environment])
        return git("rev-parse", "HEAD", cwd=self.checkout).stdout.strip()

    def release_by_hand(self, environment: str, **changes: Any) -> TaggedProject:
        """Publish files made by hand as the publishing job of an environment does."""
        target = self._find_environment(environment)
        workspace = self.tmp_path / f"publishing-{environment}"
        workspace.mkdir(exist_ok=True)
        head = git("rev-parse", "HEAD", cwd=self.checkout).stdout.strip()
        tree = git("rev-parse", "HEAD^{tree}", cwd=self.checkout).stdout.strip()
        tagged = TaggedProject(self.sandbox, self.run_stage, workspace, target, "0.1.0", head)
        tagged.described = {"tree_sha": tree, **changes}
        tagged.build(f"built for {environment}")
        assert tagged.publish().exit_status == 0
        return tagged

    def phase(
        self,
        phase: str,
        environment: str,
        environ: Mapping[str, str] | None = None,
        **inputs: str,
    ) -> StageResult:
        """Run the phase `plan` or `build` for an environment's tag."""
        all_inputs = {
            "phase": phase,
            **{key.replace("_", "-"): value for key, value in inputs.items()},
        }
        return self.run_stage(
            "release",
            all_inputs,
            workspace=self.checkout,
            ref=f"refs/tags/{TAGS[environment]}",
            environ=environ,
        )

    def publish(self, environment: str, digest: str, **inputs: str) -> StageResult:
        """Run the phase `publish` with what the phase `build` wrote."""
        target = self._find_environment(environment)
        all_inputs = {
            "phase": "publish",
            "manifest-sha256": digest,
            **app_inputs(self.sandbox, "releaser-bot"),
            **target_inputs(target),
            **{key.replace("_", "-"): value for key, value in inputs.items()},
        }
        options: dict[str, Any] = {"permissions": PUBLISHING, "environment": environment}
        ref = f"refs/tags/{TAGS[environment]}"
        return self.run_stage("release", all_inputs, workspace=self.checkout, ref=ref, **options)

    def empty(self) -> None:
        """Remove the files, as a new job has none."""
        for path in self.dist.glob("*"):
            path.unlink()

    def index_url(self, environment: str) -> str:
        """Return the simple index of an environment."""
        places = {
            environment["name"]: environment for environment in self.sandbox.ready["environments"]
        }
        return str(places[environment]["index_url"])

    def repository(self, environment: str) -> Any:
        """Return an environment's repository in the sandbox."""
        target = self._find_environment(environment)
        return self.sandbox.world.google.repositories[repository_name(target)]

    def let_read(self, reader: str, environment: str) -> None:
        """Let a publisher read another environment's index."""
        target = self._find_environment(reader)
        self.repository(environment).grant(READER, f"serviceAccount:{target.service_account}")

    def assets(self, tag: str, *, draft: bool | None = None) -> dict[str, str]:
        """Return the digests of a release's files; with `draft`, of a draft or of none."""
        (release,) = [
            release
            for release in self.sandbox.repository.releases
            if release.tag_name == tag and draft in (None, release.draft)
        ]
        return {
            asset.name: hashlib.sha256(asset.path.read_bytes()).hexdigest()
            for asset in release.assets
            if asset.name != MANIFEST_NAME
        }

    def _find_environment(self, name: str) -> SandboxEnvironment:
        environments = self.sandbox.world.environments
        return next(environment for environment in environments if environment.name == name)


def assert_refused(result: StageResult, *texts: str, status: int = 1) -> None:
    assert result.exit_status == status, result.log
    message = result.annotation.message
    assert [text for text in texts if text not in message] == [], message
    assert "\nWhy: " in message
    assert "\nFix: " in message
    assert result.changes == ()
