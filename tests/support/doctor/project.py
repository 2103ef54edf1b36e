"""A project in the sandbox with nothing wrong in its set-up, for faults to be planted into."""

import copy
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dist_sandbox.github.state import APPS
from dist_sandbox.github.workflows.settings import DeploymentEnvironment, SecretName
from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World
from support.paths import ROOT
from support.sandbox.fixtures import Sandbox, git
from support.sandbox.github_contract import ContractCheck
from support.stages.issued_credentials import IssuedCredentials
from support.stages.running import StageResult, StageRunner, app_inputs
from support.stages.warm_stages import WarmStages

TAG = "v0.5.0-dev"
_INDEX = "google/repositories/dev"
WORKFLOWS = ".github/workflows"
_POLICIES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "automation": {"branch": ("dev", "qa", "main"), "tag": ("v*",)},
    "dev": {"tag": ("v*[0-9]-dev",)},
    "qa": {"tag": ("v*[0-9]-qa",)},
    "prd": {"tag": ("v*[0-9]",)},
}
_TAG_RULES: Mapping[str, Mapping[str, Any]] = {
    "Tags are made by the automation bot": {
        "rules": [{"type": "creation"}],
        "bypass_apps": ["automation-bot"],
    },
    "Tags never move": {"rules": [{"type": "update"}, {"type": "deletion"}]},
}


@dataclass
class ExaminedProject:
    """The project, and what a fault is planted into.

    Attributes:
        folder: The checkout, at the tag of dev.
        inputs: Of the action, on top of those of a publishing job.
        job: Options of the run, on top of those of a publishing job.
    """

    sandbox: Sandbox
    folder: Path
    runner: StageRunner
    inputs: dict[str, str] = field(default_factory=dict)
    job: dict[str, Any] = field(default_factory=dict)

    def edit(self, name: str, old: str, new: str, count: int = -1) -> None:
        """Change a text in a file of the project, where it must stand."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, count), encoding="utf-8")

    def workflow(self, name: str, old: str, new: str, count: int = -1) -> None:
        """Change a text in a workflow."""
        self.edit(f"{WORKFLOWS}/{name}.yml", old, new, count)

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def remove(self, name: str) -> None:
        """Remove a file of the project."""
        (self.folder / name).unlink()

    def environment(self, name: str) -> DeploymentEnvironment:
        """Return a GitHub Environment."""
        return self.sandbox.repository.environments[name]

    def set_variable(self, environment: str, name: str, value: str | None) -> None:
        """Set a variable of an environment; None removes it."""
        self.sandbox.control("PUT", f"environments/{environment}/variables", {name: value})

    def admit(self, environment: str, kind: str, *patterns: str) -> None:
        """Let an environment let in these branches or tags in place of those that it lets in."""
        place = self.environment(environment)
        place.policies[:] = [policy for policy in place.policies if policy.kind != kind]
        self._post_policies(environment, kind, patterns)

    def add_ruleset(self, **body: Any) -> None:
        """Add a ruleset; by its name it takes the place of another."""
        rulesets = self.sandbox.repository.rulesets
        rulesets[:] = [ruleset for ruleset in rulesets if ruleset.name != body.get("name")]
        self.sandbox.control("POST", "rulesets", body)

    def commit_to(self, branch: str, removed: str) -> None:
        """Remove a file from a branch on GitHub."""
        folder = self.folder.parent / f"on-{branch}"
        url = self.sandbox.git_url(self.sandbox.user_token)
        git("clone", "-q", "-b", branch, url, str(folder), cwd=self.folder.parent)
        git("rm", "-q", removed, cwd=folder)
        git("commit", "-qm", f"Remove {removed}", cwd=folder)
        git("push", "-q", "origin", branch, cwd=folder)
        shutil.rmtree(folder)

    def examine(self, **inputs: str) -> StageResult:
        """Run the action as a step of a publishing job that may check the automation bot, too."""
        given = {
            **self.publishing,
            "github-token": self.sandbox.user_token,
            **app_inputs(self.sandbox),
            **self.inputs,
            **inputs,
        }
        return self.runner("doctor", given, **{**self.publishing_job, **self.job})

    @property
    def publishing(self) -> dict[str, str]:
        """Return the inputs by which an action publishes to the index of dev."""
        dev = self.sandbox.world.environments[0]
        return {
            "index": "artifact-registry",
            "workload-identity-provider": dev.workload_identity_provider,
            "service-account": dev.service_account,
            "project-id": dev.project_id,
            "location": dev.location,
            "repository": dev.repository,
        }

    @property
    def publishing_job(self) -> dict[str, Any]:
        """Return the options of a run in a job that publishes the tag."""
        return {
            "workspace": self.folder,
            "ref": f"refs/tags/{TAG}",
            "environment": "dev",
            "permissions": {"contents": "read", "id-token": "write"},
        }

    def set_up(self) -> None:
        """Push the sample to all branches, tag it, and set everything as docs/setup.md says."""
        shutil.copytree(ROOT / "examples" / "eigenoid-sample", self.folder, dirs_exist_ok=True)
        git("add", ".", cwd=self.folder)
        git("commit", "-qm", "The sample", cwd=self.folder)
        for branch in ("dev", "qa", "main"):
            git("push", "-qf", "origin", f"HEAD:refs/heads/{branch}", cwd=self.folder)
        git("tag", "-am", "dev", TAG, cwd=self.folder)
        git("push", "-q", "origin", TAG, cwd=self.folder)
        for environment, kinds in _POLICIES.items():
            limits = {"protected_branches": False, "custom_branch_policies": True}
            body = {"deployment_branch_policy": limits}
            self._write("PUT", f"environments/{environment}", body)
            for kind, patterns in kinds.items():
                self._post_policies(environment, kind, patterns)
        ref_name = {"include": ["refs/tags/v*"], "exclude": []}
        for name, rules in _TAG_RULES.items():
            self.add_ruleset(name=name, target="tag", conditions={"ref_name": ref_name}, **rules)

    def _post_policies(self, environment: str, kind: str, patterns: tuple[str, ...]) -> None:
        for pattern in patterns:
            path = f"environments/{environment}/deployment-branch-policies"
            self._write("POST", path, {"name": pattern, "type": kind})

    def _write(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        token = self.sandbox.user_token
        assert self.sandbox.request(method, path, token=token, json=body).ok


def findings(result: StageResult, *outcomes: str) -> list[dict[str, Any]]:
    """Return the findings of a run that have one of these outcomes."""
    report = json.loads(result.outputs["report"])
    return [finding for finding in report["findings"] if finding["outcome"] in outcomes]


@pytest.fixture(scope="module")
def sound_project(
    kept_keys: Path, tmp_path_factory: pytest.TempPathFactory, warm_stages: WarmStages
) -> Iterator[ExaminedProject]:
    """The project without a fault, which all tests of a module share: take `examined`."""
    folder = tmp_path_factory.mktemp("doctor")
    shutil.copytree(kept_keys, folder / "sandbox")
    credentials: list[IssuedCredentials] = []
    checks: list[ContractCheck] = []

    def around(application: Any, _world: World) -> IssuedCredentials:
        checks.append(ContractCheck(application))
        credentials.append(IssuedCredentials(checks[-1]))
        return credentials[-1]

    with running(SandboxSettings(state=folder / "sandbox"), around=around) as world:
        sandbox = Sandbox(world, describe(world, register_first_job(world)), credentials[0])
        checkout = folder / "checkout"
        url = sandbox.git_url(sandbox.user_token)
        git("clone", "-q", "-b", "dev", url, str(checkout), cwd=folder)
        project = ExaminedProject(
            sandbox, checkout, StageRunner(sandbox, folder / "stages", warm_stages)
        )
        project.set_up()
        yield project
    assert [problem for check in checks for problem in check.problems] == []


@pytest.fixture
def examined(sound_project: ExaminedProject) -> Iterator[ExaminedProject]:
    """The project without a fault; what a test changes is undone."""
    with _undone(sound_project):
        yield sound_project


@contextmanager
def _undone(project: ExaminedProject) -> Iterator[None]:
    world, repository = project.sandbox.world, project.sandbox.repository
    kept = copy.deepcopy(
        {
            "environments": repository.environments,
            "rulesets": repository.rulesets,
            "variables": repository.variables,
            "merging": repository.merging,
        }
    )
    organisation = copy.deepcopy((world.github.variables, world.github.secrets))
    apps = {
        slug: (app.installed, app.suspended, app.permissions)
        for slug in APPS
        if (app := project.sandbox.app(slug))
    }
    google = world.google
    identities = (dict(google.providers), dict(google.accounts), set(google.disabled_pools))
    releases = list(repository.releases)
    bindings = project.sandbox.control("GET", _INDEX)["bindings"]
    refs = repository.git.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    yield
    for name, value in kept.items():
        setattr(repository, name, value)
    world.github.variables, world.github.secrets = organisation
    for slug, (installed, suspended, permissions) in apps.items():
        app = project.sandbox.app(slug)
        app.installed, app.suspended, app.permissions = installed, suspended, permissions
    google.providers, google.accounts, google.disabled_pools = identities
    repository.releases = releases
    project.sandbox.control("PATCH", _INDEX, {"bindings": bindings})
    commands = "".join(f"update {line}\n" for line in refs)
    repository.git.git("update-ref", "--stdin", stdin=commands.encode())
    git("reset", "-q", "--hard", TAG, cwd=project.folder)
    git("clean", "-qfdx", cwd=project.folder)
    project.inputs.clear()
    project.job.clear()


def add_secret(place: DeploymentEnvironment, name: str) -> None:
    """Store a secret's name in an environment."""
    place.secrets[name] = SecretName(name, place.created_at)
