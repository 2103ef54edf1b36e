"""Open GitHub for a stage: as the job for reading, as a bot or with a token for writing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from dist_actions.errors import GitHubApiError, InputError, WorkflowsPermissionError
from dist_actions.identity.credentials import GIT_USER, WriterCredentials
from dist_actions.identity.secret import Secret
from dist_actions.services.github.client import GitHubClient, GitHubConnection
from dist_actions.services.github.refusals import APP_TOKEN, YOUR_TOKEN
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner

T = TypeVar("T")

_PUBLIC_API = "https://api.github.com"
_PUBLIC_SERVER = "https://github.com"


@dataclass(frozen=True)
class Writer:
    """GitHub for writing: a client, and its token for git."""

    client: GitHubClient
    token: Secret


class GitHubSession:
    """A repository on GitHub, to be opened for reading and for writing."""

    def __init__(self, connection: GitHubConnection) -> None:
        self._connection = connection
        self.server_url = connection.server_url
        self.github_repository = connection.github_repository

    @classmethod
    def from_environ(
        cls, environ: Mapping[str, str], runner: Runner, retries: Retries
    ) -> "GitHubSession":
        """Choose the GitHub that the runner names."""
        return cls(
            GitHubConnection(
                api_url=(environ.get("GITHUB_API_URL") or _PUBLIC_API).rstrip("/"),
                server_url=(environ.get("GITHUB_SERVER_URL") or _PUBLIC_SERVER).rstrip("/"),
                github_repository=environ["GITHUB_REPOSITORY"],
                retries=retries,
                runner=runner,
            )
        )

    def as_job(self, token: Secret) -> GitHubClient:
        """Open GitHub as the job token sees it.

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
        self._connection.runner.mask(token, GIT_USER)
        return GitHubClient(self._connection, token, "the job token")

    def as_person(self, token: Secret) -> GitHubClient:
        """Open GitHub as whoever runs a command sees it."""
        self._connection.runner.mask(token, GIT_USER)
        return GitHubClient(self._connection, token, YOUR_TOKEN)

    def write(
        self,
        credentials: WriterCredentials,
        permissions: Mapping[str, str],
        use: Callable[[Writer], T],
    ) -> T:
        """Run something that needs to write; an App's token is minted for it, and revoked.

        Where GitHub asks an App for `workflows: write` on top, because a commit changes a workflow
        file, it is done once more with that: no token may change workflows without need.

        Args:
            credentials: Of which one must be given.
            permissions: All that an App's token may do, such as `{"contents": "write"}`.
            use: Must be safe to repeat.
        """
        try:
            with self._open_writer(credentials, permissions) as writer:
                return use(writer)
        except WorkflowsPermissionError as error:
            if credentials.app is None:
                raise
            missing_permission = error
        self._connection.runner.log(
            "The commit changes a workflow file: once more with workflows: write."
        )
        with ExitStack() as closing:
            more = {**permissions, "workflows": "write"}
            try:
                writer = closing.enter_context(self._open_writer(credentials, more))
            except GitHubApiError as error:
                raise missing_permission from error
            return use(writer)

    @contextmanager
    def _open_writer(
        self, credentials: WriterCredentials, permissions: Mapping[str, str]
    ) -> Iterator[Writer]:
        if credentials.token:
            self._connection.runner.mask(credentials.token, GIT_USER)
            client = GitHubClient(self._connection, credentials.token, "the token")
            yield Writer(client, credentials.token)
            return
        if credentials.app is None:
            raise ValueError("require_credentials comes first")
        # What signs may still be on its way when a stage starts.
        from dist_actions.services.github.app import GitHubApp  # noqa: PLC0415

        app = GitHubApp(credentials.app, self._connection)
        with app.installation_token(permissions) as token:
            client = GitHubClient(
                self._connection, token.secret, APP_TOKEN, minted_at=token.minted_at
            )
            yield Writer(client, token.secret)
