"""The text of a promotion's pull request; pure.

What stands between the markers is ours and written anew at every run; people write around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.environments import EnvironmentMap
from dist_actions.manifest import Manifest
from dist_actions.markdown import code, escape, table
from dist_actions.promote.planning import Commit, Observed, Promotion, Strategy
from dist_actions.tags import TagFormat

_BEGIN = "<!-- dist-actions: promotion -->"
_END = "<!-- /dist-actions: promotion -->"
#: GitHub refuses longer ones.
_LIMIT_CHARACTERS = 65_536
#: What is shown of a commit's subject.
_SUBJECT_CHARACTERS = 200

_BUTTONS = {
    "direct": "Any merge button will do; a merge commit keeps both histories joined.",
    "link": "A merge commit or a squash; a rebase cannot carry a commit with two parents. The "
    "branch is one commit that holds the released files and joins both histories, because an "
    "earlier squash or rebase had parted them.",
}


@dataclass(frozen=True)
class Standing:
    """What stands in one environment: its newest released tag, empty for none."""

    environment: str
    tag: str


def pull_request_body(
    promotion: Promotion,
    observed: Observed,
    strategy: Strategy,
    *,
    manifest: Manifest | None,
    gates: Sequence[str],
    commits: Sequence[Commit],
    standings: Sequence[Standing],
) -> str:
    """Our part of the body, with its markers.

    Args:
        promotion: What is promoted.
        observed: Both ends.
        strategy: How it is merged.
        manifest: Of the release in the source; None where it was not asked for.
        gates: The gates that were passed.
        commits: What it brings, the newest first.
        standings: What stands where, in the order of promotion.
    """
    files = manifest.files if manifest else ()
    sections = [
        f"Promotes {code(promotion.tag)} ({code(observed.source_commit[:7])}) from "
        f"{escape(promotion.source.name)} to {escape(promotion.target.name)}. "
        f"Passed: {escape(', '.join(gates) or 'no gate was asked for')}.",
        f"**How to merge:** {_BUTTONS[strategy]}",
        "### What stands where\n\n"
        + table(
            ["environment", "release"],
            [[escape(item.environment), code(item.tag) if item.tag else "—"] for item in standings],
        ),
        "### Commits\n\n"
        + "\n".join(
            f"- {code(commit.sha[:7])} {escape(commit.subject[:_SUBJECT_CHARACTERS])}"
            for commit in commits
        ),
    ]
    if files:
        rows = [[code(file.name), code(file.sha256)] for file in files]
        sections.append(f"### Files\n\n{table(['file', 'sha256'], rows)}")
    ending = (
        f"Promoted-From: {observed.source_commit}\n"
        f"Promoted-Tree: {observed.source_tree}\n"
        f"Promoted-Version: {promotion.version}\n{_END}"
    )
    text = f"{_BEGIN}\n" + "\n\n".join(sections)
    return f"{text[: _LIMIT_CHARACTERS - len(ending) - 2]}\n\n{ending}"


def merged_body(present: str, ours: str) -> str:
    """A body whose part between the markers is ours, and whose rest is kept."""
    present = present.replace("\r\n", "\n")
    before, begin, rest = present.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        return f"{ours}\n\n{present}".strip()[:_LIMIT_CHARACTERS]
    return f"{before}{ours}{after}"[:_LIMIT_CHARACTERS]


def newest_releases(
    tags: Sequence[str], tag_format: TagFormat, environments: EnvironmentMap
) -> tuple[Standing, ...]:
    """The newest release of each environment, in the order of promotion.

    Args:
        tags: Of published releases, in any order.
        tag_format: Of the project's tags.
        environments: The chain.
    """
    newest: dict[str, tuple[Version, str]] = {}
    for tag in tags:
        parsed = tag_format.parse(tag)
        if parsed:
            found = (parsed.version, tag)
            newest[parsed.suffix] = max(newest.get(parsed.suffix, found), found)
    return tuple(
        Standing(stage.name, newest[stage.suffix][1] if stage.suffix in newest else "")
        for stage in environments.stages
    )
