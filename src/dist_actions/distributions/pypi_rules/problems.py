"""A reason for which PyPI refuses a file; pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One reason.

    Attributes:
        field: What it is about: a field of the metadata, as `requires-dist`, or `filename`.
        text: What PyPI says of it, in its manner; a sentence.
        fix: What the project's maintainer can do, as the end of a sentence.
    """

    field: str
    text: str
    fix: str
