"""Log in to an index: with a token that is minted when it is first needed, or with a password."""

from collections.abc import Mapping

from dist_actions.identity.google import ACCESS_TOKEN_USER, Federation, ServiceAccountKey
from dist_actions.indexes.targets import Password
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.services.http import HttpClient
from dist_actions.services.login import Login, Minted
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner


def log_in_to_google(
    identity: Federation | ServiceAccountKey,
    endpoints: GoogleEndpoints,
    environ: Mapping[str, str],
    http: HttpClient,
    runner: Runner,
    *,
    reads: bool = False,
) -> Login:
    """Make the login of an account of Google Cloud; `http` mints its tokens.

    What federation refuses is explained to a reader where the account only `reads`.
    """

    def mint() -> Minted:
        # Imported for whoever needs it: google-auth takes time and memory of other targets.
        from dist_actions.services.google.tokens import mint_access_token, mint_by_key  # noqa: PLC0415

        if isinstance(identity, Federation):
            return mint_access_token(identity, endpoints, environ, http, runner, reads=reads)
        return mint_by_key(identity, endpoints, http, runner)

    return Login(ACCESS_TOKEN_USER, mint, http.retries.clock)


def log_in_with(password: Password, retries: Retries, runner: Runner) -> Login:
    """Make the login of a user, whose password is masked from now on."""
    runner.mask(password.secret, password.username)
    return Login.of_password(password.username, password.secret, retries.clock)


def google_member(identity: Federation | ServiceAccountKey, environ: Mapping[str, str]) -> str:
    """Name an account of Google Cloud as an IAM binding does."""
    if isinstance(identity, Federation):
        return identity.member(environ.get("GITHUB_REPOSITORY_ID", ""))
    return f"serviceAccount:{identity.email}"
