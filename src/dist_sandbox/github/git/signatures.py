"""Who is written into the git objects that the API makes."""

from datetime import datetime
from typing import TYPE_CHECKING

from dist_sandbox.github.access.accounts import Account
from dist_sandbox.github.git.objects import Signature, at
from dist_sandbox.github.rest.errors import ApiError, missing_value

if TYPE_CHECKING:
    from dist_sandbox.github.rest.calls import Call


def account_signature(account: Account, moment: datetime) -> Signature:
    """An account as author, committer or tagger."""
    return Signature(account.display_name, account.email, at(moment))


def read_signature(call: "Call", field: str) -> Signature:
    """The person in a field of the body; who asks where there is none."""
    own = account_signature(call.principal.account, call.world.clock.now())
    given = call.body().get(field)
    if given is None:
        return own
    if not isinstance(given, dict):
        raise ApiError(422, f"Invalid request.\n\nFor 'properties/{field}', not an object.")
    for name in ("name", "email"):
        if not isinstance(given.get(name), str):
            raise missing_value(name)
    date = given.get("date")
    return Signature(
        given["name"], given["email"], own.timestamp if date is None else _seconds(date)
    )


def _seconds(date: object) -> int:
    try:
        return at(datetime.fromisoformat(str(date).replace("Z", "+00:00")))
    except ValueError:
        raise ApiError(422, f"Invalid request.\n\n{date!r} is not a valid date.") from None
