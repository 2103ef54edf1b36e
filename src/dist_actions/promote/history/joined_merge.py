"""Merge both ends of a promotion as if nobody had ever squashed, to see what stands afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dist_actions.promote.history.cherry_picks import join_cherry_picks
from dist_actions.promote.history.commits import CommitGraph, Ends
from dist_actions.promote.history.joins import WithVariables, with_joins
from dist_actions.promote.history.package_folders import trees_of_folders
from dist_actions.promote.history.promoted_commits import TargetLine
from dist_actions.promote.promotion import Commit, Observed, Promotion
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import MergedPull, PullsOfCommits

#: Commits that GitHub is asked about at most.
_MOST_COMMITS = 100


@dataclass(frozen=True)
class JoinedMerge:
    """Both ends, ready to be merged.

    `of_packages` tells whether a commit changed folders of packages alone, to what the source has
    or had there; `older_folders` are those of packages that were promoted alone.
    """

    with_variables: WithVariables
    graph: CommitGraph
    promotion: Promotion
    ends: Ends
    of_packages: Callable[[Commit], bool]
    older_folders: Sequence[str]

    def observe(self, observed: Observed, pulls_of: PullsOfCommits) -> tuple[Observed, Git]:
        """Compute what the target should hold.

        Pull requests are asked for only where the target seems to have changes of its own.

        Returns:
            Also the repository in which git knows what was squashed.
        """
        merged, git = self._merge(observed, {})
        uncertain = merged.promoted.uncertain
        if merged.own_changes and uncertain:
            pulls = pulls_of([commit.sha for commit in uncertain[:_MOST_COMMITS]])
            if pulls:
                merged, git = self._merge(observed, pulls)
        return merged, git

    def _merge(self, observed: Observed, pulls: Mapping[str, MergedPull]) -> tuple[Observed, Git]:
        graph, ends = self.graph.without_joins(), self.ends
        line = TargetLine(graph, self.promotion, ends, pulls, self.of_packages)
        promoted = line.read()
        observed = replace(observed, promoted=promoted)
        git = self._joined(graph, promoted.last)
        if observed.contained or promoted.holds_source:
            observed = replace(observed, joined_tree=observed.target_tree)
        elif observed.source_tree == observed.target_tree:
            observed = replace(observed, joined_tree=observed.source_tree)
        else:
            merge = git.merge_tree(ends.target, ends.source)
            if merge.conflicts and promoted.last:
                with_picks = join_cherry_picks(self.with_variables, graph, ends, promoted)
                if with_picks is not graph:
                    git = self._joined(with_picks, promoted.last)
                    merge = git.merge_tree(ends.target, ends.source)
            observed = replace(observed, joined_tree=merge.tree or None, conflicts=merge.conflicts)
        if observed.joined_tree == observed.source_tree:
            return observed, git
        own_changes = promoted.own_commits or promoted.edited or (graph.commits[ends.target],)
        in_branch = graph.ancestors(ends.branch) if ends.branch else set()
        observed = replace(
            observed,
            own_changes=own_changes,
            back_merged=all(commit.sha in in_branch for commit in own_changes),
            back_onto=_back_onto(graph, ends),
        )
        return observed, git

    def _joined(self, graph: CommitGraph, last: str) -> Git:
        """Show git the joins, and folders as the last promoted commit holds them."""
        target, paths = self.ends.target, self.older_folders
        folders = trees_of_folders(self.with_variables({}), last, paths) if last else {}
        name = f"{target}-{self.ends.source}"
        return with_joins(self.with_variables, graph, name, {target: folders} if folders else {})


def _back_onto(graph: CommitGraph, ends: Ends) -> str:
    """Find the newest commit of the source's branch that brought something of the target's line."""
    ancestors, onto = graph.ancestors(ends.source), ends.source
    line = {commit.sha for commit in graph.first_parents(ends.target)}
    newer = [
        commit.sha for commit in graph.first_parents(ends.branch) if commit.sha not in ancestors
    ]
    for sha in reversed(newer):
        added = graph.ancestors(sha, beyond=ancestors)
        ancestors |= added
        if added & line:
            onto = sha
    return onto
