"""Find files of credentials in distributions, by their names, and by contents that say it.

Private keys in tests are not looked for: many good sdists carry keys for their own.
"""

import json
import re

from dist_actions.distributions.checks.errors import holds_credentials, quoted
from dist_actions.distributions.credential_names import ALWAYS, OUTSIDE_TESTS

_TESTS = re.compile(r"(^|/)(tests?|testing)/")
#: What is told by name and content: settings of installers, most of which name no password, and
#: keys. A variable in place of the password is none.
_BY_CONTENT = (
    (
        re.compile(r"(^|/)\.npmrc$", re.IGNORECASE),
        re.compile(
            rb"^[^#;\n]*_(auth|authtoken|password)[ \t]*=[ \t]*[\"']?[^\s\"'$]", re.I | re.M
        ),
        "a file of credentials",
    ),
    (
        re.compile(r"(^|/)pip\.(conf|ini)$", re.IGNORECASE),
        re.compile(rb"^[^#;\n]*://[^/\s@$]+@", re.M),
        "a file of credentials",
    ),
)
_KEY_NAME = re.compile(r"\.(pem|key)$", re.IGNORECASE)
_KEY_BEGIN = re.compile(rb"(\xef\xbb\xbf)?\s*-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY-----")
#: Parts of names of keys that are published on purpose.
_FOR_TRIALS = re.compile(
    r"(?<![a-z])((py|self|unit)?test|dummy|demo(?![a-z])|example|fixture|mock)", re.IGNORECASE
)
#: Google's key files have some 2,400 bytes.
_KEY_FILE_BYTES = 64 * 1024


class CredentialSearch:
    """A search through one distribution."""

    def __init__(self, file_name: str) -> None:
        self._file_name = file_name
        self._warnings: list[str] = []

    @property
    def warnings(self) -> tuple[str, ...]:
        """List what is in tests, a sentence each."""
        return tuple(self._warnings)

    def look_at_name(self, member: str) -> None:
        """Judge a file's name.

        Raises:
            ReleaseError: It is known to hold credentials.
        """
        if ALWAYS.search(member):
            raise holds_credentials(self._file_name, member, "a file of credentials")
        if OUTSIDE_TESTS.search(member):
            self._report(member, "a file of credentials")

    def wants_content(self, member: str, size_bytes: int) -> bool:
        """Tell whether the content decides."""
        return size_bytes <= _KEY_FILE_BYTES and not member.endswith(".py")

    def look_at_content(self, member: str, content: bytes) -> None:
        """Judge a small file.

        Raises:
            ReleaseError: It is a key, or settings with a password.
        """
        if is_service_account_key(content):
            self._report(member, "a key of a Google service account")
        for name, credential, description in _BY_CONTENT:
            if name.search(member) and credential.search(content):
                self._report(member, description)
        is_key = _KEY_NAME.search(member) and _KEY_BEGIN.match(content)
        if is_key and not _FOR_TRIALS.search(member):
            raise holds_credentials(self._file_name, member, "a private key")

    def _report(self, member: str, description: str) -> None:
        if not _TESTS.search(member):
            raise holds_credentials(self._file_name, member, description)
        self._warnings.append(
            f"{self._file_name} holds {quoted(member)}, {description}; make sure that it is for "
            "tests only."
        )


def is_service_account_key(content: bytes) -> bool:
    """Tell whether it is the JSON that Google hands out as a service account's key."""
    if b"service_account" not in content or b"PRIVATE KEY" not in content:
        return False
    try:
        described = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(described, dict)
        and described.get("type") == "service_account"
        and "PRIVATE KEY" in str(described.get("private_key"))
    )
