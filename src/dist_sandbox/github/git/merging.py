"""Merges within a bare repository: the three buttons of a pull request, without a work tree."""

from functools import partial

from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.git.objects import Signature, commits_between, read_commit, write_commit


def merge_trees(git: BareRepository, ours: str, theirs: str) -> str | None:
    """Compute the tree of a merge of two commits; None where they conflict."""
    result = git.run("merge-tree", "--write-tree", "--no-messages", ours, theirs)
    if result.returncode != 0:
        return None
    return result.stdout.decode().split("\n", 1)[0].strip()


def merge(
    git: BareRepository,
    base: str,
    head: str,
    *,
    author: Signature,
    committer: Signature,
    message: str,
    squashed: bool = False,
) -> str | None:
    """Make a merge commit of `head` into `base`; None where they conflict."""
    tree = merge_trees(git, base, head)
    if tree is None:
        return None
    parents = [base] if squashed else [base, head]
    return write_commit(
        git, tree=tree, parents=parents, author=author, committer=committer, message=message
    )


#: One commit on `base` with everything that `head` adds.
squash = partial(merge, squashed=True)


def rebase(git: BareRepository, base: str, head: str, *, committer: Signature) -> str | None:
    """Copy the commits of `head` on top of `base`; None where one of them conflicts."""
    tip = base
    for commit in commits_between(git, base, head):
        if len(commit.parents) > 1:
            continue
        tree = _pick(git, tip, commit.sha, committer)
        if tree is None:
            return None
        tip = write_commit(
            git,
            tree=tree,
            parents=[tip],
            author=commit.author,
            committer=committer,
            message=commit.message,
        )
    return tip


def _pick(git: BareRepository, tip: str, sha: str, committer: Signature) -> str | None:
    """Compute the tree of `tip` with one commit's change; None on conflict.

    `git merge-tree` finds the merge base by itself, so commits are made whose base is the picked
    commit's parent.
    """
    commit = read_commit(git, sha)
    if not commit.parents:
        return None
    base = _bare_commit(git, read_commit(git, commit.parents[0]).tree_sha, [], committer)
    ours = _bare_commit(git, read_commit(git, tip).tree_sha, [base], committer)
    theirs = _bare_commit(git, commit.tree_sha, [base], committer)
    return merge_trees(git, ours, theirs)


def _bare_commit(git: BareRepository, tree: str, parents: list[str], author: Signature) -> str:
    return write_commit(
        git, tree=tree, parents=parents, author=author, committer=author, message="scratch"
    )
