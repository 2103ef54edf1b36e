"""Parse a version as PEP 440 writes it; pure."""

from packaging.version import Version


def parse_version(text: str) -> Version | None:
    """Parse a version; None where it is none, or holds a number of more digits than Python reads.

    Spec: https://packaging.python.org/en/latest/specifications/version-specifiers/
    """
    try:
        return Version(text)
    except ValueError:  # `InvalidVersion` is one; so is a number with thousands of digits
        return None
