"""What the HTTP status of an answer means, for every service alike; pure.

Spec: RFC 9110, section 15, and RFC 8470 for 425
"""

from enum import Enum


class Meaning(Enum):
    """What is to be thought of an answer.

    Attributes:
        SUCCESS: The request was carried out; only reading back proves that of a change.
        REDIRECTED: The service names another address.
        PASSING: It may be over soon, so the request is repeated.
        PROXY: A proxy on the way wants a password of its own.
        REFUSED: The service refuses, and would refuse again.
    """

    SUCCESS = "success"
    REDIRECTED = "redirected"
    PASSING = "passing"
    PROXY = "proxy"
    REFUSED = "refused"


#: The server gave up waiting for the request (408), or does not want to risk a replay (425), or is
#: asked too often (429). Most of 5xx are passing too: a proxy in front of a service uses them.
_PASSING = frozenset({408, 425, 429})
#: The server cannot do what is asked for (501), or not in this version of HTTP (505), nor will it
#: in a minute.
_INCAPABLE = frozenset({501, 505})
_PROXY = 407
#: What a server says to a token that it does not know; it may be one that is behind the others.
_DOUBTFUL = frozenset({401, 404})
#: The body is the file or page that was asked for; other successes hold another one, or none.
_WHOLE = frozenset({200, 203})


def meaning_of(status: int) -> Meaning:
    """Look up what an HTTP status means; 1xx and what is no status is a refusal."""
    if 200 <= status < 300:
        return Meaning.SUCCESS
    if 300 <= status < 400:
        return Meaning.REDIRECTED
    if status in _PASSING or (500 <= status < 600 and status not in _INCAPABLE):
        return Meaning.PASSING
    return Meaning.PROXY if status == _PROXY else Meaning.REFUSED


def is_success(status: int) -> bool:
    """Tell whether the service carried the request out, as far as it says."""
    return meaning_of(status) is Meaning.SUCCESS


def is_redirect(status: int) -> bool:
    """Tell whether the service names another address."""
    return meaning_of(status) is Meaning.REDIRECTED


def is_passing(status: int) -> bool:
    """Tell whether the refusal may be over soon."""
    return meaning_of(status) is Meaning.PASSING


def is_doubtful(status: int) -> bool:
    """Tell whether a refusal counts only where it is repeated: a new token is not known at once."""
    return status in _DOUBTFUL


def is_incapable(status: int) -> bool:
    """Tell whether the server does not know this kind of request at all."""
    return status in _INCAPABLE


def holds_content(status: int) -> bool:
    """Tell whether the answer's body is the file or page that was asked for."""
    return status in _WHOLE
