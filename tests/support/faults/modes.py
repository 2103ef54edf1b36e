"""The ways in which one request can fail: the modes of the fault machine, by name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

#: Of each hit request, and of those that follow it in a run: the fault stays.
EVER = 1000
_PAGE = "<!doctype html><title>Sign in"
_HTML = {"content-type": "text/html"}
_LIMIT = json.dumps({"message": "API rate limit exceeded for installation ID 1."})
_SECONDARY = json.dumps({"message": "You have exceeded a secondary rate limit. Please wait."})
_FORBIDDEN = json.dumps({"message": "Resource not accessible by integration"})
_MISSING = json.dumps({"message": "Not Found"})
_BAD = json.dumps({"message": "Bad credentials"})


@dataclass(frozen=True)
class Mode:
    """One way to fail.

    Attributes:
        fault: What the sandbox's control interface takes.
        told_seconds: How long the answer asks to wait; 0 where it does not.
    """

    fault: Mapping[str, Any] = field(default_factory=dict)
    told_seconds: float = 0.0

    @property
    def told_by_http(self) -> bool:
        """Tell whether every service may say so, and not GitHub alone."""
        return self.fault.get("status") == 429


def _status(status: int, body: str = "{}", **more: Any) -> Mode:
    return Mode({"status": status, "body": body, **more})


def modes(now: datetime) -> dict[str, Mode]:
    """Make all modes by their names; some say a time after `now`."""
    date = format_datetime(now + timedelta(seconds=45), usegmt=True)
    reset_at = int(now.timestamp()) + 90
    primary = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset_at)}
    redirect = "http://127.0.0.1:9/elsewhere"
    return {
        "reset": Mode({"connection": "reset"}),
        "applied then reset": Mode({"connection": "reset", "applied": True}),
        "cut": Mode({"connection": "cut"}),
        "half": Mode({"connection": "half"}),
        "silent": Mode({"connection": "silent"}),
        "drip": Mode({"connection": "drip"}),
        "claim": Mode({"connection": "claim"}),
        "endless": Mode({"connection": "endless"}),
        "applied then silent": Mode({"connection": "silent", "applied": True}),
        "500": _status(500),
        "502": _status(502, _PAGE, headers=_HTML),
        "503": _status(503),
        "504": _status(504, _PAGE, headers=_HTML),
        "applied then 502": _status(502, _PAGE, headers=_HTML, applied=True),
        "applied then 504": _status(504, _PAGE, headers=_HTML, applied=True),
        "408": _status(408),
        "429 in seconds": Mode(
            {"status": 429, "headers": {"retry-after": "7"}, "body": _SECONDARY}, 7.0
        ),
        "429 at a date": Mode(
            {"status": 429, "headers": {"retry-after": date}, "body": _SECONDARY}, 30.0
        ),
        "secondary limit": Mode(
            {"status": 403, "headers": {"retry-after": "11"}, "body": _SECONDARY}, 11.0
        ),
        "secondary limit without headers": _status(403, _SECONDARY),
        "primary limit": Mode({"status": 403, "headers": primary, "body": _LIMIT}, 60.0),
        "permission": _status(403, _FORBIDDEN),
        "401": _status(401, _BAD),
        "401 for ever": _status(401, _BAD, times=EVER),
        "404": _status(404, _MISSING),
        "404 for ever": _status(404, _MISSING, times=EVER),
        "503 for ever": _status(503, times=EVER),
        "a proxy's page": _status(200, _PAGE, headers=_HTML),
        "other JSON": _status(200, "[7]"),
        "307": _status(307, headers={"location": redirect}),
        "308": _status(308, headers={"location": redirect}),
    }
