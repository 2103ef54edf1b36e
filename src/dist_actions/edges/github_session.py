"""Opens GitHub for a stage: as the job for reading, as a bot or with a token for writing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from github import Auth

from dist_actions.credentials import WriterCredentials
from dist_actions.edges.github import GitHubClient
from dist_actions.edges.github_app import GitHubApp
from dist_actions.edges.retries import Retries
from dist_actions.edges.runner import Runner
from dist_actions.errors import InputError
from dist_actions.secret import Secret

_PUBLIC_API = "https://api.github.com"
_PUBLIC_SERVER = "https://github.com"


class GitHubSession:
    """Where GitHub is, and which repository is meant."""

    def __init__(
        self,
        *,
        api_url: str,
        server_url: str,
        github_repository: str,
        runner: Runner,
        retries: Retries,
    ) -> None:
        self._api_url = api_url
        self.server_url = server_url
        self.github_repository = github_repository
        self._runner = runner
        self._retries = retries

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], runner: Runner, retries: Retries
    ) -> "GitHubSession":
        """The GitHub that the runner names."""
        return cls(
            api_url=(environ.get("GITHUB_API_URL") or _PUBLIC_API).rstrip("/"),
            server_url=(environ.get("GITHUB_SERVER_URL") or _PUBLIC_SERVER).rstrip("/"),
            github_repository=environ["GITHUB_REPOSITORY"],
            runner=runner,
            retries=retries,
        )

    def as_job(self, token: Secret) -> GitHubClient:
        """GitHub as the job token sees it.

        Raises:
            InputError: The token is empty.
        """
        if not token:
            raise InputError(
                "The input github-token is empty.",
                why="the workflow gives it an empty value; its default is the job token.",
                fix="leave github-token out.",
                anchor="inputs",
            )
        return self._client(token, "the job token")

    @contextmanager
    def as_writer(
        self, credentials: WriterCredentials, permissions: Mapping[str, str]
    ) -> Iterator[GitHubClient]:
        """GitHub for writing; an App's token is minted here and revoked at the end.

        Args:
            credentials: Of which one must be given.
            permissions: All that an App's token may do, such as `{"contents": "write"}`.
        """
        with self.writer_token(credentials, permissions) as (_, client):
            yield client

    @contextmanager
    def writer_token(
        self, credentials: WriterCredentials, permissions: Mapping[str, str]
    ) -> Iterator[tuple[Secret, GitHubClient]]:
        """Like `as_writer`, with the token itself, for git."""
        if credentials.token:
            self._runner.mask(credentials.token)
            yield credentials.token, self._client(credentials.token, "the token")
            return
        if credentials.app is None:
            raise ValueError("require_credentials comes first")
        app = GitHubApp(
            credentials.app,
            api_url=self._api_url,
            server_url=self.server_url,
            github_repository=self.github_repository,
            retries=self._retries,
            runner=self._runner,
        )
        with app.installation_token(permissions) as token:
            yield (
                token.secret,
                GitHubClient(
                    Auth.Token(token.secret.reveal()),
                    api_url=self._api_url,
                    github_repository=self.github_repository,
                    token_name="the App's token",  # noqa: S106 - a label, not a token
                    retries=self._retries,
                    minted_at=token.minted_at,
                ),
            )

    def _client(self, token: Secret, token_name: str) -> GitHubClient:
        return GitHubClient(
            Auth.Token(token.reveal()),
            api_url=self._api_url,
            github_repository=self.github_repository,
            token_name=token_name,
            retries=self._retries,
        )
