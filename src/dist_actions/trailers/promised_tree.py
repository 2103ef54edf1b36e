"""Recognises by its message that a commit is a promotion, and what it promised to bring; pure.

A merge button makes the message: a squash has the pull request's title, and perhaps its text or
the messages of its commits; a merge commit names the branch. People can change all of them.
"""

import re
from dataclasses import dataclass

from dist_actions.trailers.messages import Claim, claims_of

_TITLE = re.compile(r"chore: promote \S.* to (?P<target>\S+)(?: \(#[0-9]+\))?")
_MERGE = re.compile(
    r"Merge (?:pull request #[0-9]+ from [^/\s]+/|(?:remote-tracking )?branch '(?:origin/)?)"
    r"(?P<branch>promote/[^\s']+)(?:'.*)?"
)


@dataclass(frozen=True)
class Promised:
    """A commit that says that it is a promotion.

    Attributes:
        target: Name of the environment.
        trees: What its message promises, 40 or 64 hex digits each: none where it does not tell,
            several where it contradicts itself.
    """

    target: str
    trees: frozenset[str] = frozenset()

    @property
    def tree(self) -> str:
        """The tree that is promised; empty where the message does not settle it."""
        return next(iter(self.trees)) if len(self.trees) == 1 else ""


def find_promise(message: str, target: str) -> Promised | None:
    """What a commit's message says of a promotion to an environment; None where it is none.

    A message can hold claims about other environments too, which a squash took along: only those
    that name this one count. Promotions of a single package name none; theirs count where the
    subject says where they go.

    Args:
        message: The commit's, subject and body.
        target: Name of the environment.
    """
    claims = [claim for claim in claims_of(message) if claim.tree]
    named = {claim.tree for claim in claims if claim.target == target}
    if named:
        return Promised(target, frozenset(named))
    if not _is_subject_of_promotion(message.partition("\n")[0].strip(), target):
        return None
    return Promised(target, _last_unnamed(claims))


def _is_subject_of_promotion(subject: str, target: str) -> bool:
    title, merge = _TITLE.fullmatch(subject), _MERGE.fullmatch(subject)
    if merge is not None:
        return merge["branch"].endswith(f"-to-{target}")
    return title is not None and title["target"] == target


def _last_unnamed(claims: list[Claim]) -> frozenset[str]:
    return frozenset([claim.tree for claim in claims if not claim.target][-1:])
