"""The simulated organisation: its repositories and their environments.

The GitHub part reads the variables from here and the Google part the providers and bindings, so
that both agree. It holds names only: no key, no token and no state.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dist_sandbox.errors import ProjectError

#: What GitHub takes for the name of a repository.
_REPOSITORY = re.compile(r"[\w.-]{1,100}", re.ASCII)
#: Of each environment's project: a cache of PyPI, and the environment's packages joined with it.
CACHE_REPOSITORY = "pypi-cache"
VIRTUAL_REPOSITORY = "eigenoid-all"


@dataclass(frozen=True)
class Organisation:
    """The owner of a simulated repository, and the repository.

    Attributes:
        owner: Login of the organisation.
        owner_id: Numeric ID that GitHub gave the owner (`repository_owner_id` in ID tokens).
        repository: Name of the repository without its owner.
        repository_id: Numeric ID that GitHub gave the repository.
        default_branch: The branch that the repository begins with.
        private: Whether the repository is private; everybody may read a public one.
    """

    owner: str = "eigenoid"
    owner_id: int = 200_100
    repository: str = "eigenoid-sample"
    repository_id: int = 900_100
    default_branch: str = "main"
    private: bool = True

    @property
    def github_repository(self) -> str:
        """Name the repository as `owner/name`."""
        return f"{self.owner}/{self.repository}"


_FIRST_ORGANISATION = Organisation()


@dataclass(frozen=True)
class SandboxEnvironment:
    """One stage on the way to production, in GitHub and in Google Cloud.

    Attributes:
        name: Name of the GitHub Environment.
        branch: The branch whose commits are released here.
        suffix: What a tag of this environment ends with, with its hyphen; empty for production.
        project_id: Google Cloud project.
        project_number: The project's number, which providers are named by.
        pool: Workload identity pool.
        provider: Workload identity provider within the pool: each repository has its own.
        service_account: Email of the publishing service account.
        location: Location of the Artifact Registry repository.
        repository: Name of the Artifact Registry repository.
        tag_patterns: Regular expressions of its tags; empty for `v`, a version and the suffix.
        stage: The project's own name of the environment; empty for the same.
    """

    name: str
    branch: str
    suffix: str
    project_id: str
    project_number: int
    pool: str
    provider: str
    service_account: str
    location: str
    repository: str
    tag_patterns: tuple[str, ...] = ()
    stage: str = ""

    @property
    def ref_pattern(self) -> str:
        """Write a regular expression of the full refs of its tags, for attribute conditions."""
        patterns = self.tag_patterns or (tag_pattern("v", self.suffix),)
        joined = patterns[0] if len(patterns) == 1 else f"({'|'.join(patterns)})"
        return f"^refs/tags/{joined}$"

    @property
    def workload_identity_provider(self) -> str:
        """Return the provider's full resource name, as in `GCP_WIF_PROVIDER`."""
        return (
            f"projects/{self.project_number}/locations/global/"
            f"workloadIdentityPools/{self.pool}/providers/{self.provider}"
        )

    @property
    def readers_pool(self) -> str:
        """Return the full name of the pool of jobs that only install.

        It is a pool of its own: bindings name a pool and an attribute, never a provider, so in the
        publishers' pool a job of the readers' provider would be the publisher's, too.
        """
        pools = f"projects/{self.project_number}/locations/global/workloadIdentityPools"
        return f"{pools}/{self.pool}-readers"

    @property
    def readers_provider(self) -> str:
        """Return the full name of the readers' provider, as in `READER_WIF_PROVIDER`."""
        return f"{self.readers_pool}/providers/readers"

    @property
    def reader_account(self) -> str:
        """Return the service account with which jobs install, as in `READER_SA_EMAIL`."""
        return f"eigenoid-reader@{self.project_id}.iam.gserviceaccount.com"

    @property
    def variables(self) -> Mapping[str, str]:
        """Return the variables of the GitHub Environment."""
        return {
            "GCP_WIF_PROVIDER": self.workload_identity_provider,
            "GCP_SA_EMAIL": self.service_account,
            "GCP_PROJECT_ID": self.project_id,
            "AR_LOCATION": self.location,
            "AR_REPOSITORY": self.repository,
        }


@dataclass(frozen=True)
class PublishingRepository:
    """A repository of the organisation, and the environments that it publishes to.

    Those of several repositories share projects, providers and indexes where they have the same
    name; each repository has publisher service accounts of its own.

    One that `is_new` has nothing but its default branch on GitHub: no other branch, no environment.
    """

    organisation: Organisation
    environments: tuple[SandboxEnvironment, ...]
    is_new: bool = False

    @property
    def github_repository(self) -> str:
        """Name the repository as `owner/name`."""
        return self.organisation.github_repository


def tag_pattern(prefix: str, suffix: str, separators: str = "") -> str:
    """Write a regular expression (RE2) of a version between two texts.

    Args:
        prefix: Text before the version.
        suffix: Text after it; in the default tags its hyphen is what ends the version.
        separators: Characters that stand for the version's dots.
    """
    before, after = (text.replace(".", "[.]").replace("+", "[+]") for text in (prefix, suffix))
    return f"{before}[0-9][0-9A-Za-z.!+{separators}]*{after}"


def default_environments(
    organisation: Organisation = _FIRST_ORGANISATION,
) -> tuple[SandboxEnvironment, ...]:
    """Describe the environments dev, qa and prd of the organisation that uses the actions first.

    Their providers have the repository's ID in their names, their publisher service accounts its
    name.
    """
    rows = (
        ("dev", "dev", "-dev", 100_000_000_001),
        ("qa", "qa", "-qa", 100_000_000_002),
        ("prd", "main", "", 100_000_000_003),
    )
    account = _account_name(organisation.repository)
    return tuple(
        SandboxEnvironment(
            name=name,
            branch=branch,
            suffix=suffix,
            project_id=f"eigenoid-{name}",
            project_number=number,
            pool="github",
            provider=f"repository-{organisation.repository_id}",
            service_account=f"{account}@eigenoid-{name}.iam.gserviceaccount.com",
            location="us-central1",
            repository="eigenoid-python",
        )
        for name, branch, suffix, number in rows
    )


def further_repository(
    repositories: Sequence[PublishingRepository], name: str
) -> PublishingRepository:
    """Describe one more repository of an organisation, with an ID that none of the others has.

    Raises:
        ProjectError: GitHub has no repository of such a name, or there is one already.
    """
    if not _REPOSITORY.fullmatch(name) or name in {".", ".."}:
        raise ProjectError.no_repository(name, "GitHub allows letters, digits, `-`, `_` and `.`")
    if name.lower() in {row.organisation.repository.lower() for row in repositories}:
        raise ProjectError.no_repository(name, "the organisation has one of this name already")
    owner = repositories[0].organisation
    numbers = [repository.organisation.repository_id for repository in repositories]
    organisation = replace(owner, repository=name, repository_id=max(numbers) + 1)
    return PublishingRepository(organisation, default_environments(organisation))


def repository_name(folder: Path) -> str:
    """Name a repository after the folder of its project, as far as GitHub allows."""
    name = re.sub(r"[^\w.-]", "-", folder.name, flags=re.ASCII)
    return name.strip("-.") or "project"


def _account_name(project: str) -> str:
    """Choose the account ID, which Google limits to 30 characters of `[a-z0-9-]`."""
    name = "".join(char if char.isalnum() else "-" for char in project.lower())
    return f"{name[:20].strip('-')}-publisher"
