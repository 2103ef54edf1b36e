"""What stands in each environment of the chain, as a table and as a picture; pure.

Pull requests, job summaries and `dist-actions status` show the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from packaging.version import Version

from dist_actions.distributions.manifest import ManifestFile
from dist_actions.markdown import code, escape, table

#: Digits that are shown of a commit or tree, as git does, and of a sha256.
SHORT_SHA, SHORT_SHA256 = 7, 12
#: Files in a cell and packages in a box; what follows is counted.
_LISTED = 6
#: Stands for what is not there.
NOTHING = "—"


@dataclass(frozen=True)
class Standing:
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
    """

    environment: str
    tag: str = ""
    version: Version | None = None
    commit_sha: str = ""
    tree_sha: str = ""
    files: tuple[ManifestFile, ...] = ()
    carried_from: str = ""
    package: str = ""

    def has_files_of(self, other: "Standing") -> bool:
        """Whether both have the same files, byte for byte; false where one's are not known."""
        mine, others = ({(file.name, file.sha256) for file in one.files} for one in (self, other))
        return bool(mine) and mine == others


def chain_table(standings: Sequence[Standing]) -> str:
    """The environments with what stands in them, as Markdown; empty where there are none.

    Args:
        standings: In the order of promotion; of several packages, a row for each in each.
    """
    if not standings:
        return ""
    several = any(one.package for one in standings)
    header = ["environment", *(["package"] if several else []), "version", "commit", "tree"]
    header += ["files, sha256", f"same bytes as {escape(standings[0].environment)}"]
    rows = []
    for one in standings:
        cells = [escape(one.environment), *([code(one.package)] if several else [])]
        cells += [_code(one.tag and str(one.version)), _code(one.commit_sha[:SHORT_SHA])]
        cells += [_code(one.tree_sha[:SHORT_SHA]), _files(one.files)]
        carried = f", carried from {code(one.carried_from)}" if one.carried_from else ""
        rows.append([*cells, f"{compared(one, standings)}{carried}"])
    return table(header, rows)


def compared(standing: Standing, standings: Sequence[Standing]) -> str:
    """Whether it has the bytes of the first environment, in a few words.

    Returns:
        `yes`, `no`, `another version`, `unknown`, or a dash where there is nothing to compare.
    """
    first = next(one for one in standings if one.package == standing.package)
    if standing is first or not standing.tag or not first.tag:
        return NOTHING
    if standing.version != first.version:
        return "another version"
    if not standing.files or not first.files:
        return "unknown"
    return "yes" if standing.has_files_of(first) else "no"


def chain_picture(
    standings: Sequence[Standing], promoted: tuple[str, str] | None = None, label: str = ""
) -> str:
    """The chain as a mermaid flowchart in a block of code; empty where there are no environments.

    Args:
        standings: In the order of promotion.
        promoted: Names of the environments between which something is promoted; that arrow is
            thick.
        label: What is promoted: `v0.5.0`.
    """
    names = list(dict.fromkeys(one.environment for one in standings))
    if not names:
        return ""
    boxes = {name: [one for one in standings if one.environment == name] for name in names}
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


def _same(before: Sequence[Standing], after: Sequence[Standing]) -> bool:
    """Whether all that stands behind an arrow is, byte for byte, what stands before it."""
    pairs = list(zip(before, after, strict=False))
    return bool(pairs) and all(there.has_files_of(here) for here, there in pairs)


def _arrow(source: str, line: str, text: str, target: str) -> str:
    return (
        f'  {source} {line}|"{_plain(text)}"| {target}' if text else f"  {source} {line} {target}"
    )


def _box(name: str, standings: Sequence[Standing]) -> str:
    texts = [
        f"{one.package} {one.version if one.tag else NOTHING}".strip()
        for one in standings[:_LISTED]
    ]
    more = len(standings) - _LISTED
    return "<br/>".join(map(_plain, [name, *texts, *([f"and {more} more"] if more > 0 else [])]))


def _plain(text: str) -> str:
    """Text that ends no label of a picture, whatever it holds."""
    return "".join(char if char.isalnum() or char in " .-_+!/@—" else "?" for char in text)


def _files(files: Sequence[ManifestFile]) -> str:
    shown = [f"{code(one.name)} {code(one.sha256[:SHORT_SHA256])}" for one in files[:_LISTED]]
    more = len(files) - _LISTED
    return "<br/>".join([*shown, *([f"and {more} more"] if more > 0 else [])]) or NOTHING


def _code(text: str) -> str:
    return code(text) if text else NOTHING
