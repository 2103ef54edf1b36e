"""Act as a GitHub App: sign the app JWT, mint an installation token, and revoke it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import jwt

from dist_actions.errors import DistActionsError, GitHubApiError
from dist_actions.identity.credentials import GIT_USER, AppCredentials
from dist_actions.identity.private_key import parse_private_key
from dist_actions.identity.secret import Secret
from dist_actions.services.github.client import GitHubClient, GitHubConnection
from dist_actions.services.github.refusals import RefusedError, explain_app_refusal, is_about_clock
from dist_actions.services.signals import uninterrupted

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
    """One App, for one repository."""

    def __init__(self, credentials: AppCredentials, connection: GitHubConnection) -> None:
        self._credentials = credentials
        self._key = parse_private_key(credentials.private_key)
        self._connection = connection
        self._clock = connection.retries.clock

    @contextmanager
    def installation_token(self, permissions: Mapping[str, str]) -> Iterator[InstallationToken]:
        """Mint a token for this repository and these permissions alone, and revoke it at the end.

        Raises:
            InputError: The client ID is malformed.
            GitHubApiError: The App is not installed, may not, or answers with more than asked.
            ServiceUnavailableError: GitHub did not answer.
        Spec: https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
        """
        minted: list[InstallationToken] = []
        try:
            self._mint(permissions, minted)
            yield minted[-1]
        finally:
            for token in minted:
                self._revoke(token)

    def _mint(self, permissions: Mapping[str, str], minted: list[InstallationToken]) -> None:
        """Mint a token into `minted`, where it is known even if the job is cancelled now."""
        installation_id = self._credentials.installation_id or self._find_installation()
        body = {
            "repositories": [self._connection.github_repository.partition("/")[2]],
            "permissions": dict(permissions),
        }

        def receive(answer: dict[str, Any]) -> None:
            secret = Secret(str(_field(answer, "token")))
            self._connection.runner.mask(secret, GIT_USER)
            minted.append(InstallationToken(secret, self._clock.now()))

        answer = self._as_app(
            "mint an installation token",
            "POST",
            f"/app/installations/{installation_id}/access_tokens",
            body,
            receive,
        )
        _refuse_broader(answer, permissions, self._connection.github_repository)

    def _find_installation(self) -> int:
        answer = self._as_app(
            "find the App's installation",
            "GET",
            f"/repos/{self._connection.github_repository}/installation",
        )
        return int(_field(answer, "id"))

    def _as_app(
        self,
        operation: str,
        verb: str,
        path: str,
        body: dict[str, Any] | None = None,
        receive: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Send a request with an app JWT, and retry with GitHub's time if our clock is off.

        Args:
            receive: Takes the answer before a signal can end the job.
        """

        def send(now: datetime) -> dict[str, Any]:
            jwt_client = GitHubClient(
                self._connection, self._sign(now), "the App's key", is_app_jwt=True
            )
            answer = jwt_client.request(
                operation, verb, path, body, meaningful=_REFUSALS, receive=receive
            )
            return dict(answer)

        try:
            return send(self._clock.now())
        except RefusedError as error:
            server_time = _server_time(error)
            about_clock = error.status == 401 and is_about_clock(error.message.lower())
            if server_time is None or not about_clock:
                raise self._explain(operation, error) from error
        clock_off = (self._clock.now() - server_time).total_seconds()
        self._connection.runner.log(
            f"This machine's clock is {clock_off:+.0f} s off GitHub's; using GitHub's."
        )
        try:
            return send(server_time)
        except RefusedError as error:
            raise self._explain(operation, error, clock_off_seconds=clock_off) from error

    def _sign(self, now: datetime) -> Secret:
        issued = int(now.timestamp())
        claims = {
            "iat": issued - _BACKDATED_SECONDS,
            "exp": issued + _VALID_SECONDS,
            "iss": self._credentials.client_id.strip(),
        }
        app_jwt = Secret(jwt.encode(claims, self._key, algorithm="RS256"))
        self._connection.runner.mask(app_jwt)
        return app_jwt

    def _revoke(self, token: InstallationToken) -> None:
        """End the token; a failure is a warning, because the token ends by itself in an hour."""
        client = GitHubClient(
            self._connection, token.secret, "the App's token", minted_at=token.minted_at
        )
        try:
            with uninterrupted():
                client.request("revoke the installation token", "DELETE", "/installation/token")
        except DistActionsError:
            self._connection.runner.annotate(
                "warning",
                "The App's token could not be revoked. It ends by itself within an hour.",
            )

    def _explain(
        self, operation: str, refusal: RefusedError, clock_off_seconds: float | None = None
    ) -> DistActionsError:
        return explain_app_refusal(
            operation,
            status=refusal.status,
            message=refusal.message,
            client_id=self._credentials.client_id,
            server_url=self._connection.server_url,
            github_repository=self._connection.github_repository,
            clock_off_seconds=clock_off_seconds,
        )


def _server_time(refusal: RefusedError) -> datetime | None:
    try:
        return parsedate_to_datetime(refusal.headers.get("date", ""))
    except (TypeError, ValueError):
        return None


def _refuse_broader(
    answer: dict[str, Any], permissions: Mapping[str, str], repository: str
) -> None:
    """Refuse a token that can do more than was asked; one that leaks should harm little."""
    granted = {key: value for key, value in answer.get("permissions", {}).items() if value}
    granted.pop("metadata", None)  # every installation token may read it
    repositories = answer.get("repositories", [])
    names = {entry.get("full_name", "").lower() for entry in repositories}
    if granted == dict(permissions) and names <= {repository.lower()}:
        return
    raise GitHubApiError(
        f"GitHub minted a token for {sorted(names)} with {sorted(granted.items())}.",
        why=f"only {sorted(permissions.items())} on {repository} was asked for.",
        fix="check GITHUB_API_URL: this is not how GitHub answers.",
        anchor="app-refused",
    )


def _field(answer: Mapping[str, Any], name: str) -> Any:
    """Look up a value that GitHub's answers of this kind always hold."""
    if not answer.get(name):
        raise GitHubApiError(
            f"GitHub's answer holds no {name}.",
            why="something else answers in GitHub's place.",
            fix="check GITHUB_API_URL and the runner's proxy.",
            anchor="app-refused",
        )
    return answer[name]
