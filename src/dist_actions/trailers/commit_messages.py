"""What messages of commits and pull requests say about where their changes come from; pure.

A squash stacks the messages of all that it holds, so one message can tell of several promotions:
those to an earlier environment too. A merge button makes the message: a squash has the pull
request's title, and perhaps its text or the messages of its commits; a merge commit names the
branch. People can change all of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

FROM, TREE, TO = "Promoted-From", "Promoted-Tree", "Promoted-To"
VERSION, PACKAGE = "Promoted-Version", "Promoted-Package"
BACK_MERGED_FROM = "Back-merged-From"

_SHA = r"(?P<sha>[0-9a-f]{40}|[0-9a-f]{64})"
_BACK_MERGED = re.compile(rf"^[ \t]*{BACK_MERGED_FROM}: {_SHA}[ \t\r]*$", re.MULTILINE)
_LINE = re.compile(rf"^[ \t]*(?P<key>{FROM}|{TREE}|{TO}): (?P<value>\S+)[ \t\r]*$", re.MULTILINE)
_TITLE = re.compile(r"chore: promote \S.* to (?P<target>\S+)(?: \(#[0-9]+\))?")
_BACK_MERGE_TITLE = re.compile(r"chore: back-merge \S+ into \S+(?: \(#[0-9]+\))?")
_MERGE = re.compile(
    r"Merge (?:pull request #[0-9]+ from [^/\s]+/|(?:remote-tracking )?branch '(?:origin/)?)"
    r"(?P<branch>promote/[^\s']+)(?:'.*)?"
)


@dataclass(frozen=True)
class PromotionTrailers:
    """Trailers by which something says that it is the promotion of a commit.

    Attributes:
        source: SHA of the commit.
        tree: What the target should hold after it.
        target: Name of the environment; empty where it is not told.
    """

    source: str
    tree: str = ""
    target: str = ""

    def is_about(self, target: str, tree: str) -> bool:
        """Tell whether they are about an environment that holds a tree.

        Before targets were told, the tree had to be exactly the promoted one. Of a package's
        promotion, which tells none either, they never are.
        """
        return self.target == target if self.target else self.tree == tree


@dataclass(frozen=True)
class PromisedTree:
    """What a commit that says that it is a promotion promises to bring.

    Attributes:
        target: Name of the environment.
        trees: What its message promises, 40 or 64 hex digits each: none where it does not tell,
            several where it contradicts itself.
    """

    target: str
    trees: frozenset[str] = frozenset()

    @property
    def tree(self) -> str:
        """Return the tree; empty where the message does not settle it."""
        return next(iter(self.trees)) if len(self.trees) == 1 else ""


def read_promotion_trailers(message: str) -> tuple[PromotionTrailers, ...]:
    """Read the trailers of all promotions in a message, each beginning with its source."""
    promotions: list[dict[str, str]] = []
    for line in _LINE.finditer(message):
        if line["key"] == FROM:
            promotions.append({})
        if promotions:
            promotions[-1].setdefault(line["key"], line["value"])
    return tuple(
        PromotionTrailers(values[FROM], values.get(TREE, ""), values.get(TO, ""))
        for values in promotions
    )


def read_back_merges(message: str) -> tuple[str, ...]:
    """Read the SHAs of the commits whose branch was merged back, as a message says."""
    return tuple(match["sha"] for match in _BACK_MERGED.finditer(message))


def is_about_environments(message: str) -> bool:
    """Tell whether a commit or a pull request only carries changes from one branch to another."""
    subject = message.strip().partition("\n")[0].strip()
    return bool(
        any(pattern.fullmatch(subject) for pattern in (_TITLE, _BACK_MERGE_TITLE, _MERGE))
        or read_promotion_trailers(message)
        or read_back_merges(message)
    )


def find_promised_tree(message: str, target: str) -> PromisedTree | None:
    """Read from a commit's message what its promotion brings; None where it is no promotion.

    A message can tell of promotions to other environments too, which a squash took along: only
    those that name this one count. Promotions of a single package name none; theirs count where
    the subject says where they go.
    """
    promotions = [trailers for trailers in read_promotion_trailers(message) if trailers.tree]
    trees = {trailers.tree for trailers in promotions if trailers.target == target}
    if trees:
        return PromisedTree(target, frozenset(trees))
    if not _is_subject_of_promotion(message.partition("\n")[0].strip(), target):
        return None
    return PromisedTree(target, _last_without_target(promotions))


def _is_subject_of_promotion(subject: str, target: str) -> bool:
    title, merge = _TITLE.fullmatch(subject), _MERGE.fullmatch(subject)
    if merge is not None:
        return merge["branch"].endswith(f"-to-{target}")
    return title is not None and title["target"] == target


def _last_without_target(promotions: Sequence[PromotionTrailers]) -> frozenset[str]:
    return frozenset([trailers.tree for trailers in promotions if not trailers.target][-1:])
