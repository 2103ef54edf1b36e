"""Settles changes that were made on both ends by themselves: a hotfix that was cherry-picked.

Such a change is no promotion and no back-merge: neither end holds what the other one had before it.
So a commit is made of the last promotion's source and that change alone, from which both ends then
descend. Only a conflict makes this necessary; the same change on both sides merges by itself.
"""

from collections.abc import Mapping, Sequence

from dist_actions.promote.history.commits import History
from dist_actions.promote.history.joins import WithVariables
from dist_actions.promote.promotion import Commit
from dist_actions.services.git.checkout import Git

#: Picks that are looked at in one promotion, and commits among which they are searched.
_PICKS, _SEARCHED = 20, 1000
_WHO = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "dist-actions"), ("EMAIL", "dist-actions"), ("DATE", "@0 +0000"))
}


def join_picks(
    with_variables: WithVariables,
    history: History,
    ends: tuple[str, str, str],
    own: Sequence[Commit],
) -> History:
    """The history with a join on both ends for each change that both made.

    Args:
        with_variables: The repository.
        history: With its joins.
        ends: The promoted commit, the target's tip, and the last source commit that arrived there.
        own: The target's own changes.
    """
    source, target, last = ends
    git = with_variables(_WHO)
    mine = {one.sha: one.parents[0] for one in own[:_PICKS] if len(one.parents) == 1}
    found = history
    for commit, picked in _same_changes(git, history, source, last, mine).items():
        base = git.run("commit-tree", f"{mine[commit]}^{{tree}}", "-m", "base")
        if _applied(git, base, commit, target) != history.commits[target].tree_sha:
            continue
        tree = _applied(git, base, commit, last)
        if not tree:
            continue
        both = git.run("commit-tree", tree, "-p", last, "-m", "both")
        made = Commit(both, tree, (last,), "both")
        joins = found.joins
        found = History({**found.commits, both: made})
        found.joins = {
            **joins,
            target: (*joins.get(target, ()), both),
            picked: (*joins.get(picked, ()), both),
        }
    return found


def _same_changes(
    git: Git, history: History, source: str, last: str, mine: Mapping[str, str]
) -> dict[str, str]:
    """By commit of the target, the source's first commit since then that changed the same."""
    before = history.ancestors(last)
    since = [
        sha
        for sha in history.oldest_first(history.ancestors(source, beyond=before))
        if len(history.commits[sha].parents) == 1 and last in history.ancestors(sha)
    ]
    if not mine or not since or len(since) > _SEARCHED:
        return {}
    ids: dict[str, str] = {}
    for sha, patch in _patch_ids(git, since):
        ids.setdefault(patch, sha)
    return {sha: ids[patch] for sha, patch in _patch_ids(git, [*mine]) if patch in ids}


def _patch_ids(git: Git, commits: Sequence[str]) -> list[tuple[str, str]]:
    """Commits with what tells whether two of them change the same, wherever in a file it stands.

    Spec: https://git-scm.com/docs/git-patch-id
    """
    patches = git.run(
        "diff-tree", "--stdin", "-p", "-r", "--binary", stdin="\n".join(commits) + "\n"
    )
    lines = git.run("patch-id", "--stable", stdin=f"{patches}\n").splitlines()
    return [(sha, patch) for patch, sha in (line.split() for line in lines)]


def _applied(git: Git, base: str, commit: str, onto: str) -> str:
    """The tree of a commit with the change of another one; empty where it conflicts."""
    ours, theirs = (
        git.run("commit-tree", f"{sha}^{{tree}}", "-p", base, "-m", "side")
        for sha in (onto, commit)
    )
    return git.merge_tree(ours, theirs).tree
