"""The status as text for a terminal, as JSON and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dist_actions.abbreviation import short_digest, short_sha
from dist_actions.commands.status.next_steps import NextStep
from dist_actions.commands.tables import show, write_table
from dist_actions.markdown import code, escape, table
from dist_actions.overview.table import (
    NOTHING,
    EnvironmentStatus,
    compare_bytes,
    environments_diagram,
    environments_table,
)
from dist_actions.printable import json_line, printable_lines

#: What each action means, for people.
MEANINGS = {
    "direct": "by the released commit itself",
    "link": "by one commit that holds the released files and joins both histories",
    "stitch": "by one commit that holds the released files and the target's own changes",
    "graft": "by one commit on the target's tip",
}
#: Colours by the word in a cell: select graphic rendition, as every terminal knows it.
_COLOURS = {"yes": "32", "no": "31", "stop": "31", "nothing": "2"}
_HEADING = "1"


@dataclass(frozen=True)
class Status:
    """What stands where, and what comes next, in the order of promotion."""

    github_repository: str
    statuses: tuple[EnvironmentStatus, ...]
    steps: tuple[NextStep, ...]

    def to_json(self) -> str:
        """Return the status as one line of JSON, with the keys of the actions' outputs."""
        document = {
            "repository": self.github_repository,
            "environments": [_status_json(status, self.statuses) for status in self.statuses],
            "next": [_step_json(step) for step in self.steps],
        }
        return json_line(document)

    def to_markdown(self) -> str:
        """Write table, diagram and next steps, for a job summary."""
        rows = [
            [f"{step.source} → {step.target}", step.action, _sentence(step)] for step in self.steps
        ]
        escaped = [[escape(cell) for cell in row] for row in rows]
        moving = next((step for step in self.steps if step.action in MEANINGS), None)
        promoted = (moving.source, moving.target) if moving else None
        parts = [
            f"### {code(self.github_repository)}",
            environments_table(self.statuses),
            environments_diagram(self.statuses, promoted, moving.tag if moving else ""),
            table(["promotion", "would do", ""], escaped),
            "\n".join(
                f"- {escape(line)}" for step in self.steps for line in describe_dependents(step)
            ),
        ]
        return "\n".join(printable_lines("\n\n".join(part for part in parts if part)))

    def to_text(self, *, width: int | None, colours: bool) -> str:
        """Write tables; what comes from elsewhere holds no control characters.

        Args:
            width: Of the terminal, in characters; None where lines may have any length.
            colours: Whether the terminal shows them.
        """
        write = partial(write_table, width=width, colour_of=_colour_of if colours else _no_colour)
        several = any(status.package for status in self.statuses)
        heading = ["environment", *(["package"] if several else []), "version", "commit", "tree"]
        heading.append(f"same bytes as {self.statuses[0].environment}")
        files = [
            [status.tag, short_digest(file.sha256), file.name]
            for status in self.statuses
            for file in status.files
        ]
        steps = [
            [f"{step.source} → {step.target}", step.action, "\n".join(_sentences(step))]
            for step in self.steps
        ]
        parts = [
            show(self.github_repository),
            write(heading, [_cells(status, self.statuses) for status in self.statuses]),
            write(["release", "sha256", "file"], files) if files else "",
            write(["promotion", "would do", ""], steps),
        ]
        return "\n\n".join(filter(None, parts))


def _sentences(step: NextStep) -> list[str]:
    """Say what a promotion would do, and what a person has to know of it."""
    packages = [
        f"{name} {before or NOTHING} → {after or NOTHING}" for name, before, after in step.packages
    ]
    sentences = [
        _sentence(step),
        *(f"only in {step.target}: {change}" for change in step.own_changes),
        *packages,
        *describe_dependents(step),
        *([f"Fix: {step.fix}"] if step.fix else []),
    ]
    return [show(sentence) for sentence in sentences]


def describe_dependents(step: NextStep) -> list[str]:
    """Say who in the target requires what would be promoted, a line each."""
    lines = [
        f"{dependent.version} in {step.target} requires {dependent.requirement}: "
        f"{'takes' if dependent.admits else 'does not take'} this version"
        for dependent in step.dependents
    ]
    unread = f"not known who depends on it in {step.target}: {step.unread}"
    return [*lines, *([unread] if step.unread else [])]


def _cells(status: EnvironmentStatus, statuses: Sequence[EnvironmentStatus]) -> list[str]:
    several = any(member.package for member in statuses)
    carried = f", carried from {status.carried_from}" if status.carried_from else ""
    return [
        status.environment,
        *([status.package] if several else []),
        str(status.version) if status.tag else NOTHING,
        short_sha(status.commit_sha) or NOTHING,
        short_sha(status.tree_sha) or NOTHING,
        f"{compare_bytes(status, statuses)}{carried}",
    ]


def _sentence(step: NextStep) -> str:
    if step.action in MEANINGS:
        opened = f"; open: {step.pull_request}" if step.pull_request else ""
        return f"{step.tag}, {MEANINGS[step.action]}{opened}"
    return f"{step.tag}: {step.reason}" if step.tag and step.action == "nothing" else step.reason


def _colour_of(row: int, _column: int, text: str) -> str:
    return _COLOURS.get(text.partition(",")[0], "") if row else _HEADING


def _no_colour(_row: int, _column: int, _text: str) -> str:
    return ""


def _status_json(
    status: EnvironmentStatus, statuses: Sequence[EnvironmentStatus]
) -> dict[str, Any]:
    same = compare_bytes(status, statuses)
    return {
        "name": status.environment,
        "package": status.package,
        "version": str(status.version) if status.version else "",
        "tag": status.tag,
        "commit": status.commit_sha,
        "tree": status.tree_sha,
        "carried-from": status.carried_from,
        "same-bytes": {"yes": True, "no": False}.get(same),
        "files": [{"name": file.name, "sha256": file.sha256} for file in status.files],
    }


def _step_json(step: NextStep) -> dict[str, Any]:
    return {
        "from": step.source,
        "to": step.target,
        "plan": step.action,
        "tag": step.tag,
        "reason": step.reason,
        "fix": step.fix,
        "own-changes": list(step.own_changes),
        "packages": [
            {"name": name, "from": before, "version": after}
            for name, before, after in step.packages
        ],
        "pr-url": step.pull_request,
        "dependents": [
            {
                "name": dependent.version.project,
                "version": str(dependent.version.version),
                "requires": dependent.requirement,
                "takes-it": dependent.admits,
            }
            for dependent in step.dependents
        ],
    }
