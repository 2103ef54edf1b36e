"""The simulated Google as the job of a release sees it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import requests

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"

_TIMEOUT_SECONDS = 30


class KeyFile(dict[str, Any]):
    """A key file's content, which no failing test prints."""

    def __repr__(self) -> str:
        return f"<key {self['private_key_id']} of {self['client_email']}>"

    def __or__(self, changes: Any) -> "KeyFile":  # type: ignore[override]
        return KeyFile({**self, **changes})


@dataclass
class GoogleClient:
    """Whoever talks to the sandbox: the job of a release of v0.5.0-dev, unless told otherwise.

    It is a job of the sandbox's first repository, or of the one that is named.
    """

    ready: dict[str, Any]
    session: requests.Session
    github_repository: str = ""

    @property
    def base(self) -> str:
        return str(self.ready["github_server_url"])

    def environment(self, name: str = "dev") -> dict[str, str]:
        return next(
            environment for environment in self.ready["environments"] if environment["name"] == name
        )

    def audience(self, name: str = "dev") -> str:
        return f"//iam.googleapis.com/{self.environment(name)['workload_identity_provider']}"

    def upload_url(self, name: str = "dev") -> str:
        return self.environment(name)["upload_url"]

    def index_url(self, name: str = "dev") -> str:
        return self.environment(name)["index_url"]

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.base}{path}"
        if path.startswith("/_sandbox/"):
            options["headers"] = {"Authorization": f"Bearer {self.ready['control_token']}"}
        return self.session.request(method, url, timeout=_TIMEOUT_SECONDS, **options)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        query = {"repository": self.github_repository} if self.github_repository else {}
        answer = self.send(method, f"/_sandbox/{path}", json=body, params=query)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def set_clock(self, ahead: timedelta) -> None:
        self.control("POST", "clock", {"offset_seconds": ahead.total_seconds()})

    def start_job(self, **changes: Any) -> dict[str, Any]:
        """Register a job; its number and its credentials."""
        job = {
            "run_id": 17,
            "workflow": ".github/workflows/release.yml",
            "name": "publish",
            "event_name": "push",
            "ref": "refs/tags/v0.5.0-dev",
            "sha": "8be07d4" + 33 * "0",
            "actor": "developer",
            "permissions": {"id-token": "write"},
        }
        return dict(self.control("POST", "jobs", job | changes))

    def ask_for_id_token(self, query: dict[str, str], **job: Any) -> requests.Response:
        """Ask as a job does, by the two values that it was given."""
        started = self.start_job(**job)
        return self.send(
            "GET",
            started["oidc_request_url"],
            params=query,
            headers={"Authorization": f"Bearer {started['oidc_request_token']}"},
        )

    def id_token(self, name: str = "dev", **job: Any) -> str:
        """Get an ID token of a job in the environment, for the environment's provider."""
        query = {"audience": f"https:{self.audience(name)}", "environment": name}
        answer = self.ask_for_id_token(query, **job)
        assert answer.ok, answer.text
        return str(answer.json()["value"])

    def forge(self, **changes: Any) -> str:
        """Sign a good ID token's claims with these changes (`None` removes) as the issuer."""
        claims = jwt.decode(self.id_token(), options={"verify_signature": False})
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return str(self.control("POST", "oidc/tokens", {"claims": claims})["value"])

    def exchange(self, id_token: str, name: str = "dev", **changes: str) -> requests.Response:
        """Ask the token exchange for a federated token."""
        fields = {
            "grant_type": GRANT_TYPE,
            "audience": self.audience(name),
            "scope": CLOUD_PLATFORM,
            "requested_token_type": ACCESS_TOKEN,
            "subject_token": id_token,
            "subject_token_type": JWT,
        }
        return self.send("POST", "/sts/v1/token", data=fields | changes)

    def federated_token(self, name: str = "dev", **job: Any) -> str:
        answer = self.exchange(self.id_token(name, **job), name)
        assert answer.ok, answer.text
        return str(answer.json()["access_token"])

    def impersonate(
        self, bearer: str, name: str = "dev", body: Any = None, account: str = ""
    ) -> requests.Response:
        """Ask for an access token of the environment's service account."""
        email = account or self.environment(name)["service_account"]
        return self.send(
            "POST",
            f"/iam-credentials/v1/projects/-/serviceAccounts/{email}:generateAccessToken",
            json={"scope": [CLOUD_PLATFORM], "lifetime": "900s"} if body is None else body,
            headers={"Authorization": f"Bearer {bearer}"},
        )

    def sandbox_token(self, role: str, name: str = "dev", **more: Any) -> str:
        body = {"environment": name, "role": role, **more}
        return str(self.control("POST", "access-tokens", body)["token"])

    def reader_token(self, name: str = "dev", **job: Any) -> str:
        """Get an access token as a job that only installs does."""
        answer = self.impersonate(self.federated_reader(name, **job), account=self.reader(name))
        assert answer.ok, answer.text
        return str(answer.json()["accessToken"])

    def federated_reader(self, name: str = "dev", **job: Any) -> str:
        answer = self.exchange_as_reader(name, **job)
        assert answer.ok, answer.text
        return str(answer.json()["access_token"])

    def exchange_as_reader(self, name: str = "dev", **job: Any) -> requests.Response:
        """Exchange a job's ID token at the readers' provider."""
        audience = f"//iam.googleapis.com/{self.readers_provider(name)}"
        answer = self.ask_for_id_token({"audience": f"https:{audience}"}, **job)
        assert answer.ok, answer.text
        return self.exchange(str(answer.json()["value"]), name, audience=audience)

    def reader(self, name: str = "dev") -> str:
        return f"eigenoid-reader@eigenoid-{name}.iam.gserviceaccount.com"

    def readers_provider(self, name: str = "dev") -> str:
        pool = self.environment(name)["workload_identity_provider"].partition("/providers/")[0]
        return f"{pool}-readers/providers/readers"

    def key(self, name: str = "dev", **more: Any) -> "KeyFile":
        """Create a key file of the environment's publisher."""
        return KeyFile(self.control("POST", f"google/service-accounts/{name}/keys", more))

    def ask_permissions(
        self, permissions: Any, token: str, name: str = "dev", **parts: str
    ) -> requests.Response:
        """Ask which of the permissions the token's bearer holds on the repository."""
        environment = self.environment(name) | parts
        return self.send(
            "POST",
            f"/artifact-registry-api/v1/projects/{environment['project_id']}/locations/"
            f"{environment['location']}/repositories/{environment['repository']}"
            ":testIamPermissions",
            json={"permissions": permissions},
            headers={"Authorization": f"Bearer {token}"},
        )

    def upload(self, file: Path, token: str, url: str = "", **changes: str) -> requests.Response:
        """Upload one file the way an uploader does."""
        name, version = file.name.split("-")[:2]
        fields = {
            ":action": "file_upload",
            "protocol_version": "1",
            "name": name,
            "version": version.removesuffix(".tar.gz"),
            "sha256_digest": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        return self.send(
            "POST",
            url or self.upload_url(),
            data=fields | changes,
            files={"content": (file.name, file.read_bytes())},
            auth=("oauth2accesstoken", token),
        )

    def read(self, url: str, token: str) -> requests.Response:
        return self.send("GET", url, auth=("oauth2accesstoken", token), allow_redirects=False)
