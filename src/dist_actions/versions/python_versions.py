"""Decide on which Pythons a project is tested; pure."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from dist_actions.errors import InputError, Location

#: The Pythons that are maintained. Spec: https://devguide.python.org/versions/
MAINTAINED = ("3.10", "3.11", "3.12", "3.13", "3.14")
#: Between alternatives of a requirement, of which one has to hold.
ALTERNATIVE = "||"
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")


@dataclass(frozen=True)
class MatrixEntry:
    """One Python of a test matrix.

    Attributes:
        python: Its series, `3.12`.
        experimental: Whether the project may be installed there but does not name it as supported,
            so that a failure there should not stop a release.
    """

    python: str
    experimental: bool


@dataclass(frozen=True)
class PythonMatrix:
    """The Pythons of a test matrix, oldest first; at least one of them is supported."""

    entries: tuple[MatrixEntry, ...]

    @property
    def supported(self) -> tuple[str, ...]:
        """List the Pythons on which tests must pass."""
        return tuple(entry.python for entry in self.entries if not entry.experimental)

    def as_dict(self) -> dict[str, list[dict[str, str | bool]]]:
        """Build `strategy.matrix`: `{"include": [{"python": …, "experimental": …}, …]}`.

        Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
        """
        return {
            "include": [
                {"python": entry.python, "experimental": entry.experimental}
                for entry in self.entries
            ]
        }

    def to_json(self) -> str:
        """Write the same as JSON."""
        return json.dumps(self.as_dict())


def python_matrix(
    requires_python: str, classifiers: Iterable[str], location: Location | None = None
) -> PythonMatrix:
    """List the maintained Pythons that a project can be installed on.

    Args:
        requires_python: Its `requires-python`; empty for any. Alternatives, which poetry allows,
            are separated by `||`.
        classifiers: Its trove classifiers. The maintained Pythons that they name are supported,
            the others experimental; where they name none of them, they are out of date and tell
            nothing.
        location: Where `requires_python` stands, for messages.

    Raises:
        InputError: `requires_python` is no specifier, or leaves no maintained Python.
    """
    try:
        allowed = [SpecifierSet(text) for text in requires_python.split(ALTERNATIVE)]
    except InvalidSpecifier as error:
        raise _unusable(requires_python, "it is no version specifier", location) from error
    fitting = [series for series in MAINTAINED if _admits(allowed, series)]
    if not fitting:
        problem = f"it leaves none of {', '.join(MAINTAINED)}"
        raise _unusable(requires_python, problem, location)
    matches = (_CLASSIFIER.fullmatch(text.strip()) for text in classifiers)
    in_classifiers = {match[1] for match in matches if match}
    supported = in_classifiers.intersection(fitting) or fitting
    return PythonMatrix(
        tuple(MatrixEntry(version, version not in supported) for version in fitting)
    )


def _admits(alternatives: Sequence[SpecifierSet], series: str) -> bool:
    # Tests run on the newest release of a series: >=3.10.2 admits it, <=3.12 does not.
    return any(specifiers.contains(f"{series}.99") for specifiers in alternatives)


def _unusable(requires_python: str, problem: str, location: Location | None) -> InputError:
    return InputError(
        f"requires-python {requires_python!r} cannot be used: {problem}.",
        why="the test matrix is made from requires-python and the classifiers.",
        fix="correct requires-python, or give the matrix in the workflow by hand.",
        location=location,
        anchor="python-versions",
    )
