"""Act as a GitHub App: sign the app JWT, mint an installation token, and revoke it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import jwt

from dist_actions.errors import DistActionsError, GitHubApiError
from dist_actions.identity.credentials import GIT_USER, AppCredentials
from dist_actions.identity.private_key import parse_private_key
from dist_actions.identity.secret import Secret
from dist_actions.services.answers import is_doubtful
from dist_actions.services.github.client import GitHubClient, GitHubConnection
from dist_actions.services.github.refusals import (
    APP_TOKEN,
    RefusedError,
    explain_app_refusal,
    is_about_clock,
)
from dist_actions.services.json_fields import items, number, text
from dist_actions.services.retries import UnsettledError, pauses
from dist_actions.services.signals import TerminatedError, uninterrupted

T = TypeVar("T")

#: Issued a minute ago, so that a clock that is a little fast is not taken for the future.
_BACKDATED_SECONDS = 60
#: GitHub allows ten minutes from now at the most.
#: Spec: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
_VALID_SECONDS = 480
#: Refusals that mean something else to an App than to a token.
_REFUSALS = frozenset({401, 403, 404, 422})
#: What GitHub answers to a token that is revoked, or not known to all of its servers yet.
_UNKNOWN = frozenset({401, 404})
#: How often a revocation is asked for again, with seven seconds between together.
_REVOCATIONS = 3


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
        except TerminatedError:
            self._revoke_at_once(minted, set())
            raise
        except BaseException:
            self._revoke(minted)
            raise
        self._revoke(minted)

    def _mint(self, permissions: Mapping[str, str], minted: list[InstallationToken]) -> None:
        """Mint a token into `minted`, where it is known even if the job is cancelled now."""
        installation_id = self._credentials.installation_id or self._find_installation()
        body = {
            "repositories": [self._connection.github_repository.partition("/")[2]],
            "permissions": dict(permissions),
        }

        def receive(answer: Any) -> _Scope:
            secret = Secret(text(answer["token"] or None))
            self._connection.runner.mask(secret, GIT_USER)
            minted.append(InstallationToken(secret, self._clock.now()))
            return _Scope.from_answer(answer)

        scope = self._as_app(
            "mint an installation token",
            "POST",
            f"/app/installations/{installation_id}/access_tokens",
            receive,
            body,
        )
        _refuse_broader(scope, permissions, self._connection.github_repository)

    def _find_installation(self) -> int:
        return self._as_app(
            "find the App's installation",
            "GET",
            f"/repos/{self._connection.github_repository}/installation",
            lambda installation: number(installation["id"]),
        )

    def _as_app(
        self,
        operation: str,
        verb: str,
        path: str,
        parse: Callable[[Any], T],
        body: dict[str, Any] | None = None,
    ) -> T:
        """Send a request with an app JWT, and retry with GitHub's time if our clock is off."""

        def send(now: datetime) -> T:
            jwt_client = GitHubClient(
                self._connection, self._sign(now), "the App's key", is_app_jwt=True
            )
            return jwt_client.request(
                operation,
                verb,
                path,
                body,
                parse,
                meaningful=_REFUSALS,
                uninterruptible=verb != "GET",
                is_change=False,
            )

        def doubt(error: Exception) -> str:
            doubtful = isinstance(error, RefusedError) and is_doubtful(error.status)
            return str(error) if doubtful and not _is_about_clock(error) else ""

        try:
            return self._connection.retries.confirm(
                operation, lambda: send(self._clock.now()), doubt
            )
        except RefusedError as error:
            server_time = _server_time(error)
            if server_time is None or not _is_about_clock(error):
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

    def _revoke(self, minted: list[InstallationToken]) -> None:
        """End the tokens; a failure is a warning, because a token ends by itself in an hour."""
        asked: set[InstallationToken] = set()
        told = 0.0
        try:
            for pause in (0.0, *pauses(_REVOCATIONS)):
                wait = max(pause, told)
                if not minted or wait > self._connection.retries.max_wait.total_seconds():
                    break
                if pause:
                    self._clock.sleep(wait)
                told = max(self._end(token, minted, asked) for token in tuple(minted))
        except TerminatedError:
            self._revoke_at_once(minted, asked)
            raise
        except DistActionsError as error:
            self._connection.runner.log(error.what)
        self._warn_of_live(minted)

    def _revoke_at_once(
        self, minted: list[InstallationToken], asked: set[InstallationToken]
    ) -> None:
        """End the tokens in the seconds that the runner leaves a job that it cancels."""
        with suppress(TerminatedError, DistActionsError), uninterrupted(ending=True):
            for token in tuple(minted):
                self._end(token, minted, asked, ending=True)
        self._warn_of_live(minted)

    def _end(
        self,
        token: InstallationToken,
        minted: list[InstallationToken],
        asked: set[InstallationToken],
        *,
        ending: bool = False,
    ) -> float:
        """End a token once, and remove it from `minted` where GitHub does not accept it any more.

        Args:
            asked: Tokens whose end was asked for before, with the outcome left open.
            ending: Whether signals are put off already.

        Returns:
            How many seconds GitHub asks to wait before the next try.

        Raises:
            GitHubApiError: GitHub refuses.
        """
        # Its age is left out: once an answer was lost, 401 is what a revoked token gets.
        client = GitHubClient(self._connection, token.secret, APP_TOKEN)
        try:
            client.request(
                "revoke the installation token",
                "DELETE",
                "/installation/token",
                None,
                lambda _: minted.remove(token),
                repeatable=False,
                meaningful=_UNKNOWN,
                uninterruptible=not ending,
                is_change=False,
            )
        except UnsettledError as error:
            asked.add(token)
            return error.transient.wait_seconds or 0.0
        except RefusedError:
            if token in asked:
                minted.remove(token)
        return 0.0

    def _warn_of_live(self, minted: list[InstallationToken]) -> None:
        if minted:
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


def _is_about_clock(error: Exception) -> bool:
    is_refused = isinstance(error, RefusedError) and error.status == 401
    return is_refused and is_about_clock(str(error).lower())


def _server_time(refusal: RefusedError) -> datetime | None:
    try:
        return parsedate_to_datetime(refusal.headers.get("date", ""))
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class _Scope:
    """What a token may do, and where, by names in lower case."""

    permissions: Mapping[str, str]
    repositories: frozenset[str]

    @classmethod
    def from_answer(cls, answer: Any) -> "_Scope":
        """Read it from the answer that holds the token."""
        granted = {name: text(level) for name, level in answer["permissions"].items() if level}
        granted.pop("metadata", None)  # every installation token may read it
        names = (
            text(entry["full_name"]).lower() for entry in items(answer.get("repositories", []))
        )
        return cls(granted, frozenset(names))


def _refuse_broader(scope: _Scope, permissions: Mapping[str, str], repository: str) -> None:
    """Refuse a token that can do more than was asked; one that leaks should harm little."""
    if scope.permissions == dict(permissions) and scope.repositories <= {repository.lower()}:
        return
    raise GitHubApiError(
        f"GitHub minted a token for {sorted(scope.repositories)} with "
        f"{sorted(scope.permissions.items())}.",
        why=f"only {sorted(permissions.items())} on {repository} was asked for.",
        fix="check GITHUB_API_URL: this is not how GitHub answers.",
        anchor="app-refused",
    )
