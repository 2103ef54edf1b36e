"""Make the commit that a promotion's branch points to; the same every time it is made."""

from collections.abc import Sequence

from dist_actions.promote.history.joins import WithVariables
from dist_actions.promote.planning import promotion_message
from dist_actions.promote.promotion import Observed, Promotion
from dist_actions.services.git.checkout import Git

_NAME = "dist-actions"
#: Whose work it is; somebody who amends a commit becomes its committer.
EMAIL = "dist-actions@users.noreply.github.com"
_GRAFTED = "refs/promotion/grafted"


def make_commit(
    with_variables: WithVariables, tree: str, parents: Sequence[str], message: str
) -> str:
    """Make a commit with a tree, at the time of its first parent, so that it can be made again.

    Spec: https://git-scm.com/docs/git-commit-tree
    """
    when = with_variables({}).run("show", "-s", "--format=%cI", parents[0])
    git = with_variables(
        {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", _NAME), ("EMAIL", EMAIL), ("DATE", when))
        }
    )
    options = [option for parent in parents for option in ("-p", parent)]
    return git.run("commit-tree", *options, tree, stdin=message)


def make_graft(git: Git, promotion: Promotion, observed: Observed, onto: str) -> str:
    """Make a commit on top of another that only sets the package's folder to the released tree.

    `fast-import` takes a whole tree by its name, so no file's name passes through this process.

    Spec: https://git-scm.com/docs/git-fast-import
    """
    (state,) = promotion.packages
    when = git.run("show", "-s", "--format=%cd", "--date=raw", observed.source_commit)
    text = promotion_message(promotion, observed)
    git.run(
        "fast-import",
        "--quiet",
        "--force",
        "--date-format=raw",
        stdin=f"commit {_GRAFTED}\n"
        f"committer {_NAME} <{EMAIL}> {when}\n"
        f"data {len(text.encode())}\n{text}\n"
        f"from {onto}\n"
        f'M 040000 {state.folder} "{state.package.path}"\n',
    )
    return git.run("rev-parse", "--verify", _GRAFTED)
