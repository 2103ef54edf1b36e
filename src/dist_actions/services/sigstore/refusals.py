"""Put what stops attesting into words, in the three parts of every error; pure."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from dist_actions.abbreviation import quote_answer
from dist_actions.errors import (
    DistActionsError,
    IdentityError,
    InputError,
    ServiceUnavailableError,
    UploadError,
)
from dist_actions.identity.claims import describe_claims
from dist_actions.job.endpoints import is_safe_url

_ANCHOR = "attestations"
#: Of a token that was issued a moment ago; Sigstore's client allows less.
_CLOCK_TOLERANCE_SECONDS = 60.0


def require_safe_services(trust_config: str) -> None:
    """Refuse services in a trust configuration that an ID token must not be sent to.

    Raises:
        ValueError: It is no JSON, or an address is neither https nor on loopback.
        KeyError: It is no such configuration.
    """
    signing = json.loads(trust_config)["signingConfig"]
    services = [*signing["caUrls"], *signing["rekorTlogUrls"], *signing.get("tsaUrls", [])]
    for service in services:
        if not is_safe_url(service["url"]):
            raise ValueError(f"{service['url']} is not https")


_FULL_DISK = re.compile(r"no space left|disk quota exceeded|errno 28\b", re.IGNORECASE)


def explain_missing_packages() -> InputError:
    """Explain that the extra is not installed."""
    return InputError(
        "The input attestations is true, but the packages that sign are not installed.",
        why="they are an extra, which only those who ask for attestations install.",
        fix="install it with pip install 'dist-actions[attestations]', or set attestations to "
        "false.",
        anchor=_ANCHOR,
    )


def explain_failed_installation(output: str) -> ServiceUnavailableError:
    """Explain that the extra could not be installed in the action's container.

    Args:
        output: What pip wrote.
    """
    full = _FULL_DISK.search(output) is not None
    return ServiceUnavailableError(
        f"The packages that sign could not be installed: {_quote(output)}",
        why="the disk of this runner is full." if full else "the package index did not answer.",
        fix=f"{'free disk space and ' if full else ''}run the job again; nothing was uploaded.",
        anchor=_ANCHOR,
    )


def explain_trust_config(variable: str, place: str) -> InputError:
    """Explain that the file or address that names another Sigstore is unusable."""
    return InputError(
        f"{variable} is {place!r}, which is no trust configuration of Sigstore.",
        why="it is missing, is not what sigstore's --trust-config takes, or names a service that "
        "is neither https nor on loopback.",
        fix=f"correct it, or leave {variable} out to use the public Sigstore.",
        anchor=_ANCHOR,
    )


def explain_unusable_file(name: str) -> UploadError:
    """Explain that a file of this name cannot be attested."""
    return UploadError(
        f"{name} cannot be attested.",
        why="its name is not that of an sdist or wheel.",
        fix="build it with a current build backend, or set attestations to false.",
        anchor=_ANCHOR,
    )


def explain_no_answer(operation: str, seconds: float) -> ServiceUnavailableError:
    """Explain that Sigstore took too long."""
    return ServiceUnavailableError(
        f"Could not {operation}: no answer within {seconds:.0f} s.",
        why="Sigstore is not available at the moment.",
        fix="run the job again; nothing was uploaded. Or set attestations to false.",
        anchor=_ANCHOR,
    )


def explain_refusal(
    operation: str, status: int, answer: str, claims: Mapping[str, object], now: datetime
) -> DistActionsError:
    """Explain that Sigstore answered, and refused.

    Args:
        status: HTTP status; 0 where the answer itself could not be trusted.
        answer: The service's text, or the client's.
        claims: Of the ID token, unverified.
        now: What this machine's clock shows, moments after the token was issued.
    """
    http_status = f"HTTP {status}: " if status else ""
    message = f"Could not {operation}: {http_status}{_quote(answer)}."
    if "certificate" in operation and status:
        return IdentityError(
            message,
            why=f"Sigstore does not accept this job's ID token: {describe_claims(claims)}.",
            fix="run it on GitHub's own Actions (github.com), with id-token: write in the job; "
            "elsewhere set attestations to false. Nothing was uploaded.",
            anchor=_ANCHOR,
        )
    issued = claims.get("iat")
    off = now.timestamp() - issued if isinstance(issued, int) else 0.0
    if not status and abs(off) > _CLOCK_TOLERANCE_SECONDS:
        return IdentityError(
            message,
            why=f"this machine's clock is {off:+.0f} s off GitHub's, and Sigstore's client holds "
            "the times of the ID token against it.",
            fix="set the clock of the runner, and run the job again; nothing was uploaded.",
            anchor=_ANCHOR,
        )
    return UploadError(
        message,
        why="Sigstore's answer does not fit to its trust root, or it refuses the entry.",
        fix="run the job again; nothing was uploaded. If it stays so, set attestations to false "
        "and look at https://status.sigstore.dev.",
        anchor=_ANCHOR,
    )


def _quote(answer: str) -> str:
    """Quote a service's words on one line; it mostly answers `{"code": …, "message": …}`."""
    try:
        message = json.loads(answer)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        message = answer
    return (quote_answer(str(message)) or "no reason given").rstrip(".")
