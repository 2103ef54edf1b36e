"""The status as text for a terminal, as JSON and as Markdown."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dist_actions.abbreviation import short_digest, short_sha
from dist_actions.commands.status.next_steps import NextStep
from dist_actions.markdown import code, escape, table
from dist_actions.overview.table import (
    NOTHING,
    EnvironmentStatus,
    compare_bytes,
    environments_diagram,
    environments_table,
)
from dist_actions.printable import printable_lines

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
        # A runner would take a command of its older form for one anywhere in a line.
        return json.dumps(document).replace("##[", "##\\u005b")

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

    def to_text(self, *, colours: bool) -> str:
        """Write aligned columns; what comes from elsewhere holds no control characters."""
        paint = _paint if colours else _plain
        several = any(status.package for status in self.statuses)
        heading = ["environment", *(["package"] if several else []), "version", "commit", "tree"]
        heading.append(f"same bytes as {self.statuses[0].environment}")
        rows = [
            [_clean(cell) for cell in _cells(status, self.statuses)] for status in self.statuses
        ]
        files = [
            [_clean(status.tag), short_digest(file.sha256), _clean(file.name)]
            for status in self.statuses
            for file in status.files
        ]
        parts = [_clean(self.github_repository), _aligned([heading, *rows], paint)]
        if files:
            parts.append(_aligned([["release", "sha256", "file"], *files], paint))
        parts.append(_aligned([["promotion", "would do", ""], *self._step_rows()], paint))
        return "\n\n".join(parts)

    def _step_rows(self) -> list[list[str]]:
        rows = []
        for step in self.steps:
            first = [f"{step.source} → {step.target}", step.action, _sentence(step)]
            more = [f"only in {step.target}: {change}" for change in step.own_changes]
            more += [
                f"{name} {before or NOTHING} → {after or NOTHING}"
                for name, before, after in step.packages
            ]
            more += describe_dependents(step)
            more += [f"Fix: {step.fix}"] if step.fix else []
            rows += [first, *(["", "", text] for text in more)]
        return [[_clean(cell) for cell in row] for row in rows]


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


def _clean(text: str) -> str:
    return " ".join(printable_lines(text))


def _aligned(rows: Sequence[Sequence[str]], paint: Callable[[str, str], str]) -> str:
    """Format columns as wide as their widest cell; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        cells = []
        for cell, width in zip(row, widths, strict=True):
            colour = _HEADING if number == 0 else _COLOURS.get(cell.partition(",")[0], "")
            cells.append(paint(cell, colour) + " " * (width - len(cell)))
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text else text


def _plain(text: str, colour: str) -> str:  # noqa: ARG001 - stands in for `_paint`
    return text


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
