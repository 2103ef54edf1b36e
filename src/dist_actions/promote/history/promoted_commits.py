"""Tells which commits of a target's own line are promotions, and of what; pure.

The line is read from the oldest commit to the newest, because a promotion only ever goes forward:
a tree that the source had before what the target holds by then, is a revert that somebody made by
hand, and must not be undone silently.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dist_actions.promote.history.commits import History
from dist_actions.promote.promotion import Commit
from dist_actions.services.github.facts import MergedPull
from dist_actions.trailers.commit_messages import (
    PromotionTrailers,
    read_back_merges,
    read_promotion_trailers,
)


@dataclass(frozen=True)
class Question:
    """What the line is asked about.

    Attributes:
        source: The promoted commit.
        branch: Tip of the source's branch, which may be newer; empty where it is not known.
        target: Tip of the target's branch.
        target_name: Name of the target's environment.
        source_branch: Name of the source's branch.
        of_packages: Whether a commit changed folders of packages alone, to what the source has or
            had there.
    """

    source: str
    branch: str
    target: str
    target_name: str
    source_branch: str
    of_packages: Callable[[Commit], bool] = field(default=lambda _: False)


@dataclass(frozen=True)
class Arrivals:
    """What each commit of the target's line is.

    Attributes:
        last: The last source commit that arrived; empty for none.
        holds_source: Whether the promoted commit arrived before.
        own: Changes that may stand and came from nowhere in the source, the newest first.
        uncertain: Commits of which a pull request could tell more, the newest first; also those
            that do not stand any more, because merges further up rest on them.
        edited: Promotions that brought other files than the source's.
        later: Promotions of what the source holds only after the promoted commit.
        unknown: Promotions of commits that the source does not hold.
    """

    last: str
    holds_source: bool
    own: tuple[Commit, ...]
    uncertain: tuple[Commit, ...]
    edited: tuple[Commit, ...]
    later: tuple[Commit, ...]
    unknown: tuple[Commit, ...]


def recognise(history: History, question: Question, pulls: Mapping[str, MergedPull]) -> Arrivals:
    """Read the target's line, and note in the history what its commits hold of the source.

    Args:
        history: Gets a join for each promotion and for each back-merge.
        question: What is asked.
        pulls: What is known of the pull requests by which its commits came.
    """
    return _Reading(history, question, pulls).read()


class _Reading:
    """One pass over the line."""

    def __init__(
        self, history: History, question: Question, pulls: Mapping[str, MergedPull]
    ) -> None:
        self._history, self._question, self._pulls = history, question, pulls
        trunk = {commit.sha for commit in history.first_parents(question.source)}
        self._line: list[Commit] = []
        #: The last source commit that arrived, and all that the target has of the source by then.
        self._last = ""
        for commit in history.first_parents(question.target):
            if commit.sha in trunk:
                self._last = commit.sha
                break
            self._line.append(commit)
        # What the source got by a back-merge alone, is the target's and nothing that arrived there.
        line = {commit.sha for commit in self._line}
        self._lineage = history.ancestors(question.source, beyond=line)
        self._known = history.ancestors(question.source, question.branch, beyond=line)
        self._trees: dict[str, list[str]] = {}
        for tip in (question.branch, question.source):
            for commit in history.first_parents(tip):
                if commit.sha in self._known:
                    self._trees.setdefault(commit.tree_sha, []).append(commit.sha)
        self._uncertain: list[Commit] = []
        self._found: dict[str, list[Commit]] = {"own": [], "edited": [], "later": [], "unknown": []}

    def read(self) -> Arrivals:
        self._join_back_merges()
        history, question = self._history, self._question
        self._arrived = history.ancestors(self._last) if self._last else set()
        for commit in reversed(self._line):
            self._read(commit)
        descent = history.ancestors(question.source)
        own = [one for one in reversed(self._found["own"]) if one.sha not in descent]
        return Arrivals(
            last=self._last,
            holds_source=question.source in self._arrived,
            own=tuple(own),
            uncertain=tuple(reversed(self._uncertain)),
            edited=tuple(reversed(self._found["edited"])),
            later=tuple(reversed(self._found["later"])),
            unknown=tuple(one for one in self._found["unknown"] if one.sha not in descent),
        )

    def _join_back_merges(self) -> None:
        line = {commit.sha for commit in self._line}
        for sha in self._history.oldest_first(self._known):
            for held in read_back_merges(self._history.commits[sha].message):
                if held in line:
                    self._history.join(sha, held)

    def _read(self, commit: Commit) -> None:
        before = self._history.commits.get(commit.parents[0]) if commit.parents else None
        named = [sha for sha in self._named(commit) if sha in self._known]
        source = self._history.newest(sha for sha in named if sha in self._lineage)
        if source in self._arrived or not source:
            source = self._same_files(commit)
        if source and self._arrive(commit, source):
            return
        if before and before.tree_sha == commit.tree_sha:
            return
        if self._question.of_packages(commit):
            return
        if len(commit.parents) == 1:
            self._uncertain.append(commit)
        if self._is_later(commit, named):
            self._found["later"].append(commit)
        elif self._names_unknown(commit):
            self._found["unknown"].append(commit)
        else:
            self._found["own"].append(commit)

    def _arrive(self, commit: Commit, source: str) -> bool:
        """Note a promotion; False where it cannot be one."""
        more = self._history.ancestors(source, beyond=self._arrived)
        if commit.sha in more:
            return False
        if source != self._last:
            joined = self._history.joins.get(commit.sha, ())
            self._history.joins[commit.sha] = (*joined, source)
        self._arrived |= more
        self._last = source
        if self._history.commits[source].tree_sha == commit.tree_sha:
            # The target held exactly this, so nothing from before stands.
            for commits in self._found.values():
                commits.clear()
        else:
            self._found["edited"].append(commit)
        return True

    def _named(self, commit: Commit) -> Iterator[str]:
        """Commits that a commit may be the promotion of, as it says or its pull request."""
        yield from commit.parents[1:]
        yield from (claim.source for claim in self._claims(commit))
        pull = self._pulls.get(commit.sha)
        if pull:
            yield pull.head_sha

    def _claims(self, commit: Commit) -> Iterable[PromotionTrailers]:
        name = self._question.target_name
        pull = self._pulls.get(commit.sha)
        merged = (self._history.commits.get(sha) for sha in commit.parents[1:])
        texts = [(one.message, one.tree_sha) for one in (commit, *merged) if one]
        if pull:
            texts.append((pull.body, commit.tree_sha))
        for text, tree in texts:
            yield from (
                claim for claim in read_promotion_trailers(text) if claim.is_about(name, tree)
            )

    def _same_files(self, commit: Commit) -> str:
        """The first source commit with the same files that is not older than the last one."""
        same = self._trees.get(commit.tree_sha, [])
        for sha in self._history.oldest_first(sha for sha in same if sha in self._lineage):
            if sha == self._last or not self._last:
                return sha
            if sha not in self._arrived and self._follows(sha):
                return sha
        return ""

    def _is_later(self, commit: Commit, named: Sequence[str]) -> bool:
        """Whether a commit is the promotion of what is newer than the promoted commit."""
        if any(sha not in self._lineage for sha in named):
            return True
        same = self._trees.get(commit.tree_sha, [])
        newer = [sha for sha in same if sha not in self._lineage]
        return any(commit.sha not in self._history.ancestors(sha) for sha in newer)

    def _follows(self, sha: str) -> bool:
        """Whether a source commit descends from the last one that arrived."""
        between = self._history.ancestors(sha, beyond=self._arrived)
        return any(self._last in self._history.parents(one) for one in between)

    def _names_unknown(self, commit: Commit) -> bool:
        """Whether a commit is a promotion of something that the source does not hold."""
        if any(claim.source not in self._known for claim in self._claims(commit)):
            return True
        pull = self._pulls.get(commit.sha)
        ours = f"-to-{self._question.target_name}"
        return pull is not None and (
            pull.head == self._question.source_branch
            or (pull.head.startswith("promote/") and pull.head.endswith(ours))
        )
