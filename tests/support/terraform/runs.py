"""Runs Terraform, or OpenTofu, on a copy of the project's modules and layers."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.paths import ROOT
from support.terraform.providers import Providers, serve_providers

TERRAFORM = ROOT / "infrastructure" / "terraform"
COMMAND = shutil.which("terraform") or shutil.which("tofu")
WITHIN_SECONDS = 120

#: What Terraform writes into the folder where it runs.
is_terraforms_own = shutil.ignore_patterns(".terraform*", "*.tfstate*")


@dataclass(frozen=True)
class Workspace:
    """A copy of the modules and layers, and the providers with which they are applied."""

    folder: Path
    providers: Providers

    def run(self, layer: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run Terraform in a layer's or module's folder."""
        assert COMMAND is not None
        return subprocess.run(
            [COMMAND, *arguments, "-no-color"],
            cwd=self.folder / layer,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "CHECKPOINT_DISABLE": "1",
                "TF_CLI_CONFIG_FILE": os.devnull,
                **self.providers.environment,
            },
            capture_output=True,
            text=True,
            timeout=WITHIN_SECONDS,
            check=False,
        )

    def apply(self, layer: str, *arguments: str) -> None:
        """Apply a layer; fail where that fails."""
        for command in (("init",), ("apply", "-auto-approve", *arguments)):
            done = self.run(layer, *command)
            assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def make_workspace() -> Iterator[Workspace]:
    """Copy the modules and layers into a folder, whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory() as name, serve_providers(Path(name)) as providers:
        folder = Path(name) / "terraform"
        shutil.copytree(TERRAFORM, folder, ignore=is_terraforms_own)
        yield Workspace(folder, providers)
