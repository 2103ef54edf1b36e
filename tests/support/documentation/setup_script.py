"""Runs the scripts that set up Google Cloud, and tells what they made."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_sandbox.organisation import Organisation, SandboxEnvironment, default_environments
from support.documentation import gcloud
from support.documentation.pages import page
from support.paths import ROOT

ORGANISATION = Organisation()
PUBLISHERS_SCRIPT = (ROOT / "infrastructure" / "google.sh").read_text(encoding="utf-8")
READERS_SCRIPT = next(
    block.text
    for block in page("docs/private-dependencies.md").blocks("bash")
    if block.text.startswith("#!/usr/bin/env bash")
)
WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Cloud:
    """Projects in which a script makes things, by stand-ins for `gcloud` and `gh`.

    Attributes:
        folder: Where the stand-ins are, and what they keep.
    """

    folder: Path

    @classmethod
    def make(cls, folder: Path, repositories: Sequence[Organisation] = (ORGANISATION,)) -> "Cloud":
        """Make projects with nothing in them."""
        for name in ("gcloud", "gh"):
            # Started some hundred times, so without what an environment loads.
            command = shlex.join([sys.executable, "-I", "-S", gcloud.__file__, name])
            (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            (folder / name).chmod(0o755)
        cloud = cls(folder)
        cloud.write(
            {
                "numbers": {row.project_id: row.project_number for row in default_environments()},
                "repositories": {
                    row.github_repository: {".id": row.repository_id, ".owner.id": row.owner_id}
                    for row in repositories
                },
                "made": {},
            }
        )
        return cloud

    def read(self) -> dict[str, Any]:
        """Read what there is."""
        state: dict[str, Any] = json.loads((self.folder / "cloud").read_text(encoding="utf-8"))
        return state

    def write(self, state: dict[str, Any]) -> None:
        """Replace what there is."""
        (self.folder / "cloud").write_text(json.dumps(state), encoding="utf-8")

    def made(self, command: str) -> list[dict[str, Any]]:
        """List what there is of a kind, such as `iam service-accounts`."""
        return [row for key, row in self.read()["made"].items() if key.split("/")[0] == command]

    def run(self, script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a script."""
        return subprocess.run(
            ["bash", "-s", *arguments],
            input=script,
            cwd=self.folder,
            env={
                "PATH": f"{self.folder}:{os.environ['PATH']}",
                "CLOUD": str(self.folder / "cloud"),
            },
            capture_output=True,
            text=True,
            timeout=WITHIN_SECONDS,
            check=False,
        )

    def set_up(
        self, environment: SandboxEnvironment, *more: str, organisation: Organisation = ORGANISATION
    ) -> "subprocess.CompletedProcess[str]":
        """Let a repository publish in an environment, by `google.sh`."""
        return self.run(
            PUBLISHERS_SCRIPT,
            organisation.github_repository,
            environment.name,
            environment.suffix,
            environment.project_id,
            *more,
        )


def printed_variables(output: str) -> dict[str, str]:
    """Read the variables that `google.sh` prints."""
    return dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
