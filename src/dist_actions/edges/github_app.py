"""Acts as a GitHub App: signs the app JWT, mints an installation token, and revokes it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import jwt
from github import Auth, Github, GithubException

from dist_actions.credentials import AppCredentials
from dist_actions.edges.github import GitHubClient, message_of
from dist_actions.edges.retries import Retries
from dist_actions.edges.runner import Runner
from dist_actions.errors import DistActionsError, GitHubApiError, InputError
from dist_actions.private_key import parse_private_key
from dist_actions.secret import Secret

#: Issued a minute ago, so that a clock that is a little fast is not taken for the future.
_BACKDATED_SECONDS = 60
#: GitHub allows ten minutes from now at the most.
#: Spec: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_VALID_SECONDS = 480
#: Refusals that mean something else to an App than to a token.
_REFUSALS = frozenset({401, 403, 404, 422})


@dataclass(frozen=True)
class InstallationToken:
    """A token of an App on one repository."""

    secret: Secret
    minted_at: datetime


class GitHubApp:
    """One App, for one repository.

    Args:
        credentials: The App's.
        api_url: `GITHUB_API_URL`.
        server_url: `GITHUB_SERVER_URL`, for links.
        github_repository: `owner/name`.
        retries: How patient calls are.
        runner: Where the token is masked.
    """

    def __init__(
        self,
        credentials: AppCredentials,
        *,
        api_url: str,
        server_url: str,
        github_repository: str,
        retries: Retries,
        runner: Runner,
    ) -> None:
        self._credentials = credentials
        self._key = parse_private_key(credentials.private_key)
        self._api_url = api_url
        self._server_url = server_url.rstrip("/")
        self._github_repository = github_repository
        self._retries = retries
        self._runner = runner

    @contextmanager
    def installation_token(self, permissions: Mapping[str, str]) -> Iterator[InstallationToken]:
        """Mint a token for this repository and these permissions alone, and revoke it at the end.

        Raises:
            InputError: The client ID is malformed.
            GitHubApiError: The App is not installed, may not, or answers with more than asked.
            ServiceUnavailableError: GitHub did not answer.
        Spec: https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
        """
        token = self._mint(permissions)
        try:
            yield token
        finally:
            self._revoke(token)

    def _mint(self, permissions: Mapping[str, str]) -> InstallationToken:
        installation_id = self._credentials.installation_id or self._find_installation()
        minted_at = self._retries.clock.now()
        answer = self._as_app(
            "mint an installation token",
            "POST",
            f"/app/installations/{installation_id}/access_tokens",
            {
                "repositories": [self._github_repository.partition("/")[2]],
                "permissions": dict(permissions),
            },
        )
        secret = Secret(str(answer["token"]))
        self._runner.mask(secret)
        token = InstallationToken(secret, minted_at)
        try:
            _refuse_broader(answer, permissions, self._github_repository)
        except GitHubApiError:
            self._revoke(token)
            raise
        return token

    def _find_installation(self) -> int:
        answer = self._as_app(
            "find the App's installation",
            "GET",
            f"/repos/{self._github_repository}/installation",
        )
        return int(answer["id"])

    def _as_app(
        self, operation: str, verb: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Make a request with an app JWT; once more with GitHub's clock where ours is off."""
        try:
            return self._send(operation, verb, path, body, self._retries.clock.now())
        except GithubException as error:
            server_time = _server_time(error)
            about_clock = error.status == 401 and _is_about_clock(message_of(error).lower())
            if server_time is None or not about_clock:
                raise self._refusal(operation, error) from error
        off = (self._retries.clock.now() - server_time).total_seconds()
        self._runner.log(f"This machine's clock is {off:+.0f} s off GitHub's; using GitHub's.")
        try:
            return self._send(operation, verb, path, body, server_time)
        except GithubException as error:
            raise self._refusal(operation, error) from error

    def _send(
        self, operation: str, verb: str, path: str, body: dict[str, Any] | None, now: datetime
    ) -> dict[str, Any]:
        client = self._client(Auth.AppAuthToken(self._sign(now)), "the App's key")
        return client.call(
            operation,
            lambda _: _request(client.github, verb, path, body),
            meaningful=_REFUSALS,
        )

    def _sign(self, now: datetime) -> str:
        issued = int(now.timestamp())
        claims = {
            "iat": issued - _BACKDATED_SECONDS,
            "exp": issued + _VALID_SECONDS,
            "iss": self._credentials.client_id.strip(),
        }
        return jwt.encode(claims, self._key, algorithm="RS256")

    def _client(self, auth: Auth.Auth, token_name: str) -> GitHubClient:
        return GitHubClient(
            auth,
            api_url=self._api_url,
            github_repository=self._github_repository,
            token_name=token_name,
            retries=self._retries,
        )

    def _revoke(self, token: InstallationToken) -> None:
        """End the token; a failure is a warning, because the token ends by itself in an hour."""
        client = self._client(Auth.Token(token.secret.reveal()), "the App's token")
        try:
            client.call(
                "revoke the installation token",
                lambda _: _request(client.github, "DELETE", "/installation/token", None),
            )
        except (DistActionsError, GithubException):
            self._runner.annotate(
                "warning",
                "The App's token could not be revoked. It ends by itself within an hour.",
            )

    def _refusal(self, operation: str, error: GithubException) -> DistActionsError:
        return explain_app_refusal(
            operation,
            status=error.status,
            message=message_of(error),
            client_id=self._credentials.client_id,
            server_url=self._server_url,
            github_repository=self._github_repository,
        )


def explain_app_refusal(
    operation: str,
    *,
    status: int,
    message: str,
    client_id: str,
    server_url: str,
    github_repository: str,
) -> DistActionsError:
    """The error for what GitHub answers to an App that shows its JWT; pure."""
    what = f"GitHub refused to {operation}: {message or 'no message'} (HTTP {status})."
    lowered = message.lower()
    if "must be an integer" in lowered and "iss" in lowered:
        return InputError(
            what,
            why=f"{client_id!r} is no client ID, or this GitHub Enterprise Server is too old to "
            "know client IDs.",
            fix="give the App's client ID (Iv…), or on an old server its App ID, as client-id.",
            anchor="app-client-id",
        )
    why, fix = _APP_REFUSALS.get(
        _app_refusal_kind(status, lowered),
        ("GitHub does not accept this App here.", "look at the App's settings."),
    )
    owner = github_repository.partition("/")[0]
    return GitHubApiError(
        what,
        why=why.format(repository=github_repository),
        fix=fix.format(link=f"{server_url}/organizations/{owner}/settings/installations"),
        anchor="app-refused",
    )


_APP_REFUSALS = {
    "not installed": (
        "the App is not installed on {repository}.",
        "install it there: {link}",
    ),
    "suspended": (
        "the App's installation is suspended.",
        "ask an owner to unsuspend it: {link}",
    ),
    "not granted": (
        "the App was not granted these permissions, or an owner has not approved them yet.",
        "add Contents and Pull requests: read and write to the App, then approve them: {link}",
    ),
    "clock": (
        "this machine's clock is wrong by more than GitHub accepts.",
        "set the runner's clock, then run the job again.",
    ),
    "key": (
        "client-id and private-key do not belong to the same App, or the key was deleted.",
        "give both from the settings of one App; generate a new key there if in doubt.",
    ),
}


def _app_refusal_kind(status: int, message: str) -> str:
    if status == 404:
        return "not installed"
    if status == 403 and "suspended" in message:
        return "suspended"
    if status in {403, 422}:
        return "not granted"
    return "clock" if _is_about_clock(message) else "key"


def _is_about_clock(message: str) -> bool:
    return "'exp'" in message or "'iat'" in message or "expiration time" in message


def _server_time(error: GithubException) -> datetime | None:
    try:
        return parsedate_to_datetime((error.headers or {}).get("date", ""))
    except (TypeError, ValueError):
        return None


def _refuse_broader(answer: dict[str, Any], asked: Mapping[str, str], repository: str) -> None:
    """Refuse a token that can do more than was asked; one that leaks should harm little."""
    granted = {key: value for key, value in answer.get("permissions", {}).items() if value}
    granted.pop("metadata", None)  # every installation token may read it
    names = {item.get("full_name", "").lower() for item in answer.get("repositories", [])}
    if granted == dict(asked) and names <= {repository.lower()}:
        return
    raise GitHubApiError(
        f"GitHub minted a token for {sorted(names)} with {sorted(granted.items())}.",
        why=f"only {sorted(asked.items())} on {repository} was asked for.",
        fix="check GITHUB_API_URL: this is not how GitHub answers.",
        anchor="app-refused",
    )


def _request(github: Github, verb: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    _, data = github.requester.requestJsonAndCheck(verb, path, input=body)
    return data if isinstance(data, dict) else {}
