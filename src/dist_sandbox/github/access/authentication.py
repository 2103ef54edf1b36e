"""Turn an Authorization header into the principal that it stands for."""

import base64
import binascii

from dist_sandbox.github.access.accounts import ACTIONS_BOT
from dist_sandbox.github.access.principals import Principal
from dist_sandbox.github.rest.errors import GitHubError, bad_credentials
from dist_sandbox.github.state import GitHub, Repository
from dist_sandbox.jobs import Job


def read_token(authorization: str) -> str | None:
    """Read the token in an Authorization header; None where the header holds none.

    Raises:
        GitHubError: 401 for a header that cannot be read.
    """
    scheme, _, value = authorization.strip().partition(" ")
    if not scheme:
        return None
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise bad_credentials() from None
        # Git and older tools put a token where the user's name belongs.
        return password if password and password != "x-oauth-basic" else user  # noqa: S105
    raise bad_credentials()


def authenticate(github: GitHub, authorization: str) -> Principal | None:
    """Find the principal of a request; None for an anonymous one.

    Raises:
        GitHubError: 401 where the token is unknown, revoked or expired; 403 where the App's
            installation is suspended.
    """
    token = read_token(authorization)
    if token is None:
        return None
    for user in github.users:
        if user.token == token:
            return Principal(f"user:{user.account.login}", "user", user.account, token=token)
    job = github.jobs.with_token(token)
    if job is not None:
        return _job_principal(job, github.repository_of(job), token)
    minted = github.tokens.find(token, now=github.clock.now())
    if minted is None or not minted.app.installed:
        raise bad_credentials()
    if minted.app.suspended:
        raise GitHubError(403, "This installation has been suspended")
    return Principal(
        minted.app.principal,
        "installation",
        minted.app.bot,
        permissions={"metadata": "read", **minted.permissions},
        repository_ids=minted.repository_ids & minted.app.repository_ids,
        app=minted.app,
        token=token,
    )


def _job_principal(job: Job, repository: Repository, token: str) -> Principal:
    # Workflows spell permissions with hyphens, the API with underscores.
    granted = {name.replace("-", "_"): access for name, access in job.permissions.items()}
    return Principal(
        job.principal,
        "job",
        ACTIONS_BOT,
        permissions={"metadata": "read", **granted},
        repository_ids=frozenset({repository.repository_id}),
        starts_workflows=False,
        token=token,
    )
