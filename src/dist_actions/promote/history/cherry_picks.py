"""Settle changes that were made on both ends by themselves: a hotfix that was cherry-picked.

Such a change is no promotion and no back-merge: neither end holds what the other one had before it.
So a commit is made of the last promotion's source and that change alone, from which both ends then
descend. Only a conflict makes this necessary; the same change on both sides merges by itself.
"""

from collections.abc import Collection, Sequence

from dist_actions.promote.history.commits import CommitGraph, Ends
from dist_actions.promote.history.joins import WithVariables
from dist_actions.promote.promotion import Commit, PromotedCommits
from dist_actions.services.git.checkout import Git

#: Cherry-picks that are looked at in one promotion, and commits among which they are searched.
_CHERRY_PICKS, _SEARCHED = 20, 1000
_WHO = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "dist-actions"), ("EMAIL", "dist-actions"), ("DATE", "@0 +0000"))
}


def join_cherry_picks(
    with_variables: WithVariables, graph: CommitGraph, ends: Ends, promoted: PromotedCommits
) -> CommitGraph:
    """Add a join on both ends for each change that both made.

    Where there is no such change, the graph itself is returned.
    """
    target, last = ends.target, promoted.last
    git = with_variables(_WHO)
    candidates = [
        commit for commit in promoted.own_commits[:_CHERRY_PICKS] if len(commit.parents) == 1
    ]
    parents = {commit.sha: commit.parents[0] for commit in candidates}
    for commit, twin in _same_changes(git, graph, ends.source, last, parents).items():
        base = git.run("commit-tree", f"{parents[commit]}^{{tree}}", "-m", "base")
        if _applied(git, base, commit, target) != graph.commits[target].tree_sha:
            continue
        tree = _applied(git, base, commit, last)
        if not tree:
            continue
        both = git.run("commit-tree", tree, "-p", last, "-m", "both")
        joins = graph.joins
        graph = CommitGraph({**graph.commits, both: Commit(both, tree, (last,), "both")})
        graph.joins = {
            **joins,
            target: (*joins.get(target, ()), both),
            twin: (*joins.get(twin, ()), both),
        }
    return graph


def _same_changes(
    git: Git, graph: CommitGraph, source: str, last: str, of_target: Collection[str]
) -> dict[str, str]:
    """Find by commit of the target the source's first commit since then that changed the same."""
    before = graph.ancestors(last)
    since = [
        sha
        for sha in graph.oldest_first(graph.ancestors(source, beyond=before))
        if len(graph.commits[sha].parents) == 1 and last in graph.ancestors(sha)
    ]
    if not of_target or not since or len(since) > _SEARCHED:
        return {}
    ids: dict[str, str] = {}
    for sha, patch in _patch_ids(git, since):
        ids.setdefault(patch, sha)
    return {sha: ids[patch] for sha, patch in _patch_ids(git, [*of_target]) if patch in ids}


def _patch_ids(git: Git, commits: Sequence[str]) -> list[tuple[str, str]]:
    """Compute patch IDs, equal where two commits change the same, wherever in a file it stands.

    Spec: https://git-scm.com/docs/git-patch-id
    """
    patches = git.run(
        "diff-tree", "--stdin", "-p", "-r", "--binary", stdin="\n".join(commits) + "\n"
    )
    lines = git.run("patch-id", "--stable", stdin=f"{patches}\n").splitlines()
    return [(sha, patch) for patch, sha in (line.split() for line in lines)]


def _applied(git: Git, base: str, commit: str, onto: str) -> str:
    """Apply the change of a commit to another one; return the tree, empty where it conflicts."""
    ours, theirs = (
        git.run("commit-tree", f"{sha}^{{tree}}", "-p", base, "-m", "side")
        for sha in (onto, commit)
    )
    return git.merge_tree(ours, theirs).tree
