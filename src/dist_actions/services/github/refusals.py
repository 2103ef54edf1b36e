"""Put GitHub's refusals into words that say what to change; pure.

Spec: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from collections.abc import Mapping

from dist_actions.errors import (
    DistActionsError,
    GitHubApiError,
    InputError,
    WorkflowsPermissionError,
)
from dist_actions.services.answers import is_incapable, is_redirect

#: What GitHub's messages hold where a rule forbids something.
_SIGNS_OF_RULES = ("rule violation", "gh013", "gh006", "protected tag", "protected branch")

#: How messages name the token of whoever runs a command.
YOUR_TOKEN = "your token"  # noqa: S105 - a label, not a token
#: How they name the one that the run has minted.
APP_TOKEN = "the App's token"  # noqa: S105 - a label, not a token
#: How to get another token in place of one that is not accepted, by the token's name.
_OTHER_TOKENS = {
    YOUR_TOKEN: 'give a valid one: `export GH_TOKEN="$(gh auth token)"`.',
    APP_TOKEN: "run the job again; it mints another one, which lasts an hour.",
}


class RefusedError(Exception):
    """A refusal that the caller tells apart by its status or message. It never leaves a stage.

    Attributes:
        status: HTTP status.
        message: GitHub's own, with the messages of its single errors.
        headers: Of the answer, names in lower case.
        tries: How often the request was sent, with this refusal as the last answer.
    """

    def __init__(
        self, status: int, message: str, headers: Mapping[str, str], tries: int = 1
    ) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message or "no message"
        self.headers = headers
        self.tries = tries


def explain_refusal(
    operation: str,
    *,
    status: int,
    message: str,
    headers: Mapping[str, str],
    token_name: str,
    github_repository: str,
) -> GitHubApiError:
    """Explain a refusal.

    Args:
        operation: What was tried: `create the tag v1.0.0`.
        headers: Of the answer, names in lower case.
        token_name: How the message names the token.
        github_repository: `owner/name`.
    """
    problem = f"GitHub refused to {operation}: {message or 'no message'} (HTTP {status})."
    if _is_rule_violation(message):
        return _forbidden_by_rule(problem, token_name, github_repository)
    if is_redirect(status):
        return GitHubApiError(
            problem,
            why=f"{github_repository} was renamed or transferred since this run began, "
            "or a proxy answers in GitHub's place.",
            fix="start a new run, for example by a push, which has the repository's present name; "
            "if it was not renamed, look at GITHUB_API_URL and the proxies.",
            anchor="github-refused",
        )
    if status == 401:
        return GitHubApiError(
            problem,
            why=f"{token_name} is not valid, expired, or was revoked.",
            fix=_OTHER_TOKENS.get(token_name, "check the credential that this step is given."),
            anchor="github-401",
        )
    if status in {403, 404}:
        return _not_allowed(problem, status, headers, token_name, github_repository)
    if is_incapable(status):
        return GitHubApiError(
            problem,
            why="who answers at the address of GitHub's API does not know this kind of request: a "
            "proxy, an old GitHub Enterprise Server, or a rehearsal that does not simulate it.",
            fix="check the address, and the proxies on the way to it; in a rehearsal leave "
            "out what asks for it.",
            anchor="github-refused",
        )
    return GitHubApiError(
        problem,
        why="GitHub does not accept this request in the repository's present state.",
        fix=f"look at the message, and at https://github.com/{github_repository}/settings.",
        anchor="github-refused",
    )


def _is_rule_violation(message: str) -> bool:
    """Tell whether a ruleset, or the older branch protection, forbade the change."""
    lowered = message.lower()
    return any(sign in lowered for sign in _SIGNS_OF_RULES)


def _forbidden_by_rule(problem: str, token_name: str, github_repository: str) -> GitHubApiError:
    return GitHubApiError(
        problem,
        why=f"a rule of {github_repository} forbids it, and {token_name} may not bypass it.",
        fix="add the GitHub App to the ruleset's bypass list (Settings, Rules, Rulesets), or to "
        "those whom the branch protection lets pass (Settings, Branches).",
        anchor="ruleset",
    )


def _not_allowed(
    problem: str,
    status: int,
    headers: Mapping[str, str],
    token_name: str,
    github_repository: str,
) -> GitHubApiError:
    needed = headers.get("x-accepted-github-permissions", "")
    if status == 403 and _asks_for_workflows(needed, token_name):
        return WorkflowsPermissionError(
            problem,
            why=f"GitHub asks for {needed}: the commit changes a file in .github/workflows.",
            fix="give the GitHub App the permission Workflows: read and write, and approve it.",
            anchor="workflows-permission",
        )
    if status == 404 and not needed:
        return GitHubApiError(
            problem,
            why=f"{token_name} cannot see {github_repository}: "
            "to GitHub, what may not be seen does not exist.",
            fix="let it reach this repository, or check the repository's name."
            if token_name == YOUR_TOKEN
            else "add `permissions: contents: read` to the job, "
            "or install the App on this repository.",
            anchor="github-404",
        )
    return GitHubApiError(
        problem,
        why=f"{token_name} lacks a permission{f'; GitHub accepts: {needed}' if needed else ''}.",
        fix=_permission_fix(token_name, needed),
        anchor="github-403",
    )


def _asks_for_workflows(needed: str, token_name: str) -> bool:
    """Tell whether nothing but `workflows: write` is missing.

    GitHub lists alternatives. An App's token was minted with the others, and that was checked;
    of any other token it is not known what it may do.
    """
    alternatives = [part.replace(" ", "") for part in needed.split(";") if part.strip()]
    with_workflows = [part for part in alternatives if "workflows=write" in part]
    minted = token_name == APP_TOKEN
    return bool(with_workflows) and (minted or with_workflows == alternatives)


def _permission_fix(token_name: str, needed: str) -> str:
    permission = needed.replace("=", ": ").split(";")[0].strip() or "contents: read"
    if token_name == "the job token":  # noqa: S105 - a label, not a token
        return f"add `permissions: {permission}` to the job."
    if token_name == YOUR_TOKEN:
        return (
            f"use a token that may do this (a fine-grained one needs {permission}), or let "
            "somebody run it who administers the repository."
        )
    return f"give {token_name} {permission}, and approve the change where the App is installed."


def explain_app_refusal(
    operation: str,
    *,
    status: int,
    message: str,
    client_id: str,
    server_url: str,
    github_repository: str,
    clock_off_seconds: float | None = None,
) -> DistActionsError:
    """Explain a refusal.

    Args:
        operation: What was tried: `mint an installation token`.
        server_url: `GITHUB_SERVER_URL`, for links.
        github_repository: `owner/name`.
        clock_off_seconds: How far this machine's clock is ahead of GitHub's, where that is known.
    """
    problem = f"GitHub refused to {operation}: {message or 'no message'} (HTTP {status})."
    lowered = message.lower()
    if "must be an integer" in lowered and "iss" in lowered:
        return InputError(
            problem,
            why=f"{client_id!r} is no client ID, or this GitHub Enterprise Server is too old to "
            "know client IDs.",
            fix="give the App's client ID (Iv…), or on an old server its App ID, as client-id.",
            anchor="app-client-id",
        )
    why, fix = _APP_REFUSALS.get(
        _app_refusal_kind(status, lowered),
        ("GitHub does not accept this App here.", "look at the App's settings."),
    )
    seconds = "too far" if clock_off_seconds is None else f"{clock_off_seconds:+.0f} s"
    owner = github_repository.partition("/")[0]
    return GitHubApiError(
        problem,
        why=why.format(repository=github_repository, seconds=seconds),
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
    "unknown": (
        "no App has the client ID that was given.",
        "copy client-id from the App's settings, where it stands above the App's name.",
    ),
    "clock": (
        "this machine's clock is {seconds} off GitHub's.",
        "set the runner's clock, then run the job again.",
    ),
    "key": (
        "client-id and private-key do not belong to the same App, or the key was deleted.",
        "give both from the settings of one App; generate a new key there if in doubt.",
    ),
}


def _app_refusal_kind(status: int, message: str) -> str:
    if "integration not found" in message:
        return "unknown"
    if status == 404 or "parent installation" in message:
        return "not installed"
    if status == 403 and "suspended" in message:
        return "suspended"
    if status in {403, 422}:
        return "not granted"
    return "clock" if is_about_clock(message) else "key"


def is_about_clock(message: str) -> bool:
    """Tell whether GitHub's message, in lower case, complains of a time in the JWT."""
    return "'exp'" in message or "'iat'" in message or "expiration time" in message
