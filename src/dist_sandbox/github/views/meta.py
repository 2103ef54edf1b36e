"""Operations that belong to no repository: the service, limits, accounts."""

from flask import Response

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.render.basics import render_account, timestamp
from dist_sandbox.github.render.repositories import render_repository
from dist_sandbox.github.rest.calls import Call, reply
from dist_sandbox.github.rest.errors import not_found
from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.rest.rate_limit import HOURLY_LIMIT

operations = Operations()


@operations.operation("GET /")
def get_root(call: Call) -> Response:
    """Addresses to start from."""
    api = call.world.addresses.github_api
    return reply({"current_user_url": f"{api}/user", "rate_limit_url": f"{api}/rate_limit"})


@operations.operation("GET /meta")
def get_meta(_call: Call) -> Response:
    """Facts about the service."""
    return reply({"verifiable_password_authentication": False})


@operations.operation("GET /rate_limit")
def get_rate_limit(call: Call) -> Response:
    """How many requests the caller may still make this hour."""
    reset = call.world.clock.timestamp() + 3600
    core = {"limit": HOURLY_LIMIT, "used": 0, "remaining": HOURLY_LIMIT, "reset": reset}
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": reset}
    return reply({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})


@operations.operation("GET /user")
def get_user(call: Call) -> Response:
    """The person whose token asks."""
    return reply(_render_public(call.principal.account, call))


@operations.operation("GET /users/{username}")
def get_account(call: Call, username: str) -> Response:
    """Any account by its login."""
    for account in call.github.accounts():
        if account.login.lower() == username.lower():
            return reply(_render_public(account, call))
    raise not_found()


@operations.operation("GET /orgs/{org}/repos")
def list_organisation_repositories(call: Call, org: str) -> Response:
    """The repositories of the organisation that the caller sees."""
    if org.lower() != call.github.owner.login.lower():
        raise not_found()
    seen = [one for one in call.github.repositories.values() if call.principal.sees(one)]
    return reply([render_repository(one, call.world.addresses, call.principal) for one in seen])


def _render_public(account: Account, call: Call) -> dict[str, object]:
    """GitHub's `public-user`."""
    created = timestamp(call.github.repository.created_at)
    unknown = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    return {
        **render_account(account, call.world.addresses),
        "name": account.display_name,
        "blog": "",
        **unknown,
        **counts,
        "created_at": created,
        "updated_at": created,
    }
