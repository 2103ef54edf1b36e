"""The rehearsal's client of the sandbox: GitHub's API, and the control interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from dist_sandbox.addresses import Addresses
from dist_sandbox.gateway.opening import Gateway
from dist_sandbox.rehearse.errors import SandboxRequestError
from dist_sandbox.rehearse.workflows.scopes import ScopedValues
from dist_sandbox.rehearse.workflows.triggers import TriggerEvent

#: The sandbox answers from memory and disk; what takes longer than this many seconds hangs.
_TIMEOUT_SECONDS = 60
#: In place of a default: an answer of 404 is an error.
_NO_DEFAULT = object()


@dataclass(frozen=True)
class RegisteredJob:
    """A job of the sandbox, with the credentials that GitHub would give it.

    Those for its ID token are empty without `id-token: write`.
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
        ready: What `dist-sandbox serve` writes into its ready file; of several repositories, with
            `repository`, `git_url` and `environments` of the one that is meant.
        user_token: Personal access token of the developer, who may do everything.
        gateway: The gateway to its services, if they have their real names.
    """

    def __init__(
        self, ready: Mapping[str, Any], user_token: str, gateway: Gateway | None = None
    ) -> None:
        self.ready = ready
        self.github_repository = str(ready["repository"])
        self.api_url = str(ready["github_api_url"]).rstrip("/")
        self.server_url = str(ready["github_server_url"]).rstrip("/")
        self.user_token = user_token
        self.gateway = gateway
        self._own_api_url = self.bypass_gateway(self.api_url)
        self._session = open_session()
        self._newest_request = 0

    @property
    def git_url(self) -> str:
        """Return the address that the repository is cloned from and pushed to."""
        return str(self.ready["git_url"])

    def gateway_variables(self) -> dict[str, str]:
        """Return the environment variables by which programs reach the services."""
        return self.gateway.variables() if self.gateway else {}

    def proxy_variables(self, job: str) -> dict[str, str]:
        """Return the variables that name the gateway's proxy, by which it knows the job."""
        return self.gateway.proxy_variables(job) if self.gateway else {}

    def bypass_gateway(self, url: str) -> str:
        """Return where the sandbox itself answers at one of its services' addresses."""
        base = str(self.ready["control_url"]).removesuffix("/_sandbox")
        return Addresses(base, real_names=self.gateway is not None).bypass_gateway(url)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, *, missing: Any = _NO_DEFAULT) -> Any:
        """Read from the repository's API.

        Args:
            path: Below `/repos/OWNER/NAME/`; empty for the repository itself.
            missing: The value in place of an answer of 404, where that is expected.
        """
        response = self._github("GET", path)
        expected = response.status_code == 404 and missing is not _NO_DEFAULT
        return missing if expected else self._json(response)

    def asset(self, asset_id: int) -> bytes:
        """Download an asset of a release."""
        path = f"releases/assets/{asset_id}"
        redirect = self._github("GET", path, accept="application/octet-stream")
        redirect.raise_for_status()
        url = self.bypass_gateway(redirect.headers["Location"])
        response = self._session.get(url, timeout=_TIMEOUT_SECONDS)
        response.raise_for_status()
        return response.content

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """Change something in the repository, as the developer."""
        return self._json(self._github(method, path, body))

    def graphql(self, query: str, variables: Mapping[str, Any]) -> Any:
        """Use GitHub's GraphQL API, as the developer.

        Raises:
            SandboxRequestError: A part of the query was refused.
        """
        response = self._session.post(
            self.bypass_gateway(str(self.ready["github_graphql_url"])),
            json={"query": query, "variables": dict(variables)},
            headers={"Authorization": f"Bearer {self.user_token}"},
            timeout=_TIMEOUT_SECONDS,
        )
        body = self._json(response)
        if "errors" in body:
            message = str(body["errors"][0]["message"])
            raise SandboxRequestError.from_status("POST", response.request.path_url, 200, message)
        return body["data"]

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Use the control interface, for what no service offers."""
        response = self._session.request(
            method,
            f"{self.ready['control_url']}/{path}",
            params={"repository": self.github_repository},
            json=body,
            headers={"Authorization": f"Bearer {self.ready['control_token']}"},
            timeout=_TIMEOUT_SECONDS,
        )
        return self._json(response)

    def events(self, after: int) -> list[StreamedEvent]:
        """List the events numbered above `after`."""
        return [
            StreamedEvent(
                row["number"],
                TriggerEvent(row["name"], row["ref"], row["sha"], row["actor"], row["payload"]),
                row["starts_workflows"],
            )
            for row in self.control("GET", f"events?after={after}")
        ]

    def register_job(self, job: Mapping[str, Any]) -> RegisteredJob:
        """Register a job; the sandbox makes its credentials."""
        response = self.control("POST", "jobs", job)
        return RegisteredJob(
            number=response["number"],
            token=response["token"],
            oidc_request_url=response.get("oidc_request_url") or "",
            oidc_request_token=response.get("oidc_request_token") or "",
        )

    def read_run(self, run_id: int, after: int) -> dict[str, Any]:
        """Read a run with its jobs that wait, or waited, for their environment.

        Args:
            after: A revision; the sandbox waits a moment for a later one.
        """
        run: dict[str, Any] = self.control("GET", f"runs/{run_id}?after={after}")
        return run

    def protected_environments(self) -> frozenset[str]:
        """Name the environments that may let a job wait or reject it, in lower case."""
        return frozenset(
            str(environment["name"]).lower()
            for environment in self._environments()
            if environment["protection_rules"]
        )

    def requests_since(self, number: int) -> list[dict[str, Any]]:
        """List the logged requests numbered above `number`."""
        log: list[dict[str, Any]] = self.control("GET", f"requests?after={number}")
        return log

    def requests_of_run(self, before: int, last: int) -> list[dict[str, Any]]:
        """List the requests after the one numbered `before`, up to `last`, except a person's."""
        return [
            request
            for request in self.requests_since(before)
            if request["number"] <= last and not str(request["principal"]).startswith("user:")
        ]

    def last_request(self) -> int:
        """Return the number of the newest logged request, 0 where there is none."""
        for request in self.requests_since(self._newest_request):
            self._newest_request = int(request["number"])
        return self._newest_request

    def reader_token(self, environment: str) -> str:
        """Make an access token that may read an environment's index."""
        body = {"environment": environment, "role": "reader"}
        return str(self.control("POST", "access-tokens", body)["token"])

    def variables(self) -> ScopedValues:
        """Read the configuration variables from GitHub's API."""
        repository = {
            **self._variables("actions/organization-variables"),
            **self._variables("actions/variables"),
        }
        environments = {
            environment["name"]: self._variables(f"environments/{environment['name']}/variables")
            for environment in self._environments()
        }
        return ScopedValues(repository, environments)

    def _environments(self) -> list[dict[str, Any]]:
        environments: list[dict[str, Any]] = self.get("environments?per_page=100")["environments"]
        return environments

    def _variables(self, path: str) -> dict[str, str]:
        page = self.get(f"{path}?per_page=30", missing={"variables": []})
        return {variable["name"]: variable["value"] for variable in page["variables"]}

    def _github(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        accept: str = "application/vnd.github+json",
    ) -> requests.Response:
        return self._session.request(
            method,
            f"{self._own_api_url}/repos/{self.github_repository}/{path}".rstrip("/"),
            json=body,
            headers={"Authorization": f"Bearer {self.user_token}", "Accept": accept},
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
        )

    def _json(self, response: requests.Response) -> Any:
        if not response.ok:
            method, path = str(response.request.method), response.request.path_url
            status, message = response.status_code, _message(response)
            raise SandboxRequestError.from_status(method, path, status, message)
        return response.json() if response.content else None


def open_session() -> requests.Session:
    """Open a session that obeys nothing of the environment."""
    session = requests.Session()
    session.trust_env = False
    return session


def app_secrets(apps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Read each App's private key, under the name of the secret that workflows use."""
    return {
        f"{app['slug']}_PRIVATE_KEY".upper().replace("-", "_"): Path(
            app["private_key_file"]
        ).read_text(encoding="utf-8")
        for app in apps
    }


def _message(response: requests.Response) -> str:
    try:
        return str(response.json()["message"])
    except (ValueError, KeyError, TypeError):
        return response.text[:200]
