"""The sandbox as a rehearsal speaks to it: GitHub's API, and the control interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from dist_sandbox.rehearse.errors import SandboxRequestError
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent

#: The sandbox answers from memory and disk; what takes longer than this many seconds hangs.
_TIMEOUT_SECONDS = 60
#: Says that nothing stands for a missing thing.
_REFUSED = object()


@dataclass(frozen=True)
class RegisteredJob:
    """A job that the sandbox knows, with the credentials that GitHub would give it.

    Attributes:
        oidc_request_url: Empty without `id-token: write`.
        oidc_request_token: Empty without `id-token: write`.
    """

    number: int
    token: str = field(repr=False)
    oidc_request_url: str = ""
    oidc_request_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class StreamedEvent:
    """An event of the sandbox's GitHub, with its place in the stream."""

    number: int
    event: TriggerEvent
    starts_workflows: bool


class Sandbox:
    """A running sandbox.

    Args:
        ready: What `dist-sandbox serve` writes into its ready file.
        user_token: Personal access token of the developer, who may do everything.
    """

    def __init__(self, ready: Mapping[str, Any], user_token: str) -> None:
        self.ready = ready
        self.github_repository = str(ready["repository"])
        self.api_url = str(ready["github_api_url"]).rstrip("/")
        self.server_url = str(ready["github_server_url"]).rstrip("/")
        self.user_token = user_token
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def git_url(self) -> str:
        """Where the repository is cloned from and pushed to."""
        return str(self.ready["git_url"])

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, *, missing: Any = _REFUSED) -> Any:
        """Read from the repository's API.

        Args:
            path: Below `/repos/OWNER/NAME/`; empty for the repository itself.
            missing: What stands for an answer of 404, where that is expected.
        """
        answer = self._github("GET", path)
        expected = answer.status_code == 404 and missing is not _REFUSED
        return missing if expected else self._json(answer)

    def asset(self, asset_id: int) -> bytes:
        """The bytes of an asset of a release."""
        answer = self._github(
            "GET", f"releases/assets/{asset_id}", accept="application/octet-stream"
        )
        answer.raise_for_status()
        return answer.content

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Change something in the repository, as the developer."""
        return self._json(self._github(method, path, body))

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Any:
        """Use GitHub's GraphQL API, as the developer.

        Raises:
            SandboxRequestError: A part of the query was refused.
        """
        answer = self._session.post(
            f"{self.server_url}/api/graphql",
            json={"query": query, "variables": dict(variables)},
            headers={"Authorization": f"Bearer {self.user_token}"},
            timeout=_TIMEOUT_SECONDS,
        )
        body = self._json(answer)
        if "errors" in body:
            said = str(body["errors"][0]["message"])
            raise SandboxRequestError.from_status("POST", answer.request.path_url, 200, said)
        return body["data"]

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Use the control interface: what no service offers."""
        answer = self._session.request(
            method, f"{self.server_url}/_sandbox/{path}", json=body, timeout=_TIMEOUT_SECONDS
        )
        return self._json(answer)

    def events(self, after: int) -> list[StreamedEvent]:
        """The events numbered above `after`."""
        return [_streamed(item) for item in self.control("GET", f"events?after={after}")]

    def register_job(self, job: Mapping[str, Any]) -> RegisteredJob:
        """Tell the sandbox of a job; it makes the job's credentials."""
        made = self.control("POST", "jobs", job)
        return RegisteredJob(
            number=made["number"],
            token=made["token"],
            oidc_request_url=made.get("oidc_request_url") or "",
            oidc_request_token=made.get("oidc_request_token") or "",
        )

    def end_job(self, number: int) -> None:
        """The job has ended, and its credentials with it."""
        self.control("DELETE", f"jobs/{number}")

    def begin_run(self, run_id: int, run: Mapping[str, Any]) -> None:
        """Tell the sandbox of a workflow run."""
        self.control("PUT", f"runs/{run_id}", run)

    def end_run(self, run_id: int, conclusion: str, jobs: Mapping[str, str]) -> None:
        """The run has ended, and each of its jobs, by the name that GitHub shows."""
        body = {"conclusion": conclusion, "jobs": dict(jobs)}
        self.control("PATCH", f"runs/{run_id}", body)

    def run_jobs(self, run_id: int) -> list[dict[str, Any]]:
        """The run's jobs that came to the door of their environment."""
        jobs: list[dict[str, Any]] = self.control("GET", f"runs/{run_id}")["jobs"]
        return jobs

    def hand_over(self, run_id: int, number: int, credentials: Mapping[str, str]) -> None:
        """Leave credentials for a job that was let in."""
        self.control("PUT", f"runs/{run_id}/jobs/{number}/credentials", credentials)

    def add_user(self, login: str, name: str) -> dict[str, Any]:
        """Add a person to the sandbox's GitHub; the answer holds the person's token."""
        added: dict[str, Any] = self.control("POST", "users", {"login": login, "name": name})
        return added

    def protected_environments(self) -> frozenset[str]:
        """The environments that may let a job wait or turn it away, in lower case."""
        return frozenset(
            str(item["name"]).lower()
            for item in self.get("environments?per_page=100")["environments"]
            if item["protection_rules"]
        )

    def requests_since(self, number: int) -> list[dict[str, Any]]:
        """The logged requests numbered above `number`."""
        logged: list[dict[str, Any]] = self.control("GET", "requests")
        return [request for request in logged if request["number"] > number]

    def count_requests(self, first: int, last: int, *, own: bool) -> int:
        """How many requests arrived after the one numbered `first`, up to `last`.

        Args:
            first: Number of a request that is not counted any more.
            last: Number of the last one that is counted.
            own: Whether what the rehearsal asked by itself, as the developer, counts too.
        """
        return sum(
            own or not str(request["principal"]).startswith("user:")
            for request in self.requests_since(first)
            if request["number"] <= last
        )

    def last_request(self) -> int:
        """Number of the newest logged request, 0 where there is none."""
        return max((request["number"] for request in self.requests_since(0)), default=0)

    def reader_token(self, environment: str) -> str:
        """An access token that may read an environment's index."""
        body = {"environment": environment, "role": "reader"}
        return str(self.control("POST", "access-tokens", body)["token"])

    def variables(self) -> ScopedValues:
        """The configuration variables, as GitHub's API shows them."""
        repository = {
            **self._variables("actions/organization-variables"),
            **self._variables("actions/variables"),
        }
        names = [item["name"] for item in self.get("environments?per_page=100")["environments"]]
        return ScopedValues(
            repository=repository,
            environments={
                name: self._variables(f"environments/{name}/variables") for name in names
            },
        )

    def _variables(self, path: str) -> dict[str, str]:
        found = self.get(f"{path}?per_page=30", missing={"variables": []})
        return {item["name"]: item["value"] for item in found["variables"]}

    def _github(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        accept: str = "application/vnd.github+json",
    ) -> requests.Response:
        return self._session.request(
            method,
            f"{self.api_url}/repos/{self.github_repository}/{path}".rstrip("/"),
            json=body,
            headers={
                "Authorization": f"Bearer {self.user_token}",
                "Accept": accept,
            },
            timeout=_TIMEOUT_SECONDS,
        )

    def _json(self, answer: requests.Response) -> Any:
        if not answer.ok:
            path = answer.request.path_url
            message = _message(answer)
            method = str(answer.request.method)
            raise SandboxRequestError.from_status(method, path, answer.status_code, message)
        return answer.json() if answer.content else None


def app_secrets(apps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The organisation's secrets: each App's private key, under the name that workflows use."""
    return {
        f"{app['slug']}_PRIVATE_KEY".upper().replace("-", "_"): _read(app["private_key_file"])
        for app in apps
    }


def _read(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")


def _streamed(item: Mapping[str, Any]) -> StreamedEvent:
    return StreamedEvent(
        number=item["number"],
        starts_workflows=item["starts_workflows"],
        event=TriggerEvent(
            name=item["name"],
            ref=item["ref"],
            sha=item["sha"],
            actor=item["actor"],
            payload=item["payload"],
        ),
    )


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
