"""Show git the joins of a graph, so that merging, listing and comparing all regard them.

git can be told to take another commit in place of one (`refs/replace/`). Here that is the same
commit with more parents. It stays in this repository, under a name that git only looks at where it
is told to; nothing of it is ever pushed.

Spec: https://git-scm.com/docs/git-replace
"""

from collections.abc import Callable, Mapping

from dist_actions.promote.history.commits import CommitGraph
from dist_actions.services.git.checkout import Git

_JOINED = "refs/promotion/joined/"

#: Gives the same repository with variables of git's own, such as `GIT_AUTHOR_DATE`.
WithVariables = Callable[[Mapping[str, str]], Git]


def with_joins(
    with_variables: WithVariables,
    graph: CommitGraph,
    name: str,
    folders: Mapping[str, Mapping[str, str]],
) -> Git:
    """Return the repository in which git knows the joins.

    Args:
        with_variables: Gives the repository.
        graph: With its joins.
        name: Of this view, which may be made several times.
        folders: By commit, folders that are to hold another tree there; an empty one removes it.
    """
    base = f"{_JOINED}{name}/"
    commits = dict.fromkeys([*graph.joins, *folders])
    if commits:
        stream = "".join(_replacement(graph, base, sha, folders.get(sha, {})) for sha in commits)
        with_variables({}).run("fast-import", "--quiet", "--force", stdin=stream)
    return with_variables({"GIT_REPLACE_REF_BASE": base})


def _replacement(graph: CommitGraph, base: str, sha: str, folders: Mapping[str, str]) -> str:
    """Write the commit with all its parents, for `git fast-import`."""
    commit = graph.commits[sha]
    parents = [
        f"{'merge' if position else 'from'} {parent}\n"
        for position, parent in enumerate(dict.fromkeys(graph.parents(sha)))
    ]
    changes = "".join(
        f'M 040000 {tree} "{path}"\n' if tree else f'D "{path}"\n' for path, tree in folders.items()
    )
    return (
        f"commit {base}{sha}\n"
        f"committer dist-actions <dist-actions> {commit.committed} +0000\n"
        f"data 0\n{''.join(parents)}"
        f'M 040000 {commit.tree_sha} ""\n{changes}\n'
    )
