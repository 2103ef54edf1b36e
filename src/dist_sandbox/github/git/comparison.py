"""How far two commits are apart."""

from dataclasses import dataclass

from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.git.loose_objects import NotLooseError, list_ancestors


@dataclass(frozen=True)
class Comparison:
    """How far a head is ahead of a base, and behind it, in commits."""

    ahead: int
    behind: int

    @property
    def status(self) -> str:
        """Return GitHub's word for it."""
        if self.ahead and self.behind:
            return "diverged"
        if self.ahead:
            return "ahead"
        return "behind" if self.behind else "identical"


def compare_commits(git: BareRepository, base: str, head: str) -> Comparison | None:
    """Compare two commits; None where they have no common history."""
    try:
        before, after = (list_ancestors(git.path, sha) for sha in (base, head))
    except NotLooseError:
        if git.git_or_none("merge-base", base, head) is None:
            return None
        counts = git.git("rev-list", "--left-right", "--count", f"{base}...{head}")
        behind, ahead = map(int, counts.split())
        return Comparison(ahead, behind)
    related = not before.isdisjoint(after)
    return Comparison(len(after - before), len(before - after)) if related else None
