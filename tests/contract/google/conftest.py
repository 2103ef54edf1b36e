"""A sandbox's Google part on loopback, jobs that ask for ID tokens, and small distributions."""

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

import dist_sandbox

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"

_TIMEOUT_SECONDS = 30


class KeyFile(dict[str, Any]):
    """A key file's content, which no failing test prints."""

    def __repr__(self) -> str:
        return f"<key {self['private_key_id']} of {self['client_email']}>"

    def __or__(self, changes: Any) -> "KeyFile":
        return KeyFile({**self, **changes})


@dataclass
class Caller:
    """Whoever talks to the sandbox: the job of a release of v0.5.0-dev, unless told otherwise."""

    ready: dict[str, Any]
    session: requests.Session

    @property
    def base(self) -> str:
        return str(self.ready["github_server_url"])

    def environment(self, name: str = "dev") -> dict[str, str]:
        return next(one for one in self.ready["environments"] if one["name"] == name)

    def audience(self, name: str = "dev") -> str:
        return f"//iam.googleapis.com/{self.environment(name)['workload_identity_provider']}"

    def upload_url(self, name: str = "dev") -> str:
        return self.environment(name)["upload_url"]

    def index_url(self, name: str = "dev") -> str:
        return self.environment(name)["index_url"]

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.base}{path}"
        return self.session.request(method, url, timeout=_TIMEOUT_SECONDS, **options)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.send(method, f"/_sandbox/{path}", json=body)
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
        """An ID token of a job in the environment, for the environment's provider."""
        query = {"audience": f"https:{self.audience(name)}", "environment": name}
        answer = self.ask_for_id_token(query, **job)
        assert answer.ok, answer.text
        return str(answer.json()["value"])

    def forge(self, **changes: Any) -> str:
        """A good ID token's claims with these changes (`None` removes), signed by the issuer."""
        claims = jwt.decode(self.id_token(), options={"verify_signature": False})
        claims = {name: it for name, it in (claims | changes).items() if it is not None}
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

    def key(self, name: str = "dev", **more: Any) -> "KeyFile":
        """A new key file of the environment's publisher."""
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


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The ready file of a sandbox in a process of its own."""
    folder = tmp_path_factory.mktemp("google")
    file = folder / "ready.json"
    arguments = ["serve", "--state", str(folder / "state"), "--ready-file", str(file)]
    source = str(Path(dist_sandbox.__file__).parents[1])
    environ = {**os.environ, "PYTHONPATH": source}
    with subprocess.Popen(
        [sys.executable, "-m", "dist_sandbox.cli", *arguments], env=environ
    ) as process:
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while not file.exists():
            assert process.poll() is None, "the sandbox ended"
            assert time.monotonic() < deadline, "the sandbox is not ready"
            time.sleep(0.05)
        yield json.loads(file.read_text())
        process.terminate()


@pytest.fixture
def caller(ready: dict[str, Any]) -> Iterator[Caller]:
    with requests.Session() as session:
        session.trust_env = False
        made = Caller(ready, session)
        yield made
        made.set_clock(timedelta())
        made.control("POST", "google/reset")
        made.control("PATCH", "oidc", {"subject_form": "names"})


@pytest.fixture
def make_wheel(tmp_path: Path) -> Callable[..., Path]:
    """Builds wheels by hand: `make_wheel("pkg", "1.0")`; `content` changes their bytes."""

    def make(name: str, version: str, content: str = "") -> Path:
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}/__init__.py": f'__version__ = "{version}"\n{content}',
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(
            f"{path},{_record_hash(text)},{len(text)}\n" for path, text in files.items()
        )
        files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
        file = tmp_path / f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as archive:
            for path, text in files.items():
                # Fixed times: tests that follow each other in one world expect the same bytes.
                archive.writestr(zipfile.ZipInfo(path), text)
        return file

    return make


@pytest.fixture
def make_sdist(tmp_path: Path) -> Callable[..., Path]:
    """Builds sdists by hand; they can be uploaded, not installed."""

    def make(name: str, version: str) -> Path:
        file = tmp_path / f"{name}-{version}.tar.gz"
        files = {
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "pyproject.toml": "",
        }
        with (
            gzip.GzipFile(file, "wb", mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for path, text in files.items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        return file

    return make


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


class PublicIndex:
    """An index on loopback that asks for no credentials, and knows one project."""

    def __init__(self, file: Path) -> None:
        self.file = file
        page = (
            f'<!DOCTYPE html><html><body><a href="../../{file.name}">{file.name}</a></body></html>'
        )
        contents = {
            "/simple/public/": ("text/html", page.encode()),
            f"/{file.name}": ("application/octet-stream", file.read_bytes()),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, content = contents.get(self.path, ("text/plain", b""))
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        """End it; nothing answers at its address from now on."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def public_index(make_wheel: Callable[..., Path]) -> Iterator[PublicIndex]:
    """Somebody else's index, with the project `public` in version 99.0."""
    index = PublicIndex(make_wheel("public", "99.0"))
    yield index
    index.stop()
