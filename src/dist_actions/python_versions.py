"""Which Pythons a project is tested on; pure."""

import re
from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from dist_actions.errors import InputError

#: The Pythons that are maintained. Spec: https://devguide.python.org/versions/
MAINTAINED = ("3.10", "3.11", "3.12", "3.13", "3.14")
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")


def python_versions(requires_python: str, classifiers: Iterable[str]) -> tuple[str, ...]:
    """The maintained Pythons that a project supports, oldest first.

    Args:
        requires_python: Its `requires-python`; empty for any.
        classifiers: Its trove classifiers; where they name Pythons, only those are meant.

    Raises:
        InputError: `requires_python` is no specifier, or leaves no maintained Python.
    """
    try:
        allowed = SpecifierSet(requires_python)
    except InvalidSpecifier as error:
        raise _unusable(requires_python, "it is no version specifier") from error
    # A specifier such as >=3.10.2 admits the series though not its first release.
    fitting = [version for version in MAINTAINED if allowed.contains(f"{version}.99")]
    named = {found[1] for text in classifiers if (found := _CLASSIFIER.fullmatch(text))}
    chosen = tuple(version for version in fitting if not named or version in named)
    if not chosen:
        raise _unusable(requires_python, f"it leaves none of {', '.join(MAINTAINED)}")
    return chosen


def _unusable(requires_python: str, problem: str) -> InputError:
    return InputError(
        f"requires-python {requires_python!r} cannot be used: {problem}.",
        why="the test matrix is made from requires-python and the classifiers.",
        fix="correct requires-python, or give the matrix in the workflow by hand.",
        anchor="python-versions",
    )
