"""What stands in each environment, as a table and as a diagram; pure.

Pull requests, job summaries and `dist-actions status` show the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from packaging.version import Version

from dist_actions.abbreviation import LISTED_IN_CELL, short_digest, short_sha
from dist_actions.distributions.manifest import ManifestFile
from dist_actions.markdown import code, escape, table

#: Stands for what is not there.
NOTHING = "—"


@dataclass(frozen=True)
class EnvironmentStatus:
    """The newest published release of a project in one environment.

    Attributes:
        environment: Name of the environment.
        tag: Its tag; empty where nothing was released there, and then everything else is too.
        version: Its version.
        commit_sha: What the tag points to, peeled; empty where it was not read.
        tree_sha: Tree of that commit; empty where it was not read.
        files: What it consists of; empty where that is not known.
        carried_from: Tag of the release whose files it has; empty where they were built for it.
        package: Normalised name; empty in a repository of one package.
        url: Page of the release, and so for the next two: empty where it was not read.
        published_at: When it was published.
        install: The command that installs exactly this release, as its notes have it.
    """

    environment: str
    tag: str = ""
    version: Version | None = None
    commit_sha: str = ""
    tree_sha: str = ""
    files: tuple[ManifestFile, ...] = ()
    carried_from: str = ""
    package: str = ""
    url: str = ""
    published_at: datetime | None = None
    install: str = ""

    def has_files_of(self, status: "EnvironmentStatus") -> bool:
        """Tell whether both have the same files, byte for byte; false where one's are unknown."""
        files = {(file.name, file.sha256) for file in self.files}
        return bool(files) and files == {(file.name, file.sha256) for file in status.files}


def environments_table(statuses: Sequence[EnvironmentStatus]) -> str:
    """Write the environments with what stands in them as Markdown; empty where there are none.

    Statuses stand in the order of promotion; of several packages, each has a row of its own.
    """
    if not statuses:
        return ""
    several = any(status.package for status in statuses)
    header = ["environment", *(["package"] if several else []), "version", "commit", "tree"]
    header += ["files, sha256", f"same bytes as {escape(statuses[0].environment)}"]
    rows = []
    for status in statuses:
        cells = [escape(status.environment), *([code(status.package)] if several else [])]
        cells += [_code(status.tag and str(status.version)), _code(short_sha(status.commit_sha))]
        cells += [_code(short_sha(status.tree_sha)), _files(status.files)]
        carried = f", carried from {code(status.carried_from)}" if status.carried_from else ""
        rows.append([*cells, f"{compare_bytes(status, statuses)}{carried}"])
    return table(header, rows)


def compare_bytes(status: EnvironmentStatus, statuses: Sequence[EnvironmentStatus]) -> str:
    """Tell in a few words whether it has the bytes of the first environment.

    Returns:
        `yes`, `no`, `another version`, `unknown`, or a dash where there is nothing to compare.
    """
    first = next(first for first in statuses if first.package == status.package)
    if status is first or not status.tag or not first.tag:
        return NOTHING
    if status.version != first.version:
        return "another version"
    if not status.files or not first.files:
        return "unknown"
    return "yes" if status.has_files_of(first) else "no"


def environments_diagram(
    statuses: Sequence[EnvironmentStatus], promoted: tuple[str, str] | None = None, label: str = ""
) -> str:
    """Draw the environments as a mermaid flowchart in a block of code; empty where there are none.

    Args:
        statuses: In the order of promotion.
        promoted: Names of the environments between which something is promoted; that arrow is
            thick.
        label: What is promoted: `v0.5.0`.
    """
    names = list(dict.fromkeys(status.environment for status in statuses))
    if not names:
        return ""
    boxes = {name: [status for status in statuses if status.environment == name] for name in names}
    lines = [f'  e{index}["{_box(name, boxes[name])}"]' for index, name in enumerate(names)]
    if promoted is not None and not set(promoted) <= set(names):
        promoted = None
    for index, pair in enumerate(pairwise(names)):
        if pair != promoted:
            same = _same(boxes[pair[0]], boxes[pair[1]])
            lines.append(_arrow(f"e{index}", "-->", "same bytes" if same else "", f"e{index + 1}"))
    if promoted is not None:
        source, target = (f"e{names.index(name)}" for name in promoted)
        lines.append(_arrow(source, "==>", f"promote {label}".rstrip(), target))
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])


def _same(before: Sequence[EnvironmentStatus], after: Sequence[EnvironmentStatus]) -> bool:
    """Tell whether both sides of an arrow hold the same bytes."""
    pairs = list(zip(before, after, strict=False))
    return bool(pairs) and all(second.has_files_of(first) for first, second in pairs)


def _arrow(source: str, line: str, text: str, target: str) -> str:
    return (
        f'  {source} {line}|"{_plain(text)}"| {target}' if text else f"  {source} {line} {target}"
    )


def _box(name: str, statuses: Sequence[EnvironmentStatus]) -> str:
    texts = [
        f"{status.package} {status.version if status.tag else NOTHING}".strip()
        for status in statuses[:LISTED_IN_CELL]
    ]
    more = len(statuses) - LISTED_IN_CELL
    return "<br/>".join(map(_plain, [name, *texts, *([f"and {more} more"] if more > 0 else [])]))


def _plain(text: str) -> str:
    """Replace what could end a label of the diagram."""
    return "".join(char if char.isalnum() or char in " .-_+!/@—" else "?" for char in text)


def _files(files: Sequence[ManifestFile]) -> str:
    entries = [f"{code(file.name)} {code(short_digest(file.sha256))}" for file in files]
    more = len(files) - LISTED_IN_CELL
    return (
        "<br/>".join([*entries[:LISTED_IN_CELL], *([f"and {more} more"] if more > 0 else [])])
        or NOTHING
    )


def _code(text: str) -> str:
    return code(text) if text else NOTHING
