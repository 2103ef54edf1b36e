"""Tell which commits of a target's own line are promotions, and of what; pure.

The line is read from the oldest commit to the newest, because a promotion only ever goes forward:
a tree that the source had before what the target holds by then, is a revert that somebody made by
hand, and must not be undone silently.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from dist_actions.promote.history.commits import CommitGraph, Ends
from dist_actions.promote.promotion import Commit, PromotedCommits, Promotion
from dist_actions.services.github.facts import MergedPull
from dist_actions.trailers.commit_messages import (
    PromotionTrailers,
    read_back_merges,
    read_promotion_trailers,
)


class TargetLine:
    """The target's own line of commits, to be read once.

    Args:
        graph: Gets a join for each promotion and for each back-merge.
        promotion: What is promoted now.
        ends: Where both ends are.
        pulls: What is known of the pull requests by which the line's commits came.
        of_packages: Tells whether a commit changed folders of packages alone, to what the source
            has or had there.
    """

    def __init__(
        self,
        graph: CommitGraph,
        promotion: Promotion,
        ends: Ends,
        pulls: Mapping[str, MergedPull],
        of_packages: Callable[[Commit], bool] = lambda _: False,
    ) -> None:
        self._graph, self._promotion, self._ends = graph, promotion, ends
        self._pulls, self._of_packages = pulls, of_packages
        trunk = {commit.sha for commit in graph.first_parents(ends.source)}
        self._line: list[Commit] = []
        #: The last source commit that the target got, and all that it has of the source by then.
        self._last = ""
        self._promoted: set[str] = set()
        for commit in graph.first_parents(ends.target):
            if commit.sha in trunk:
                self._last = commit.sha
                break
            self._line.append(commit)
        # What the source got by a back-merge alone, is the target's and was never promoted.
        line = {commit.sha for commit in self._line}
        self._lineage = graph.ancestors(ends.source, beyond=line)
        self._source_commits = graph.ancestors(ends.source, ends.branch, beyond=line)
        self._trees: dict[str, list[str]] = {}
        for tip in (ends.branch, ends.source):
            for commit in graph.first_parents(tip):
                if commit.sha in self._source_commits:
                    self._trees.setdefault(commit.tree_sha, []).append(commit.sha)
        self._uncertain: list[Commit] = []
        self._own: list[Commit] = []
        self._edited: list[Commit] = []
        self._later: list[Commit] = []
        self._unknown: list[Commit] = []

    def read(self) -> PromotedCommits:
        """Tell what each commit is, and note in the graph what it holds of the source."""
        self._join_back_merges()
        graph, source = self._graph, self._ends.source
        self._promoted = graph.ancestors(self._last) if self._last else set()
        for commit in reversed(self._line):
            self._read_commit(commit)
        descent = graph.ancestors(source)
        return PromotedCommits(
            last=self._last,
            holds_source=source in self._promoted,
            own_commits=tuple(
                commit for commit in reversed(self._own) if commit.sha not in descent
            ),
            uncertain=tuple(reversed(self._uncertain)),
            edited=tuple(reversed(self._edited)),
            later=tuple(reversed(self._later)),
            unknown=tuple(commit for commit in self._unknown if commit.sha not in descent),
        )

    def _join_back_merges(self) -> None:
        line = {commit.sha for commit in self._line}
        for sha in self._graph.oldest_first(self._source_commits):
            for back_merged in read_back_merges(self._graph.commits[sha].message):
                if back_merged in line:
                    self._graph.join(sha, back_merged)

    def _read_commit(self, commit: Commit) -> None:
        before = self._graph.commits.get(commit.parents[0]) if commit.parents else None
        candidates = [sha for sha in self._candidates(commit) if sha in self._source_commits]
        source = self._graph.newest(sha for sha in candidates if sha in self._lineage)
        if source in self._promoted or not source:
            source = self._same_files(commit)
        if source and self._note_promotion(commit, source):
            return
        if before and before.tree_sha == commit.tree_sha:
            return
        if self._of_packages(commit):
            return
        if len(commit.parents) == 1:
            self._uncertain.append(commit)
        if self._is_later(commit, candidates):
            self._later.append(commit)
        elif self._is_of_unknown(commit):
            self._unknown.append(commit)
        else:
            self._own.append(commit)

    def _note_promotion(self, commit: Commit, source: str) -> bool:
        """Note a promotion; False where it cannot be one."""
        added = self._graph.ancestors(source, beyond=self._promoted)
        if commit.sha in added:
            return False
        if source != self._last:
            joined = self._graph.joins.get(commit.sha, ())
            self._graph.joins[commit.sha] = (*joined, source)
        self._promoted |= added
        self._last = source
        if self._graph.commits[source].tree_sha == commit.tree_sha:
            # The target held exactly this, so nothing from before stands.
            for commits in (self._own, self._edited, self._later, self._unknown):
                commits.clear()
        else:
            self._edited.append(commit)
        return True

    def _candidates(self, commit: Commit) -> Iterator[str]:
        """Yield what a commit may be the promotion of, as it says or its pull request."""
        yield from commit.parents[1:]
        yield from (trailers.source for trailers in self._trailers(commit))
        pull = self._pulls.get(commit.sha)
        if pull:
            yield pull.head_sha

    def _trailers(self, commit: Commit) -> Iterable[PromotionTrailers]:
        name = self._promotion.target.name
        pull = self._pulls.get(commit.sha)
        merged = (self._graph.commits.get(sha) for sha in commit.parents[1:])
        texts = [(source.message, source.tree_sha) for source in (commit, *merged) if source]
        if pull:
            texts.append((pull.body, commit.tree_sha))
        for text, tree in texts:
            for trailers in read_promotion_trailers(text):
                if trailers.is_about(name, tree):
                    yield trailers

    def _same_files(self, commit: Commit) -> str:
        """Find the first source commit with the same files that is not older than the last one."""
        same = self._trees.get(commit.tree_sha, [])
        for sha in self._graph.oldest_first(sha for sha in same if sha in self._lineage):
            if sha == self._last or not self._last:
                return sha
            if sha not in self._promoted and self._follows(sha):
                return sha
        return ""

    def _is_later(self, commit: Commit, candidates: Sequence[str]) -> bool:
        """Tell whether a commit is the promotion of what is newer than the promoted commit."""
        if any(sha not in self._lineage for sha in candidates):
            return True
        same = self._trees.get(commit.tree_sha, [])
        newer = [sha for sha in same if sha not in self._lineage]
        return any(commit.sha not in self._graph.ancestors(sha) for sha in newer)

    def _follows(self, sha: str) -> bool:
        """Tell whether a source commit descends from the last one that the target got."""
        between = self._graph.ancestors(sha, beyond=self._promoted)
        return any(self._last in self._graph.parents(descendant) for descendant in between)

    def _is_of_unknown(self, commit: Commit) -> bool:
        """Tell whether a commit is a promotion of something that the source does not hold."""
        if any(trailers.source not in self._source_commits for trailers in self._trailers(commit)):
            return True
        pull = self._pulls.get(commit.sha)
        ending = f"-to-{self._promotion.target.name}"
        return pull is not None and (
            pull.head == self._promotion.source.branch
            or (pull.head.startswith("promote/") and pull.head.endswith(ending))
        )
