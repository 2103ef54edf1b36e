"""Which credentials a stage was given for writing to GitHub; pure."""

import re
from dataclasses import dataclass

from dist_actions.errors import InputError
from dist_actions.identity.secret import Secret
from dist_actions.job.inputs import InputReader

#: With whom git sends a token.
GIT_USER = "x-access-token"
#: `Iv23li…`, `Iv1.…`, or the number of an App ID.
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


@dataclass(frozen=True)
class AppCredentials:
    """What identifies a GitHub App.

    Attributes:
        client_id: Its client ID, or the App ID of an old GitHub Enterprise Server.
        private_key: PEM text, as it stands in the secret.
        installation_id: Its installation on the repository's owner; None to look it up.
    """

    client_id: str
    private_key: Secret
    installation_id: int | None = None


@dataclass(frozen=True)
class WriterCredentials:
    """A GitHub App, or a token; exactly one of them where they are `complete`.

    Attributes:
        app: The App; None where a token is given.
        token: The token; None where an App is given.
        missing: The input that is empty although its other half is given; else empty.
        job_token: Whether the token is the job's own, whose events start no workflow.
    """

    app: AppCredentials | None = None
    token: Secret | None = None
    job_token: bool = False
    missing: str = ""

    @property
    def complete(self) -> bool:
        """Tell whether an App or a token was given."""
        return self.app is not None or self.token is not None


def read_credentials(inputs: InputReader, job_token: Secret) -> WriterCredentials:
    """Read `client-id`, `private-key`, `installation-id` and `token`.

    An App and a token are refused through `inputs`. Half an App is refused where it is needed:
    forks and runs with nothing to do get no secrets, and need none.
    """
    client_id = inputs.text("client-id")
    private_key = inputs.secret("private-key")
    token = inputs.token("token")
    installation_id = inputs.integer("installation-id")
    if token and (client_id or private_key):
        inputs.refuse("token", "is given beside an App", "give the App's key or a token, not both")
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        inputs.refuse("client-id", f"is {client_id[:80]!r}", "copy it from the App's settings")
    if client_id and private_key:
        return WriterCredentials(app=AppCredentials(client_id, private_key, installation_id))
    if token:
        return WriterCredentials(token=token, job_token=token == job_token)
    half = bool(client_id) or bool(private_key)
    return WriterCredentials(missing=("private-key" if client_id else "client-id") if half else "")


def require_credentials(credentials: WriterCredentials, purpose: str) -> None:
    """Refuse to start without anything to write with.

    Args:
        purpose: What they are needed for: `create tags`.

    Raises:
        InputError: Neither an App nor a token was given.
    """
    if not credentials.complete:
        empty = credentials.missing or "client-id and private-key"
        raise InputError(
            f"{'The input' if credentials.missing else 'The inputs'} {empty} "
            f"{'is' if credentials.missing else 'are'} empty, so nothing can {purpose}.",
            why="the variable or secret does not exist, or this job cannot read it: one of an "
            "environment needs `environment:` in the job, and forks get none.",
            fix="set the App's client ID as a variable and its private key as a secret, "
            "or give `token`.",
            anchor="app-credentials",
        )
