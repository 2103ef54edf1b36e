"""What messages of commits and pull requests say about where their changes come from; pure.

A squash stacks the messages of all that it holds, so one message can carry several claims: those
of an earlier environment too.
"""

import re
from dataclasses import dataclass

FROM, TREE, TO = "Promoted-From", "Promoted-Tree", "Promoted-To"
VERSION, PACKAGE = "Promoted-Version", "Promoted-Package"
BACK_MERGED_FROM = "Back-merged-From"

_SHA = r"(?P<sha>[0-9a-f]{40}|[0-9a-f]{64})"
_BACK_MERGED = re.compile(rf"^[ \t]*{BACK_MERGED_FROM}: {_SHA}[ \t\r]*$", re.MULTILINE)
_LINE = re.compile(rf"^[ \t]*(?P<key>{FROM}|{TREE}|{TO}): (?P<value>\S+)[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True)
class Claim:
    """That something is the promotion of a commit.

    Attributes:
        source: SHA of the commit.
        tree: What the target should hold after it.
        target: Name of the environment; empty where it is not told.
    """

    source: str
    tree: str = ""
    target: str = ""

    def is_about(self, target: str, tree: str) -> bool:
        """Whether it is about an environment that holds a tree.

        Before targets were told, the tree had to be exactly the promoted one. Of a package's
        promotion, which tells none either, it never is.
        """
        return self.target == target if self.target else self.tree == tree


def claims_of(message: str) -> tuple[Claim, ...]:
    """All claims of a message, each beginning with its source."""
    found: list[dict[str, str]] = []
    for line in _LINE.finditer(message):
        if line["key"] == FROM:
            found.append({})
        if found:
            found[-1].setdefault(line["key"], line["value"])
    return tuple(Claim(one[FROM], one.get(TREE, ""), one.get(TO, "")) for one in found)


def back_merged(message: str) -> tuple[str, ...]:
    """SHAs of the commits whose branch was merged back, as a message says."""
    return tuple(match["sha"] for match in _BACK_MERGED.finditer(message))
