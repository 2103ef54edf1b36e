"""Explain why an environment could not be made, from what its installer printed; pure."""

import re
from dataclasses import dataclass

from dist_actions.errors import DistActionsError, ServiceUnavailableError

_ERROR_LINE = re.compile(r"^\W*(?:error|cause|caused by)\b\W*(?P<text>.*\S)", re.I | re.M)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_LONGEST_LINE = 300


@dataclass(frozen=True)
class _Cause:
    """A cause, by what installers print.

    Attributes:
        pattern: Finds it in the output.
        why: What it means.
        fix: What mends it.
        is_passing: Whether running the job again may be enough.
    """

    pattern: re.Pattern[str]
    why: str
    fix: str
    is_passing: bool = False


def _cause(pattern: str, why: str, fix: str, *, is_passing: bool = False) -> _Cause:
    return _Cause(re.compile(pattern, re.IGNORECASE), why, fix, is_passing)


#: The first that fits counts.
_CAUSES = (
    _cause(
        r"no space left|disk quota exceeded|os error 28\b",
        "the disk is full",
        "free space on the runner's disk.",
    ),
    _cause(
        r"no usable temporary directory",
        "the disk is full, or this user may write nowhere",
        "free space on the runner's disk, or give the runner's user its RUNNER_TEMP.",
    ),
    _cause(
        r"do not match the hashes|hash mismatch",
        "the package index served other bytes than the lock names",
        "find out what stands between this runner and the index; the lock is right.",
    ),
    _cause(
        r"certificate|\bSSLError\b|\bTLS\b",
        "the package index's certificate is not trusted on this runner",
        "name the file of your certificate authority in SSL_CERT_FILE and PIP_CERT.",
    ),
    _cause(
        r"\b407\b|proxy authentication|proxyerror",
        "the proxy refused the connection to the package index",
        "correct HTTPS_PROXY on this runner.",
    ),
    _cause(
        r"\b40[13]\b (client )?error|client error \(40[13]|\b40[13] (unauthorized|forbidden)",
        "the package index refused this runner",
        "give the index's address with a user that may read, in PIP_INDEX_URL.",
    ),
    _cause(
        r"no module named '(venv|ensurepip)'",
        "this Python cannot make environments",
        "let actions/setup-python run before, or install python3-venv or uv on this runner.",
    ),
    _cause(
        r"no module named '?pip",
        "this Python has no pip, and there is no uv",
        "let actions/setup-python run before, or install python3-pip or uv on this runner.",
    ),
    _cause(
        r"permission denied|read-only file system|os error (13|30)\b",
        "this user may not write there",
        "give the runner's user its RUNNER_TEMP.",
    ),
    _cause(
        r"connection|connect\b|timed? ?out|name resolution|name or service|dns error|no end within|"
        r"\b50[0-9]\b (server )?error|server error \(50",
        "the package index did not answer",
        "run the job again; where only an index of your own can be reached, name it in "
        "PIP_INDEX_URL.",
        is_passing=True,
    ),
    _cause(
        # pip does not say which: it passes over an index that it cannot reach.
        r"from versions: none",
        "the package index did not answer, or holds nothing of this name",
        "run the job again; where only an index of your own can be reached, name it in "
        "PIP_INDEX_URL.",
        is_passing=True,
    ),
    _cause(
        r"no matching distribution|could not find a version|no solution found",
        "the package index does not hold what the lock names",
        "name an index in PIP_INDEX_URL that mirrors all of PyPI.",
    ),
)
_UNKNOWN = _cause(
    "", "the installer failed", "run the job again, and read its log.", is_passing=True
)


def explain_failure(output: str, folder: str) -> DistActionsError:
    """Make the error for an environment that could not be made.

    Args:
        output: What the installer, the system or the proof said.
        folder: Where it was to be made.
    """
    cause = next((cause for cause in _CAUSES if cause.pattern.search(output)), _UNKNOWN)
    line = error_line(output)
    error = ServiceUnavailableError if cause.is_passing else DistActionsError
    return error(
        f"The action's environment could not be made in {folder}.",
        why=f"{cause.why}: {line}" if line else f"{cause.why}.",
        fix=cause.fix,
        anchor="environment-of-an-action",
    )


def error_line(output: str) -> str:
    """Select the line that says what is wrong: the last error, else the last line."""
    lines = [match["text"] for match in _ERROR_LINE.finditer(output)]
    lines = lines or [line.strip() for line in output.splitlines() if line.strip()]
    return without_credentials(lines[-1])[:_LONGEST_LINE] if lines else ""


def without_credentials(text: str) -> str:
    """Leave user names and passwords out of addresses."""
    return _CREDENTIALS.sub("***@", text)
