"""Puts what GitHub answers to an App that shows its JWT into words that say what to change; pure.

Spec: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

from dist_actions.errors import DistActionsError, GitHubApiError, InputError


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
    """The error for a refusal.

    Args:
        operation: What was tried: `mint an installation token`.
        status: HTTP status.
        message: GitHub's own message.
        client_id: As it was sent.
        server_url: `GITHUB_SERVER_URL`, for links.
        github_repository: `owner/name`.
        clock_off_seconds: How far this machine's clock is ahead of GitHub's, where that is known.
    """
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
    seconds = "too far" if clock_off_seconds is None else f"{clock_off_seconds:+.0f} s"
    owner = github_repository.partition("/")[0]
    return GitHubApiError(
        what,
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
    """Whether GitHub's message, in lower case, complains of a time in the JWT."""
    return "'exp'" in message or "'iat'" in message or "expiration time" in message
