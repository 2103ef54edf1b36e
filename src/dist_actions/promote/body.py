"""The text of a promotion's pull request; pure.

What stands between the markers is ours and written anew at every run; people write around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.environments import EnvironmentMap
from dist_actions.manifest import Manifest
from dist_actions.markdown import code, escape, table
from dist_actions.promote.planning import trailers
from dist_actions.promote.promotion import Commit, Observed, Promotion, Strategy
from dist_actions.tags import TagFormat

_BEGIN = "<!-- dist-actions: promotion -->"
_END = "<!-- /dist-actions: promotion -->"
#: GitHub refuses longer ones.
_LIMIT_CHARACTERS = 65_536
#: What is shown of a commit's subject.
_SUBJECT_CHARACTERS = 200

#: Paths that are listed; what follows is counted.
_LISTED_PATHS = 20

_ANY_BUTTON = "Any merge button will do; a merge commit keeps both histories joined."
_NO_REBASE = "A merge commit or a squash; a rebase would replay commits one by one that came by \
a merge, or that the target has in another form."
_LINK = "A merge commit or a squash; a rebase cannot carry a commit with two parents. The branch \
is one commit that holds the released files and joins both histories, because an earlier squash \
or rebase had parted them."
_GRAFT = "Any merge button will do. The branch is one commit that changes this package's folder \
and nothing else."


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
    manifests: Sequence[Manifest],
    gates: Sequence[str],
    commits: Sequence[Commit],
    standings: Sequence[Standing],
) -> str:
    """Our part of the body, with its markers.

    Args:
        promotion: What is promoted.
        observed: Both ends.
        strategy: How it is merged.
        manifests: Of the releases in the source; none where they were not asked for.
        gates: The gates that were passed.
        commits: What it brings, the newest first.
        standings: What stands where, in the order of promotion.
    """
    sections = [
        f"Promotes {_described(promotion)} ({code(observed.source_commit[:7])}) from "
        f"{escape(promotion.source.name)} to {escape(promotion.target.name)}. "
        f"Passed: {escape(', '.join(gates) or 'no gate was asked for')}.",
        f"**How to merge:** {_button(strategy, observed)}",
    ]
    if promotion.packages:
        sections.append(f"### Packages\n\n{package_table(promotion)}")
    if promotion.package:
        sections.append(_outside(observed))
    if standings:
        rows = [[escape(one.environment), code(one.tag) if one.tag else "—"] for one in standings]
        sections.append(f"### What stands where\n\n{table(['environment', 'release'], rows)}")
    listed = [
        f"- {code(one.sha[:7])} {escape(one.subject[:_SUBJECT_CHARACTERS])}" for one in commits
    ]
    sections.append("### Commits\n\n" + "\n".join(listed))
    files = [file for manifest in manifests for file in manifest.files]
    if files:
        rows = [[code(file.name), code(file.sha256)] for file in files]
        sections.append(f"### Files\n\n{table(['file', 'sha256'], rows)}")
    ending = "\n".join([*trailers(promotion, observed), _END])
    text = f"{_BEGIN}\n" + "\n\n".join(sections)
    return f"{text[: _LIMIT_CHARACTERS - len(ending) - 2]}\n\n{ending}"


def package_table(promotion: Promotion) -> str:
    """The packages with their versions in the target and in the source."""
    rows = []
    for state in promotion.packages:
        before = code(str(state.before)) if state.before else "—"
        after = code(str(state.version)) if state.version else "—"
        path = code(state.package.path)
        rows.append([code(state.package.name), path, before, after if state.moves else "unchanged"])
    return table(["package", "folder", f"in {escape(promotion.target.name)}", "promoted"], rows)


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


def _described(promotion: Promotion) -> str:
    if promotion.packages and promotion.package is None:
        return f"all packages, as they are at {code(promotion.tag)}"
    return code(promotion.tag)


def _button(strategy: Strategy, observed: Observed) -> str:
    if strategy == "graft":
        return _GRAFT
    if strategy == "link":
        return _LINK
    return _ANY_BUTTON if observed.linear else _NO_REBASE


def _outside(observed: Observed) -> str:
    """Notice of what a single package leaves behind."""
    said = "Files outside of packages travel with `package: all` only."
    if not observed.outside:
        return f"{said} None of them differs."
    shown = [code(path) for path in observed.outside[:_LISTED_PATHS]]
    more = len(observed.outside) - len(shown)
    listed = ", ".join(shown) + (f" and {more} more" if more else "")
    return f"{said} These differ in the target, if the package needs them: {listed}."
