"""Set up what a project's workflows ask for, as its owner would on each website.

Only the names in the tables here get a value. A variable or secret of another name stays unset, as
on GitHub; an environment of another name exists, and asks for nobody's approval.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from dist_actions.repository_settings.expected import ExpectedSettings
from dist_actions.repository_settings.values import DeploymentPolicies
from dist_sandbox.rehearse.errors import UsageError
from dist_sandbox.rehearse.manual_steps.reviews import REVIEWER
from dist_sandbox.rehearse.options import Options
from dist_sandbox.rehearse.project.needs import JobNeeds, Needs
from dist_sandbox.rehearse.publishing.given_secrets import GivenSecret
from dist_sandbox.rehearse.publishing.publications import PYPI, TESTPYPI, URL
from dist_sandbox.rehearse.publishing.secrets import (
    APP_ID,
    APP_KEY,
    GITHUB_TOKEN,
    TOKENS,
    USERNAMES,
)
from dist_sandbox.rehearse.publishing.secrets import GOOGLE_KEY as GOOGLE_KEY_PURPOSE
from dist_sandbox.rehearse.sandbox_client import Sandbox
from dist_sandbox.rehearse.workflows.scopes import ScopedValues

#: Environments that always ask for the reviewer's approval.
REVIEWED = frozenset({"deploy", "pypi"})
#: Variables that Google Cloud's part is described with; an environment that asks for one of them
#: gets a project, an index, a provider and a publisher service account of its own.
GOOGLE_VARIABLES = frozenset(
    {"GCP_WIF_PROVIDER", "GCP_SA_EMAIL", "GCP_PROJECT_ID", "AR_LOCATION", "AR_REPOSITORY"}
)
GOOGLE_KEY = "GCP_CREDENTIALS_JSON"
#: Variables by name, and the field of the private index that each holds.
PRIVATE_INDEX_VARIABLES = {
    "PRIVATE_REPOSITORY_URL": "repository_url",
    "PRIVATE_INDEX_URL": "index_url",
    "PRIVATE_INDEX_USERNAME": "username",
}
#: Set to the index of the stage before, which the publisher may then read.
PREVIOUS_INDEX_VARIABLE = "PREVIOUS_INDEX_URL"
_READER = "roles/artifactregistry.reader"
_USERNAME = "publisher"


@dataclass(frozen=True)
class Provisioning:
    """What a sandbox provides for a project.

    Attributes:
        needs: What its workflows ask for.
        project: The project's normalised name; empty where its files do not tell it.
        reviewed: Further environments that ask for the reviewer's approval.
        rejects: Those that the reviewer does not approve; they ask for it, too.
        stages: GitHub Environments of the stages, in the order of promotion.
        expected: The settings that its workflows need on GitHub, of a project with stages.
        projects: Normalised names of all projects that the repository holds.
        secrets: What a person said that secrets are, by name.
        purposes: What others are, by where their values go.
        variables: Further variables of the repository.
    """

    needs: Needs
    project: str = ""
    reviewed: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    expected: ExpectedSettings = field(default_factory=lambda: ExpectedSettings(()))
    projects: tuple[str, ...] = ()
    secrets: Mapping[str, GivenSecret] = field(default_factory=dict, repr=False)
    purposes: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def policies(self) -> Mapping[str, DeploymentPolicies]:
        """Return which branches and tags GitHub Environments let in; the others let all in."""
        return {
            environment.name: environment.policies
            for environment in self.expected.environments
            if environment.policies is not None
        }

    def purpose_of(self, name: str) -> GivenSecret | None:
        """Tell what a secret is, as a person said it or its use tells; None where nothing does."""
        if name in self.secrets:
            return self.secrets[name]
        return GivenSecret(self.purposes[name]) if name in self.purposes else None

    @property
    def empty_secrets(self) -> frozenset[str]:
        """Return the secrets that nothing explains; they are empty."""
        names = {name for job in self.needs.jobs for name in job.secrets}
        return frozenset(
            name for name in names - {*_SECRETS, *_BOT_KEYS} if self.purpose_of(name) is None
        )

    @property
    def unexplained(self) -> str:
        """Name the secrets that stay empty, in one line; empty where there are none."""
        empty = sorted(self.empty_secrets)
        if not empty:
            return ""
        return (
            f"Secrets that nobody explains, and that are empty: {', '.join(empty)}. "
            f"--secret {empty[0]}=WHAT says what one is."
        )

    @property
    def reviewed_environments(self) -> tuple[str, ...]:
        """List the environments that ask for the reviewer's approval, as they are written."""
        reviewed = {name.lower() for name in (*self.reviewed, *self.rejects)} | REVIEWED
        names = (*self.needs.environments, *self.reviewed, *self.rejects)
        unique = {name.lower(): name for name in reversed(names)}
        return tuple(name for key, name in unique.items() if key in reviewed)

    @property
    def google_environments(self) -> tuple[str, ...]:
        """List the environments whose jobs ask for something of Google Cloud."""
        return tuple(
            name
            for name in self.needs.environments
            if any(_asks_google(job) for job in self.needs.in_environment(name))
        )


def require_reviewable(options: Options, provisionings: Sequence[Provisioning]) -> None:
    """Refuse reviews of what is no GitHub Environment of any job.

    Raises:
        UsageError: One would never be asked for.
    """
    names = {
        name.lower(): name
        for provisioning in provisionings
        for name in (*provisioning.needs.environments, *provisioning.stages)
    }
    for option, reviewed in (("--reviewed", options.reviewed), ("--reject", options.rejects)):
        for name in reviewed:
            if name.lower() not in names:
                raise UsageError(
                    f"{option} names {name!r}, which is no GitHub Environment of the jobs.",
                    why=f"they run in {', '.join(names.values()) or 'none'}.",
                    fix="name one of them.",
                )


def google_project(environment: str) -> str:
    """Choose the ID of an environment's project in Google Cloud."""
    name = re.sub(r"[^a-z0-9]+", "-", environment.lower()).strip("-")
    return f"eigenoid-{name}"[:30].rstrip("-")


def google_number(project_id: str) -> int:
    """Choose the number of a project in Google Cloud, the same wherever its ID is used."""
    return 200_000_000_000 + zlib.crc32(project_id.encode())


def provision(
    sandbox: Sandbox, provisioning: Provisioning, *, is_new: bool = False
) -> ScopedValues:
    """Make environments, variables and publishers, and the secrets of each environment.

    Args:
        is_new: Whether the project makes its environments itself.

    Returns:
        The secrets; the sandbox keeps their names at most.
    """
    needs, owner = provisioning.needs, _Owner(sandbox, provisioning, is_new)
    for name in needs.environments:
        owner.set_variables(f"environments/{name}/variables", needs.in_environment(name))
    outside = [job for job in needs.jobs if not job.environments]
    owner.set_variables("repository/variables", outside)
    owner.set_publishers(provisioning)
    for previous, name in pairwise(provisioning.stages):
        if any(PREVIOUS_INDEX_VARIABLE in job.variables for job in needs.in_environment(name)):
            owner.grant_previous_index(previous, name)
    return ScopedValues(
        repository=owner.secrets(outside, ""),
        environments={
            name: owner.secrets(needs.in_environment(name), name) for name in needs.environments
        },
    )


def add_reviewer(sandbox: Sandbox) -> tuple[dict[str, Any], str]:
    """Add a person who reviews; returns the rules that ask for their approval, and their token."""
    user = sandbox.control("POST", "users", {"login": REVIEWER, "name": "Rev Iewer"})
    rules = {"reviewers": [{"type": "User", "id": user["id"]}], "prevent_self_review": True}
    return rules, str(user["token"])


@dataclass
class _Owner:
    """Who sets everything up; what is made for one environment is not made again for another."""

    sandbox: Sandbox
    provisioning: Provisioning
    is_new: bool
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    def set_variables(self, path: str, jobs: Iterable[JobNeeds]) -> None:
        """Set the variables of the private index; Google Cloud's are there already."""
        names = {name for job in jobs for name in job.variables}
        values: dict[str, Any] = {
            name: self.private_index[key]
            for name, key in PRIVATE_INDEX_VARIABLES.items()
            if name in names
        }
        if path.startswith("repository/"):
            values |= self.provisioning.variables
        if values or (path.startswith("environments/") and not self.is_new):
            self.sandbox.control("PUT", path, values)

    def set_publishers(self, provisioning: Provisioning) -> None:
        """Register the publishing jobs as Trusted Publishers, and no others."""
        projects = provisioning.projects or tuple(filter(None, [provisioning.project]))
        if not projects:
            return
        for index in ("pypi", "testpypi"):
            # Several jobs of a workflow may publish; they are one publisher.
            unique = dict.fromkeys(
                (project, job.workflow, name)
                for job in provisioning.needs.jobs
                if index in job.trusted
                for name in job.environments or ("",)
                for project in projects
            )
            publishers = [
                {"project": project, "workflow": workflow, "environment": name}
                for project, workflow, name in unique
            ]
            if publishers and len(projects) > 1:
                # PyPI has one new project for each publisher, so these have been made before.
                self.sandbox.control("PUT", f"pypi/{index}/projects", {"projects": [*projects]})
            self.sandbox.control("PUT", f"pypi/{index}/publishers", {"publishers": publishers})

    def grant_previous_index(self, previous: str, name: str) -> None:
        """Let a stage's publisher read the index of the stage before, and set its address."""
        environments = {str(row["name"]): row for row in self.sandbox.ready["environments"]}
        path = f"google/repositories/{previous}"
        bindings = dict(self.sandbox.control("GET", path)["bindings"])
        member = f"serviceAccount:{environments[name]['service_account']}"
        bindings[_READER] = [*bindings.get(_READER, []), member]
        self.sandbox.control("PATCH", path, {"bindings": bindings})
        url = {PREVIOUS_INDEX_VARIABLE: str(environments[previous]["index_url"])}
        self.sandbox.control("PUT", f"environments/{name}/variables", url)

    def secrets(self, jobs: Iterable[JobNeeds], environment: str) -> dict[str, str]:
        """Make the secrets that these jobs ask for, as far as anything tells what they are."""
        names = {name for job in jobs for name in job.secrets}
        values: dict[str, str] = {}
        for name in sorted(names):
            secret = self.provisioning.purpose_of(name)
            if name in _SECRETS and name not in self.provisioning.secrets:
                values[name] = _SECRETS[name](self, environment)
            elif secret is not None:
                values[name] = self.secret(secret, environment)
        return values

    def secret(self, secret: GivenSecret, environment: str) -> str:
        """Make the value of a secret of this purpose."""
        if not secret.purpose:
            return secret.value
        return _VALUES[secret.purpose](self, environment, secret.value)

    def app(self, name: str) -> Mapping[str, Any]:
        """Describe the App of this name; the first, which tags, where the sandbox has no such."""
        apps: list[dict[str, Any]] = self.sandbox.ready["apps"]
        return next((app for app in apps if name and app["slug"].startswith(name)), apps[0])

    def pypi_token(self, index: str) -> str:
        """Make an API token of PyPI or TestPyPI for all projects: the project may be new."""
        if index not in self._tokens:
            response = self.sandbox.control("POST", f"pypi/{index}/tokens", {"project": None})
            self._tokens[index] = str(response["token"])
        return self._tokens[index]

    def google_key(self, environment: str) -> str:
        """Make a key of the environment's publisher service account, as its file holds it."""
        known = [str(row["name"]) for row in self.sandbox.ready["environments"]]
        name = environment if environment in known else known[0]
        path = f"google/service-accounts/{name}/keys"
        return json.dumps(self.sandbox.control("POST", path, {}))

    @cached_property
    def private_index(self) -> Mapping[str, Any]:
        """Add a user to the private index, and describe the index with that user."""
        index: Mapping[str, Any] = self.sandbox.control(
            "POST", "private-index/users", {"username": _USERNAME}
        )
        return index


def _asks_google(job: JobNeeds) -> bool:
    return bool(job.variables & GOOGLE_VARIABLES) or GOOGLE_KEY in job.secrets


def _pypi_token(index: str) -> Callable[[_Owner, str], str]:
    return lambda owner, _environment: owner.pypi_token(index)


#: Secrets by name, and how each is made for an environment.
_SECRETS: Mapping[str, Callable[[_Owner, str], str]] = {
    "PYPI_API_TOKEN": _pypi_token("pypi"),
    "PYPI_TOKEN": _pypi_token("pypi"),
    "TESTPYPI_API_TOKEN": _pypi_token("testpypi"),
    "TEST_PYPI_API_TOKEN": _pypi_token("testpypi"),
    "TESTPYPI_TOKEN": _pypi_token("testpypi"),
    GOOGLE_KEY: lambda owner, environment: owner.google_key(environment),
    "PRIVATE_INDEX_USERNAME": lambda owner, _environment: str(owner.private_index["username"]),
    "PRIVATE_INDEX_PASSWORD": lambda owner, _environment: str(owner.private_index["password"]),
}

#: Keys of the sandbox's own Apps, which are set where their jobs run.
_BOT_KEYS = frozenset({"AUTOMATION_BOT_PRIVATE_KEY", "RELEASER_BOT_PRIVATE_KEY"})

#: How each purpose's value is made for an environment; the last argument names an App.
_VALUES: Mapping[str, Callable[[_Owner, str, str], str]] = {
    TOKENS[PYPI]: lambda owner, _environment, _app: owner.pypi_token("pypi"),
    TOKENS[TESTPYPI]: lambda owner, _environment, _app: owner.pypi_token("testpypi"),
    TOKENS[URL]: lambda owner, _environment, _app: str(owner.private_index["password"]),
    USERNAMES[PYPI]: lambda _owner, _environment, _app: "__token__",
    USERNAMES[URL]: lambda owner, _environment, _app: str(owner.private_index["username"]),
    APP_ID: lambda owner, _environment, app: str(owner.app(app)["client_id"]),
    APP_KEY: lambda owner, _environment, app: Path(owner.app(app)["private_key_file"]).read_text(
        encoding="utf-8"
    ),
    GOOGLE_KEY_PURPOSE: lambda owner, environment, _app: owner.google_key(environment),
    GITHUB_TOKEN: lambda owner, _environment, _app: owner.sandbox.user_token,
}
