"""A sandbox that runs in the test's own process, and clients of it.

Every GitHub request and answer is held against GitHub's OpenAPI description; a test whose sandbox
answered outside it fails.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests

from dist_sandbox.github.access.apps import App
from dist_sandbox.github.state import APPS, Repository
from dist_sandbox.keys.rsa_keys import keep_key
from dist_sandbox.server.ready_file import describe, register_first_job
from dist_sandbox.server.running import SandboxSettings, running
from dist_sandbox.world import World
from support.sandbox.github_contract import ContractCheck
from support.stages.issued_credentials import IssuedCredentials

_TIMEOUT_SECONDS = 30


@dataclass
class Sandbox:
    """A running sandbox as tests use it.

    Attributes:
        ready: What `dist-sandbox serve` would write into its ready file.
        credentials: Every credential that passed by.
    """

    world: World
    ready: dict[str, Any] = field(repr=False)
    credentials: IssuedCredentials = field(repr=False)

    @property
    def api(self) -> str:
        """Address of the repository in the REST API."""
        return f"{self.world.addresses.github_api}/repos/{self.repository.full_name}"

    @property
    def repository(self) -> Repository:
        """Return GitHub's state of the repository."""
        return self.world.github.repository

    @property
    def user_token(self) -> str:
        """Return a token that may do everything."""
        return self.world.github.users[0].token

    def app(self, slug: str = "automation-bot") -> App:
        """Return one of the organisation's Apps."""
        app = self.world.github.find_app(slug)
        assert app is not None
        return app

    def app_jwt(self, slug: str = "automation-bot", **claims: Any) -> str:
        """Sign a JWT as the App does; `claims` replaces or, where None, removes some."""
        app, now = self.app(slug), int(time.time())
        all_claims = {"iss": app.client_id, "iat": now - 60, "exp": now + 480, **claims}
        claims_to_sign = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(claims_to_sign, app.private_key_file.read_bytes(), algorithm="RS256")

    def installation_token(self, slug: str = "automation-bot", **body: Any) -> str:
        """Mint an installation token over HTTP."""
        app = self.app(slug)
        answer = self.request(
            "POST",
            f"{self.world.addresses.github_api}/app/installations/{app.installation_id}"
            "/access_tokens",
            token=self.app_jwt(slug),
            json=body,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def job(self, permissions: dict[str, str], **changes: Any) -> dict[str, Any]:
        """Register a job; return its credentials."""
        described = {
            "workflow": ".github/workflows/release.yml",
            "name": "publish",
            "run_id": 7,
            "event_name": "push",
            "ref": "refs/heads/dev",
            "sha": self.branch_sha("dev"),
            "actor": "developer",
            "permissions": permissions,
            **changes,
        }
        return dict(self.control("POST", "jobs", described))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Use the control interface, which must agree."""
        answer = self.ask_control(method, path, body)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def ask_control(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Use the control interface, whatever it answers."""
        url, token = f"{self.world.addresses.control}/{path}", self.world.control_token
        return self.request(method, url, token=token, json=body)

    def request(
        self, method: str, path: str, *, token: str | None = None, **options: Any
    ) -> requests.Response:
        """Send a request to an address, or to a path below the repository's in the REST API."""
        url = path if path.startswith("http") else f"{self.api}/{path}".rstrip("/")
        headers = {**options.pop("headers", {})}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # Without one of its own, requests takes a .netrc's credentials in place of the header.
        options.setdefault("auth", lambda request: request)
        return requests.request(method, url, headers=headers, timeout=_TIMEOUT_SECONDS, **options)

    def branch_sha(self, name: str) -> str:
        """Return the commit of a branch."""
        ref = self.repository.git.branch(name)
        assert ref is not None
        return ref.sha

    def git_url(self, token: str) -> str:
        """Address to clone from and push to with a token."""
        url = self.world.addresses.git_url(self.repository.full_name)
        return url.replace("://", f"://x-access-token:{token}@")

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the events after a number."""
        return list(self.control("GET", f"events?after={after}"))


def git(
    *arguments: str, cwd: Path, check: bool = True, date: str = "", stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run the git client without the machine's configuration, at a given date where it matters."""
    process = subprocess.run(
        ["git", "-c", "user.name=Dev", "-c", "user.email=dev@example.com", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(cwd),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "NO_PROXY": "*",
            **({"GIT_COMMITTER_DATE": date} if date else {}),
        },
    )
    assert not check or process.returncode == 0, process.stderr
    return process


@pytest.fixture(scope="session")
def kept_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox's folder with its RSA keys, made once: they cost more time than all the rest."""
    folder = tmp_path_factory.mktemp("kept-keys")
    for slug in APPS:
        keep_key(folder / "github" / "keys" / f"{slug}.pem")
    keep_key(folder / "oidc" / "issuer.pem")
    return folder


@contextmanager
def open_sandbox(folder: Path, kept_keys: Path) -> Iterator[Sandbox]:
    """Serve a fresh sandbox on a free port; at its end its GitHub must have kept the contract."""
    shutil.copytree(kept_keys, folder / "sandbox")
    checks: list[ContractCheck] = []
    credentials: list[IssuedCredentials] = []

    def around(application: Any, _world: World) -> IssuedCredentials:
        checks.append(ContractCheck(application))
        credentials.append(IssuedCredentials(checks[-1]))
        return credentials[-1]

    with running(SandboxSettings(state=folder / "sandbox"), around=around) as world:
        yield Sandbox(world, describe(world, register_first_job(world)), credentials[0])
    problems = [problem for check in checks for problem in check.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def sandbox(tmp_path: Path, kept_keys: Path) -> Iterator[Sandbox]:
    """A fresh sandbox on a free port; the test fails if GitHub's answers break its contract."""
    with open_sandbox(tmp_path, kept_keys) as sandbox:
        yield sandbox


@pytest.fixture
def checkout(sandbox: Sandbox, tmp_path: Path) -> Path:
    """A clone of the branch dev, with the developer's credentials."""
    return clone(sandbox, tmp_path / "checkout")


def clone(sandbox: Sandbox, folder: Path) -> Path:
    """Clone the branch dev into a folder, with the developer's credentials."""
    url = sandbox.git_url(sandbox.user_token)
    git("clone", "-q", "-b", "dev", url, str(folder), cwd=folder.parent)
    return folder


def commit_file(checkout: Path, name: str, content: str, message: str = "Change") -> str:
    """Commit a file in a clone and return the commit."""
    file = checkout / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    git("add", name, cwd=checkout)
    git("commit", "-qm", message, cwd=checkout)
    return git("rev-parse", "HEAD", cwd=checkout).stdout.strip()


def import_commits(checkout: Path, messages: Sequence[str]) -> None:
    """Commit many times without changing a file, in one call of git."""
    branch = git("symbolic-ref", "HEAD", cwd=checkout).stdout.strip()
    commits = [
        f"commit {branch}\ncommitter Dev <dev@example.com> {1_700_000_000 + number} +0000\n"
        f"data {len(message.encode())}\n{message}\n" + (f"from {branch}^0\n" if number == 0 else "")
        for number, message in enumerate(messages)
    ]
    git("fast-import", "--quiet", cwd=checkout, stdin="".join(commits))
