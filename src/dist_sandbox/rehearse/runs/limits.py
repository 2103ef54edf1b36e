"""Tell whether a step failed by a limit of the rehearsal or of this machine. It is pure.

What is told here would go otherwise on GitHub: a service that is not simulated, a host that is not
reached, a program that this machine does not have.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from dist_sandbox.gateway.log import Exchange

#: How programs say that they do not find a host; the group is its name.
_UNKNOWN_HOST = (
    r"Could not resolve (?:host|proxy)(?:name)?:? ?['\"]?([\w.-]+)",
    r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([\w.-]+)",
    r"host='([\w.-]+)'.{0,300}(?:Name or service not known|Temporary failure in name resolution)",
    r"(?:lookup|resolve) (?:host )?['\"]?([\w-]+(?:\.[\w-]+)+)",
    r"unable to resolve host address .([\w.-]+)",
    r"connect to host ([\w.-]+) port",
    r"(?:dns error|failed to lookup address).{0,80}?([\w-]+\.[\w.-]+)",
)
#: How shells say that there is no such program.
_NO_PROGRAM = (
    r"(?:line \d+: |sh: \d*:? ?)([\w.+/-]+): (?:command )?not found",
    r"^([\w.+-]+): command not found",
    r"env: .([\w.+-]+).: No such file or directory",
)
#: How uv says that it would have to download a Python; the group is what it was asked for.
_NO_PYTHON = (
    r"No interpreter found for (?:Python )?(\S.*?) in [^\n]*\n+[^\n]*downloads are set to",
    r"No download found for request: (\S+)",
    r"/python-build-standalone/releases/download/[^/]+/cpython-([0-9.]+)",
    r"Python downloads are not allowed()",
)
_ANSWERED = re.compile(r"\b(?:403|501|502|Forbidden|Not [Ii]mplemented)\b|not simulated")
_GENERIC = ("pip", "python", "python3")


def explain_limit(log: str, exchanges: Sequence[Exchange]) -> tuple[str, str] | None:
    """Explain a failure by a limit, in why and fix; None where it is none.

    Args:
        log: The output of the step.
        exchanges: What passed the gateway while the run lasted.
    """
    return (
        _missing_python(log)
        or _unanswered(log, exchanges)
        or _unknown_host(log)
        or _missing_program(log)
    )


def describe_unanswered(exchanges: Iterable[Exchange], *, but: str = "") -> str:
    """Name the hosts that a run asked for and that did not answer; empty for none.

    Args:
        but: A sentence; hosts that it names are not named again.
    """
    missing = {_host(row) for row in exchanges if row.outcome in _NOBODY}
    hosts = [host for host in missing if host not in but]
    if not hosts:
        return ""
    return f"While it ran, it wanted {', '.join(sorted(hosts))}, which a rehearsal does not reach."


_NOBODY = ("refused", "not simulated")


def _unanswered(log: str, exchanges: Sequence[Exchange]) -> tuple[str, str] | None:
    """Find a host or service that the step wanted and that nobody answered for."""
    missing = [row for row in exchanges if row.outcome in _NOBODY]
    mentioned = [row for row in missing if _host(row) and _host(row) in log]
    if not mentioned and _ANSWERED.search(log):
        mentioned = missing[-1:]
    if not mentioned:
        return None
    row = mentioned[-1]
    host = _host(row)
    if row.outcome == "not simulated":
        path = urlsplit(row.url).path
        return (
            f"the step asked {host} for {row.method} {path}, which the rehearsal does not "
            "simulate (501); GitHub's runner would get an answer.",
            "leave this step out of the rehearsal, or report what it needs to dist-actions.",
        )
    if row.method in ("POST", "PUT", "PATCH", "DELETE"):
        return (
            f"the step wanted to write to {host}, and a rehearsal writes to no real service.",
            "leave this step out of the rehearsal; on GitHub it would reach that host.",
        )
    return (
        f"the step wanted {host}, which is not simulated and was not let through.",
        f"if reading from it is harmless, let it through: --allow-host {host}.",
    )


def _unknown_host(log: str) -> tuple[str, str] | None:
    for pattern in _UNKNOWN_HOST:
        if match := re.search(pattern, log, re.DOTALL):
            host = match[1].rstrip(".")
            return (
                f"the step wanted {host} without the proxy that its variables name, and a "
                "rehearsal has no other way to any host.",
                "let its program obey HTTPS_PROXY, or leave this step out of the rehearsal; on "
                "GitHub it would reach that host.",
            )
    return None


def _missing_python(log: str) -> tuple[str, str] | None:
    for pattern in _NO_PYTHON:
        if match := re.search(pattern, log):
            version = match[1] or "VERSION"
            request = f" {match[1]}" if match[1] else " that the step wants"
            return (
                f"this machine has no Python{request}, and a rehearsal downloads none; on GitHub "
                "uv would.",
                f"run `uv python install '{version}'` outside the rehearsal, then rehearse again.",
            )
    return None


def _missing_program(log: str) -> tuple[str, str] | None:
    for pattern in _NO_PROGRAM:
        for match in re.finditer(pattern, log, re.MULTILINE):
            name = match[1].rpartition("/")[2]
            if name and name not in _GENERIC:
                return (
                    f"this machine has no program {name}; GitHub's runner may have it, with much "
                    "other software.",
                    f"install {name} on this machine, or in a step before, or rehearse with "
                    "--docker and an image that has it.",
                )
    return None


def _host(row: Exchange) -> str:
    return urlsplit(row.url).hostname or row.url.partition(":")[0]
