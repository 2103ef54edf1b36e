"""The jobs of one run: which credentials each has, and which of them wait for theirs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dist_sandbox.rehearse.sandbox_client import RegisteredJob
from dist_sandbox.rehearse.workflows.compilation import JobIdentity
from dist_sandbox.rehearse.workflows.scopes import ScopedValues

#: Names of the credentials of a job that waits: each such job has an object of its own.
_TOKEN, _ID_TOKEN = "JOB_TOKEN", "JOB_ID_TOKEN"


@dataclass
class RunJobs:
    """The jobs of one run.

    Attributes:
        names: What is set, with act's names in place of the secrets.
        values: The secrets by act's names.
        protected: The environments whose jobs wait, in lower case.
        register: Makes the credentials of a job by its ID.
        identities: What the compiled jobs say of their credentials, by job ID.
    """

    names: ScopedValues
    values: Mapping[str, str] = field(repr=False)
    protected: frozenset[str]
    register: Callable[[str], RegisteredJob]
    identities: dict[str, JobIdentity] = field(default_factory=dict)
    _started: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def waiting(self) -> bool:
        """Whether any job waits for its environment."""
        return any(identity.gated for identity in self.identities.values())

    @property
    def act_secrets(self) -> dict[str, str]:
        """What act gets from the start: nothing that only a protected environment holds."""
        withheld = {
            name
            for environment, held in self.names.environments.items()
            if environment.lower() in self.protected
            for name in held.values()
        }
        known = {name: value for name, value in self.values.items() if name not in withheld}
        return {**known, **self._started}

    def start(self, job_id: str) -> None:
        """Give a job that waits for nothing its credentials."""
        job = self.register(job_id)
        token, bearer = f"JOB_{job.number}_TOKEN", f"JOB_{job.number}_ID"
        oidc = bool(job.oidc_request_token)
        self._started[token] = job.token
        if oidc:
            self._started[bearer] = job.oidc_request_token
        self.identities[job_id] = JobIdentity(
            token_name=token,
            oidc_request_url=job.oidc_request_url if oidc else "",
            oidc_request_token_name=bearer if oidc else "",
        )

    def let_wait(self, job_id: str, oidc_request_url: str) -> None:
        """Let a job start without credentials.

        Args:
            job_id: The job.
            oidc_request_url: Where it will ask for its ID token; empty where it may not.
        """
        bearer = _ID_TOKEN if oidc_request_url else ""
        self.identities[job_id] = JobIdentity(_TOKEN, oidc_request_url, bearer, gated=True)

    def admit(self, job_id: str, environment: str) -> dict[str, str]:
        """Make what a job gets that its environment let in."""
        job = self.register(job_id)
        credentials = {name: self.values[name] for name in self.names.seen_by(environment).values()}
        credentials[_TOKEN] = job.token
        if job.oidc_request_token:
            credentials[_ID_TOKEN] = job.oidc_request_token
        return credentials
