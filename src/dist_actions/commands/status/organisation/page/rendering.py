"""Render the page of many packages. It is pure: their status in, one text out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dist_actions.abbreviation import short_sha
from dist_actions.commands.status.organisation.answer import (
    describe_age,
    describe_first_release,
    describe_waiting,
    summarise,
)
from dist_actions.commands.status.organisation.packages import OrganisationStatus, PackageStatus
from dist_actions.commands.status.organisation.page.history import choose_beginning, draw_history
from dist_actions.page.rendering import cleaner, count, render

#: What is said of each state, in the order in which people look.
_WORDS = {
    "drift": "drift",
    "blocked": "blocked",
    "waiting": "waits",
    "unknown": "not readable",
    "done": "up to date",
}


def render_status_page(status: OrganisationStatus) -> str:
    """Render the page."""
    beginning = choose_beginning(status)
    states = [(state, words, status.count(state)) for state, words in _WORDS.items()]
    values = {
        "status": status,
        "summary": summarise(status),
        "next_steps": describe_first_release(status),
        "words": _WORDS,
        "beginning": beginning,
        "states": [row for row in states if row[2]],
        "verdict": "success" if status.count("done") == len(status.packages) else "warning",
    }
    filters: dict[str, Callable[..., Any]] = {
        "age": lambda time: describe_age(time, status.read_at),
        "waits": lambda waiting: describe_waiting(waiting, status.read_at),
        "history": lambda package: draw_history(package, beginning, status.read_at),
        "searched": _searched_text,
        "short_sha": short_sha,
        "path": lambda text: quote(text, safe=""),
        "count": count,
    }
    return render(Path(__file__).parent, values, filters=filters, clean=cleaner())


def _searched_text(package: PackageStatus) -> str:
    """Join what a search finds a package by."""
    versions = (str(row.version) for row in package.environments if row.version)
    return " ".join([package.name, package.repository, *versions]).lower()
