"""A place that lists what tests need, and how its lines are read; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from dist_actions.versions.project_files import normalised


@dataclass(frozen=True)
class Source:
    """A place that lists what tests need.

    Attributes:
        label: How the summary calls it: `the extra test`.
        names: Normalised names of what it brings.
        arguments: What `pip install` is given for it: requirements, and options with their values.
        extra: The extra of the project that it is; empty for others.
        for_tests: Whether it is meant for tests, and not for all that developers do.
    """

    label: str
    names: frozenset[str]
    arguments: tuple[tuple[str, ...], ...] = ()
    extra: str = ""
    for_tests: bool = True


def inline_source(label: str, lines: Iterable[str]) -> Source:
    """Make a source whose requirements are given to pip one by one."""
    usable = tuple(line for line in lines if names_of([line]))
    arguments = dict.fromkeys((without_options(line),) for line in usable)
    return Source(label, names_of(usable), tuple(arguments))


def lines_of(value: object) -> list[str]:
    """List the lines of a text, or the texts of a list; nothing of any other value."""
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return (
        [line for line in value if isinstance(line, str)]
        if isinstance(value, (list, tuple))
        else []
    )


def parse_requirement(line: str) -> Requirement | None:
    """Parse a line; None where it is an option, or no requirement."""
    try:
        return Requirement(without_options(line))
    except InvalidRequirement:
        return None


def without_options(line: str) -> str:
    """Leave out what only a file of requirements may say of one, such as its hashes."""
    return " ".join(line.split(" --", maxsplit=1)[0].split())


def names_of(lines: Iterable[str]) -> frozenset[str]:
    """Name what requirements are for; lines that are none are left out."""
    requirements = (parse_requirement(line) for line in lines)
    return frozenset(normalised(each.name) for each in requirements if each)


def missing_names(needed: frozenset[str], names: frozenset[str]) -> frozenset[str]:
    """Name what is needed and not among these names.

    What is imported is often called like a part of its distribution: `wsgiadapter` is brought by
    `requests-wsgi-adapter`.
    """
    squashed = [name.replace("-", "") for name in names]
    return frozenset(
        name
        for name in needed - names
        if not any(name.replace("-", "") in other for other in squashed)
    )
