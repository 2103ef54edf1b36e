"""Private packages of an organisation, the public index beside them, and jobs that read both.

private.publish("eigenoid-core", "1.2", Requires_Dist="eigenoid-public")
result = private.log_in(ref="refs/heads/dev")
private.later_step(result, ["pip", "install", "eigenoid-core"])
"""

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from dist_sandbox.google.artifact_registry.repositories import PackageRepository
from dist_sandbox.organisation import VIRTUAL_REPOSITORY, SandboxEnvironment
from dist_sandbox.pypi.projects import HostedFile, IndexProject
from support.distributions.builders import write_wheel
from support.sandbox.fixtures import Sandbox
from support.stages.leaks import find_leaking_files, find_leaks
from support.stages.running import StageResult, StageRunner

#: What a job that tests may do.
READING = {"contents": "read", "id-token": "write"}
_SECONDS = 170


@dataclass
class PrivatePackages:
    """An organisation whose packages live in Artifact Registry alone.

    Attributes:
        folder: For the jobs' workspaces and homes.
    """

    sandbox: Sandbox
    run_stage: StageRunner
    folder: Path

    @property
    def variables(self) -> dict[str, str]:
        """Return the repository's variables."""
        return self.sandbox.repository.variables.values()

    @property
    def inputs(self) -> dict[str, str]:
        """Return the inputs that those variables fill."""
        return {
            "indexes": self.variables["INDEXES"],
            "workload-identity-provider": self.variables["READER_WIF_PROVIDER"],
            "service-account": self.variables["READER_SA_EMAIL"],
        }

    @property
    def workspace(self) -> Path:
        """Return a job's workspace, with nothing checked out."""
        folder = self.folder / "workspace"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def environment(self, name: str = "dev") -> SandboxEnvironment:
        """Return an environment of the sandbox."""
        return next(row for row in self.sandbox.world.environments if row.name == name)

    def repository(self, environment: str = "dev", name: str = "") -> PackageRepository:
        """Return one of an environment's repositories; the one for uploads unless it is named."""
        row = self.environment(environment)
        repositories = self.sandbox.world.google.repositories.values()
        return next(
            repository
            for repository in repositories
            if repository.name.project_id == row.project_id
            and repository.name.repository == (name or row.repository)
        )

    def index_url(self, environment: str = "dev", name: str = VIRTUAL_REPOSITORY) -> str:
        """Return the address of one of its simple indexes."""
        row = self.environment(environment)
        return self.sandbox.world.addresses.index_url(
            location=row.location, project_id=row.project_id, repository=name
        )

    def publish(self, project: str, version: str, environment: str = "dev", **fields: str) -> None:
        """Put a wheel into an environment's repository."""
        write_wheel(self.repository(environment).folder, version, project=project, **fields)

    def publish_publicly(self, project: str, version: str) -> None:
        """Put a wheel into the public index."""
        index = self.sandbox.world.pypi["pypi"]
        wheel = write_wheel(self.folder / "public", version, project=project)
        data = wheel.read_bytes()
        file = HostedFile(
            filename=wheel.name,
            version=Version(version),
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            blake2_256=hashlib.blake2b(data, digest_size=32).hexdigest(),
            metadata_sha256="",
            requires_python="",
            uploaded_at=self.sandbox.world.clock.now(),
        )
        existing = index.projects.get(IndexProject(project).normalized_name)
        index.add_file(existing or IndexProject(project), file, wheel, b"")

    def log_in(self, inputs: dict[str, str] | None = None, **options: Any) -> StageResult:
        """Run the action in a job that tests."""
        options.setdefault("workspace", self.workspace)
        options.setdefault("permissions", READING)
        options.setdefault("sha", self.sandbox.branch_sha("dev"))
        return self.run_stage("login", {**self.inputs, **(inputs or {})}, **options)

    def later_step(
        self,
        login: StageResult,
        command: str,
        *,
        cwd: Path | None = None,
        path: str = "",
        **variables: str,
    ) -> str:
        """Run a command of a later step in the same job, which must work and leak nothing.

        Returns:
            What it printed.
        """
        folder = cwd or self.workspace
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        process = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={
                "PATH": os.pathsep.join(
                    [*filter(None, [path]), str(Path(sys.executable).parent), os.environ["PATH"]]
                ),
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "NO_PROXY": "127.0.0.1",
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                "UV_PYTHON_DOWNLOADS": "never",
                **login.variables,
                **variables,
            },
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        output = process.stdout + process.stderr
        assert process.returncode == 0, f"{command}\n{output}"
        secrets = self.sandbox.credentials.values
        assert find_leaks(output, secrets) == []
        assert find_leaking_files([folder, home], secrets) == []
        return output

    def token(self, login: StageResult) -> str:
        """Return the token that a login handed over."""
        netrc = Path(login.variables["NETRC"]).read_text(encoding="utf-8")
        return netrc.split()[-1]


@pytest.fixture
def private_packages(sandbox: Sandbox, run_stage: StageRunner, tmp_path: Path) -> PrivatePackages:
    """`eigenoid-core` 1.2 in dev, which requires the public `eigenoid-public`."""
    packages = PrivatePackages(sandbox, run_stage, tmp_path / "private-packages")
    packages.publish("eigenoid-core", "1.2", Requires_Dist="eigenoid-public")
    packages.publish_publicly("eigenoid-public", "1.0")
    return packages
