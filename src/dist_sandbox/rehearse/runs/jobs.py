"""The jobs of one run: which credentials each has, and which of them wait for theirs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dist_sandbox.rehearse.sandbox_client import RegisteredJob
from dist_sandbox.rehearse.workflows.compilation import JobIdentity
from dist_sandbox.rehearse.workflows.scopes import ScopedValues

#: Names of the credentials of a job that waits: each such job has its own object.
_TOKEN, _ID_TOKEN = "JOB_TOKEN", "JOB_ID_TOKEN"


@dataclass
class RunJobs:
    """The jobs of one run.

    Attributes:
        secret_names: The secrets by scope, with act's names in place of the values.
        secrets: The values by act's names.
        protected: The environments whose jobs wait, in lower case.
        register: Makes the credentials of a job by its ID.
        identities: How the compiled jobs refer to their credentials, by job ID.
    """

    secret_names: ScopedValues
    secrets: Mapping[str, str] = field(repr=False)
    protected: frozenset[str]
    register: Callable[[str], RegisteredJob]
    identities: dict[str, JobIdentity] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def any_waiting(self) -> bool:
        """Tell whether any job waits for its environment."""
        return any(identity.gated for identity in self.identities.values())

    @property
    def act_secrets(self) -> dict[str, str]:
        """Return what act gets from the start: nothing that only a protected environment holds."""
        withheld = {
            name
            for environment, names in self.secret_names.environments.items()
            if environment.lower() in self.protected
            for name in names.values()
        }
        public = {name: value for name, value in self.secrets.items() if name not in withheld}
        return {**public, **self._tokens}

    def token_of_own_actions(self, job_ids: Iterable[str]) -> dict[str, str]:
        """Return act's own token, which the steps of actions inside the project get.

        Those files stay as they are, and act has one token for all jobs: that of the first of these
        jobs that waits for nothing.
        """
        names = (self.identities[job_id].token_name for job_id in job_ids)
        tokens = [self._tokens[name] for name in names if name in self._tokens]
        # Without any, act would ask gh for the user's.
        return {"GITHUB_TOKEN": tokens[0] if tokens else ""}

    def start(self, job_id: str) -> None:
        """Give a job that waits for nothing its credentials."""
        job = self.register(job_id)
        token, bearer = f"JOB_{job.number}_TOKEN", f"JOB_{job.number}_ID"
        has_id_token = bool(job.oidc_request_token)
        self._tokens[token] = job.token
        if has_id_token:
            self._tokens[bearer] = job.oidc_request_token
        self.identities[job_id] = JobIdentity(
            token_name=token,
            oidc_request_url=job.oidc_request_url if has_id_token else "",
            oidc_request_token_name=bearer if has_id_token else "",
        )

    def start_waiting(self, job_id: str, oidc_request_url: str) -> None:
        """Let a job start without credentials; the address is empty where it gets no ID token."""
        bearer = _ID_TOKEN if oidc_request_url else ""
        self.identities[job_id] = JobIdentity(_TOKEN, oidc_request_url, bearer, gated=True)

    def make_credentials(self, job_id: str, environment: str) -> dict[str, str]:
        """Make the credentials of a job whose environment was approved."""
        job = self.register(job_id)
        names = self.secret_names.seen_by(environment).values()
        credentials = {name: self.secrets[name] for name in names}
        credentials[_TOKEN] = job.token
        if job.oidc_request_token:
            credentials[_ID_TOKEN] = job.oidc_request_token
        return credentials
