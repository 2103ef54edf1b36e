"""The status of many packages as text for a terminal, as JSON and as Markdown; pure."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from dist_actions.abbreviation import LISTED_IN_SECTION
from dist_actions.commands.status.organisation.packages import (
    OrganisationStatus,
    PackageStatus,
    State,
)
from dist_actions.commands.status.organisation.waiting import Waiting
from dist_actions.commands.tables import show, write_table
from dist_actions.errors import DOCUMENTATION
from dist_actions.markdown import code, escape, table
from dist_actions.overview.table import NOTHING, EnvironmentStatus
from dist_actions.printable import json_line, printable_lines

#: Colours by state: select graphic rendition, as every terminal knows it.
_COLOURS: Mapping[State, str] = {"drift": "31", "blocked": "31", "waiting": "33", "unknown": "31"}
_HEADING = "1"


def count_packages(number: int) -> str:
    """Write a number of packages with its noun."""
    return f"{number} package{'' if number == 1 else 's'}"


def summarise(status: OrganisationStatus) -> str:
    """Say in a line how many packages there are, and how many need a look."""
    parts = [
        (status.count("waiting"), "waiting for a promotion"),
        (status.count("blocked"), "blocked"),
        (status.count("drift"), "with drift"),
        (status.count("unknown"), "not readable"),
    ]
    counted = [f"{number} {words}" for number, words in parts if number]
    state = ", ".join(counted) or ("all up to date" if status.packages else "none was released yet")
    return f"{count_packages(len(status.packages))}: {state}"


def describe_age(since: datetime, now: datetime) -> str:
    """Write how long ago something was, in the largest unit of which it is more than one."""
    seconds = max(int((now - since).total_seconds()), 0)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            number = seconds // length
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return "a moment"


def describe_waiting(waiting: Waiting, now: datetime) -> str:
    """Say what waits, how long and why."""
    age = describe_age(waiting.since, now)
    return f"{waiting.version} has waited {age} for {waiting.target}: {waiting.reason}"


def describe_problems(package: PackageStatus, now: datetime) -> tuple[str, ...]:
    """List what a person would look at, a sentence each."""
    waiting = (describe_waiting(row, now) for row in package.waiting)
    return tuple(filter(None, (package.problem, *package.drift, *waiting)))


def describe_first_release(status: OrganisationStatus) -> tuple[str, ...]:
    """Say where nothing was released yet what is shown once it is, and what to do until then."""
    if status.packages:
        return ()
    return (
        "A package is shown from its first GitHub release on, with a tag such as v1.0.0-dev.",
        "In a clone of its repository, `dist-actions init` writes the workflows that release it, "
        "and `dist-actions doctor` says what they lack on GitHub.",
        f"How it is set up: {DOCUMENTATION}/setup.md",
    )


def to_text(status: OrganisationStatus, *, width: int | None, colours: bool) -> str:
    """Write a table for each set of environments, as wide as the terminal.

    Args:
        width: Of the terminal, in characters; None where lines may have any length.
        colours: Whether the terminal shows them.
    """
    groups: dict[tuple[str, ...], list[PackageStatus]] = {}
    for package in status.packages:
        names = tuple(row.environment for row in package.environments)
        groups.setdefault(names, []).append(package)
    heading = show(f"{status.title}, {summarise(status)}")
    paragraphs = [heading, *describe_first_release(status)]
    wrap = partial(textwrap.wrap, break_long_words=False, break_on_hyphens=False)
    blocks = ["\n".join(wrap(text, width)) if width else text for text in paragraphs]
    for names, packages in groups.items():
        rows = [_row(package, status.read_at) for package in packages]
        choose = partial(_choose_colour, [package.state for package in packages])
        blocks.append(
            write_table(
                ["package", *names, ""],
                rows,
                width=width,
                colour_of=choose if colours else lambda _row, _column, _text: "",
            )
        )
    return "\n\n".join(blocks)


def _row(package: PackageStatus, now: datetime) -> list[str]:
    sentences = map(show, describe_problems(package, now))
    return [package.name, *map(_version, package.environments), "\n".join(sentences)]


def _choose_colour(states: Sequence[State], row: int, column: int, _text: str) -> str:
    if row == 0:
        return _HEADING
    return _COLOURS.get(states[row - 1], "") if column == 0 else ""


def _version(row: EnvironmentStatus) -> str:
    return str(row.version) if row.version else NOTHING


def to_markdown(status: OrganisationStatus) -> str:
    """Write the packages that need a look first, for a job summary."""
    order = ("unknown", "drift", "blocked", "waiting", "done")
    packages = sorted(status.packages, key=lambda package: order.index(package.state))
    rows = []
    for package in packages[:LISTED_IN_SECTION]:
        versions = " → ".join(
            f"{escape(row.environment)} {code(_version(row))}" for row in package.environments
        )
        problems = "<br/>".join(map(escape, describe_problems(package, status.read_at)))
        rows.append([f"[{escape(package.name)}]({package.url})", versions, problems])
    more = len(packages) - len(rows)
    parts = [
        f"### {escape(status.title)}",
        f"{escape(summarise(status))}.",
        table(["package", "versions", "needs a look"], rows) if rows else "",
        f"And {count_packages(more)} more." if more else "",
        *describe_first_release(status),
    ]
    return "\n".join(printable_lines("\n\n".join(part for part in parts if part)))


def to_json(status: OrganisationStatus) -> str:
    """Return all that is known as one line of JSON, with the keys of the actions' outputs."""
    document = {
        "organisation": status.title,
        "read-at": status.read_at.isoformat(timespec="seconds"),
        "other-repositories": status.others,
        "packages": [_package_json(package) for package in status.packages],
    }
    return json_line(document)


def _package_json(package: PackageStatus) -> dict[str, Any]:
    return {
        "name": package.name,
        "repository": package.repository,
        "state": package.state,
        "problem": package.problem,
        "environments": [_environment_json(row) for row in package.environments],
        "waiting": [
            {
                "from": row.source,
                "to": row.target,
                "version": str(row.version),
                "since": row.since.isoformat(timespec="seconds"),
                "state": row.state,
                "reason": row.reason,
                "pr-url": row.pull_request,
            }
            for row in package.waiting
        ],
        "drift": list(package.drift),
    }


def _environment_json(row: EnvironmentStatus) -> dict[str, Any]:
    return {
        "name": row.environment,
        "version": str(row.version) if row.version else "",
        "tag": row.tag,
        "commit": row.commit_sha,
        "published-at": row.published_at.isoformat(timespec="seconds") if row.published_at else "",
        "url": row.url,
        "install": row.install,
        "files": [{"name": file.name, "sha256": file.sha256} for file in row.files],
    }
