"""Find files of credentials in distributions, by their names and Google's keys by content.

Private keys are not looked for by content: many good sdists carry keys for their own tests.
"""

import json
import re

from dist_actions.distributions.checks.errors import holds_credentials, quoted

#: Never there on purpose. `gha-creds-*.json` is what google-github-actions/auth writes into the
#: workspace, and `.git/config` is where actions/checkout leaves the job's token.
_ALWAYS = re.compile(
    r"(^|/)(gha-creds-[^/]*\.json|\.pypirc|\.git-credentials|\.git/config|\.aws/credentials|"
    r"\.docker/config\.json|pypoetry/auth\.toml|application_default_credentials\.json)$"
)
#: There on purpose in tests of programs that read such files.
_OUTSIDE_TESTS = re.compile(r"(^|/)(\.netrc|\.env|id_(rsa|dsa|ecdsa|ed25519))$")
_TESTS = re.compile(r"(^|/)(tests?|testing)/")
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
        if _ALWAYS.search(member):
            raise holds_credentials(self._file_name, member, "a file of credentials")
        if _OUTSIDE_TESTS.search(member):
            self._report(member, "a file of credentials")

    def wants_content(self, member: str, size_bytes: int) -> bool:
        """Tell whether the content decides."""
        return member.endswith(".json") and size_bytes <= _KEY_FILE_BYTES

    def look_at_content(self, member: str, content: bytes) -> None:
        """Judge a small JSON file.

        Raises:
            ReleaseError: It is a key of a Google service account.
        """
        if is_service_account_key(content):
            self._report(member, "a key of a Google service account")

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
