"""Operations that belong to no repository: the service, limits, accounts."""

from flask import Response

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.render.basics import render_account, timestamp
from dist_sandbox.github.rest.calls import HOURLY_LIMIT, Call, reply
from dist_sandbox.github.rest.errors import not_found
from dist_sandbox.github.rest.operations import ANYONE, USER, Operations
from dist_sandbox.github.views.apps import render_visible_repositories

operations = Operations()


@operations.operation("GET /", ANYONE)
def get_root(call: Call) -> Response:
    """Get addresses to start from."""
    api = call.github.addresses.github_api
    return reply({"current_user_url": f"{api}/user", "rate_limit_url": f"{api}/rate_limit"})


@operations.operation("GET /meta", ANYONE)
def get_meta(_call: Call) -> Response:
    """Get facts about the service."""
    return reply({"verifiable_password_authentication": False})


@operations.operation("GET /rate_limit", ANYONE)
def get_rate_limit(call: Call) -> Response:
    """Tell how many requests the caller may still make this hour."""
    reset = call.github.clock.timestamp() + 3600
    core = {"limit": HOURLY_LIMIT, "used": 0, "remaining": HOURLY_LIMIT, "reset": reset}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": reset}
    return reply({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})


@operations.operation("GET /user", USER)
def get_user(call: Call) -> Response:
    """Get the person whose token asks."""
    return reply(_render_public(call.principal.account, call))


@operations.operation("GET /users/{username}", ANYONE)
def get_account(call: Call, username: str) -> Response:
    """Get any account by its login."""
    for account in call.github.accounts():
        if account.login.lower() == username.lower():
            return reply(_render_public(account, call))
    raise not_found()


@operations.operation("GET /orgs/{org}/repos", "metadata=read")
def list_organisation_repositories(call: Call, org: str) -> Response:
    """List the repositories of the organisation that the caller sees."""
    if org.lower() != call.github.owner.login.lower():
        raise not_found()
    return reply(render_visible_repositories(call))


def _render_public(account: Account, call: Call) -> dict[str, object]:
    """Render GitHub's `public-user`."""
    created = timestamp(call.github.repository.created_at)
    unknown = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **render_account(account, call.github),
        "name": account.display_name,
        "blog": "",
        **unknown,
        **counts,
        "created_at": created,
        "updated_at": created,
    }
