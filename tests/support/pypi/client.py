"""The simulated PyPI and TestPyPI as their users and owners see them."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import requests

from support.distributions.builders import PROJECT
from support.sandbox.fixtures import Sandbox

JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT_SECONDS = 30


@dataclass
class PypiClient:
    """PyPI or TestPyPI as its users and owners see it."""

    sandbox: Sandbox
    name: str

    @property
    def base(self) -> str:
        return f"{self.sandbox.world.addresses.base}/{self.name}"

    @property
    def upload_url(self) -> str:
        return f"{self.base}/legacy/"

    @property
    def index_url(self) -> str:
        return f"{self.base}/simple/"

    def control(self, method: str, path: str = "", body: Any = None) -> Any:
        return self.sandbox.control(method, f"pypi/{self.name}{path}", body)

    def token(self, project: str | None = None, **more: Any) -> str:
        return str(self.control("POST", "/tokens", {"project": project, **more})["token"])

    def set_publishers(self, *publishers: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.control("PUT", "/publishers", {"publishers": list(publishers)}))

    def set(self, **settings: Any) -> None:
        self.control("PATCH", "/settings", settings)

    def set_clock(self, ahead: timedelta) -> None:
        self.sandbox.control("POST", "clock", {"offset_seconds": ahead.total_seconds()})

    def get(self, path: str, **headers: str) -> requests.Response:
        url = path if path.startswith("http") else f"{self.base}/{path}"
        return requests.get(url, headers=headers, timeout=_TIMEOUT_SECONDS, allow_redirects=False)

    def post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(f"{self.base}/{path}", timeout=_TIMEOUT_SECONDS, **options)

    def files(self, project: str = PROJECT) -> list[dict[str, Any]]:
        """Return the files on the project's page."""
        answer = self.get(f"simple/{project}/", Accept=JSON)
        return list(answer.json()["files"]) if answer.ok else []

    def filenames(self, project: str = PROJECT) -> list[str]:
        return [file["filename"] for file in self.files(project)]

    def upload(self, file: Path, token: str, **changes: str | None) -> requests.Response:
        """Upload one file the way an uploader does; None leaves a field out."""
        name, version = file.name.split("-")[:2]
        is_wheel = file.suffix == ".whl"
        fields: dict[str, str | None] = {
            ":action": "file_upload",
            "protocol_version": "1",
            "metadata_version": "2.1",
            "name": name.replace("_", "-"),
            "version": version.removesuffix(".tar.gz"),
            "filetype": "bdist_wheel" if is_wheel else "sdist",
            "pyversion": "py3" if is_wheel else "source",
            "sha256_digest": hashlib.sha256(file.read_bytes()).hexdigest(),
            **changes,
        }
        return self.post(
            "legacy/",
            data={name: value for name, value in fields.items() if value is not None},
            files={"content": (file.name, file.read_bytes())},
            auth=("__token__", token),
        )

    def id_token(self, audience: str = "", environment: str = "", **job: Any) -> str:
        """Get an ID token as a job of `release.yml` does."""
        started = self.sandbox.job({"id-token": "write"}, **job)
        answer = requests.get(
            started["oidc_request_url"],
            params={"audience": audience or self.name, "environment": environment},
            headers={"Authorization": f"Bearer {started['oidc_request_token']}"},
            timeout=_TIMEOUT_SECONDS,
        )
        assert answer.ok, answer.text
        return str(answer.json()["value"])

    def forge(self, **changes: Any) -> str:
        """Sign a good ID token's claims with these changes (`None` removes) as the issuer."""
        claims = jwt.decode(self.id_token(), options={"verify_signature": False})
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return str(self.sandbox.control("POST", "oidc/tokens", {"claims": claims})["value"])

    def mint(self, id_token: str) -> requests.Response:
        return self.post("_/oidc/mint-token", json={"token": id_token})

    def minted(self, **job: Any) -> str:
        answer = self.mint(self.id_token(**job))
        assert answer.ok, answer.text
        return str(answer.json()["token"])


def refusal(answer: requests.Response) -> str:
    """Return what a refused upload was told."""
    assert not answer.ok
    assert answer.headers["Content-Type"].startswith("text/html")
    return answer.text


def code_of(answer: requests.Response) -> tuple[str, str]:
    """Return code and description of a refusal to mint."""
    assert answer.status_code == 422, answer.text
    body = answer.json()
    assert body["message"] == "Token request failed"
    [error] = body["errors"]
    return error["code"], error["description"]
