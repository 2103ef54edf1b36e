"""The job's ID token, from GitHub's OIDC issuer."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from dist_actions.errors import IdentityError
from dist_actions.identity.secret import Secret
from dist_actions.job.endpoints import is_safe_url
from dist_actions.job.event import Event
from dist_actions.services.answers import is_success
from dist_actions.services.http import HttpClient
from dist_actions.services.json_fields import text
from dist_actions.services.runner import Runner


def may_request_id_token(environ: Mapping[str, str]) -> bool:
    """Tell whether GitHub offers this job an ID token: it has `id-token: write`."""
    return bool(
        environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
        and environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    )


def request_id_token(
    environ: Mapping[str, str], audience: str, http: HttpClient, runner: Runner
) -> Secret:
    """Ask for an ID token that is meant for `audience`, and mask it.

    Raises:
        IdentityError: The job may not have one, or GitHub refused.
        ServiceUnavailableError: GitHub did not answer.
    Spec: https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
    """
    if not may_request_id_token(environ):
        raise _no_permission(environ)
    url = environ["ACTIONS_ID_TOKEN_REQUEST_URL"]
    bearer = environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    if not is_safe_url(url):
        raise _refused("the address of its ID token endpoint is not https")
    runner.mask(Secret(bearer))

    operation = "ask GitHub for an ID token"

    def attempt() -> Secret:
        headers = {"Authorization": f"Bearer {bearer}"}
        answer = http.ask_once(operation, "GET", _with_audience(url, audience), headers=headers)
        if not is_success(answer.status_code):
            raise _refused(f"HTTP {answer.status_code}")
        return Secret(answer.read_json(lambda body: text(body["value"] or None)))

    id_token = http.retries.call(operation, attempt, http.classify)
    runner.mask(id_token)
    return id_token


def _with_audience(url: str, audience: str) -> str:
    """Add the audience to a URL that has a query already."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("audience", audience)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _no_permission(environ: Mapping[str, str]) -> IdentityError:
    message = "This job cannot ask for an ID token."
    if environ.get("GITHUB_EVENT_NAME") == "pull_request" and Event.from_environ(environ).from_fork:
        return IdentityError(
            message,
            why="it runs for a pull request from a fork, which gets none whatever the workflow "
            "says: anybody could publish otherwise.",
            fix="publish when a tag is pushed, not for pull requests.",
            anchor="id-token-in-a-fork",
        )
    return IdentityError(
        message,
        why="the job has no `id-token: write`, so GitHub offers none. `permissions:` of a job "
        "replaces that of the workflow; a called workflow gets what its calling job has.",
        fix="give this job `permissions: {contents: read, id-token: write}`, and the calling job "
        "too where there is one.",
        anchor="id-token",
    )


def _refused(problem: str) -> IdentityError:
    return IdentityError(
        f"GitHub gave no ID token: {problem}.",
        why="the job's own request token was refused; it lasts as long as the job.",
        fix="run the job again.",
        anchor="id-token-refused",
    )
