"""Compare what a promotion brought with what it promised, before anything is tagged.

Requests: none for a push that is no promotion, and none where the commit's own message tells the
tree; else one, for the pull request that brought it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dist_actions.abbreviation import short_sha
from dist_actions.auto_tag.candidates import Push
from dist_actions.auto_tag.planning import TITLE, OnOtherTree
from dist_actions.errors import PromotionError
from dist_actions.services.git.checkout import Git
from dist_actions.services.runner import Runner
from dist_actions.trailers.commit_messages import (
    PromisedTree,
    find_promised_tree,
    read_promotion_trailers,
)
from dist_actions.trailers.pull_request_body import find_promotion_part

if TYPE_CHECKING:
    from dist_actions.services.github.pulls import PullRequest


@dataclass(frozen=True)
class PromotionPush:
    """A pushed commit that says that it is a promotion.

    `trees` are the push's whole tree and the trees of packages' folders, one of which the promotion
    of a single package promises.
    """

    push: Push
    promised: PromisedTree
    trees: Sequence[str]
    on_other_tree: OnOtherTree

    def check(self, read_pulls: "Callable[[str], Sequence[PullRequest]]", runner: Runner) -> None:
        """Compare the trees; a difference fails the run or is a warning, as `expected-tree` says.

        Args:
            read_pulls: The merged pull requests of a commit; asked where its message does not tell.

        Raises:
            PromotionError: The push holds other files.
        """
        tree = self.promised.tree or self._tree_of_pull(read_pulls(self.push.commit_sha))
        if not tree:
            runner.annotate("warning", self._unknown(), title=TITLE)
            return
        if tree in self.trees:
            runner.log(f"The promotion brought the tree that it promised, {tree}.")
            return
        error = self._other_tree(tree)
        if self.on_other_tree == "fail":
            raise error
        runner.annotate("warning", error.lines, title=TITLE)

    def _tree_of_pull(self, pulls: "Sequence[PullRequest]") -> str:
        """Read what promote's pull request promised; empty where none of them brought the commit.

        A branch of another repository is never ours, whatever it is called.
        """
        target = self.promised.target
        for pull in pulls:
            if (pull.base, pull.merge_sha) != (self.push.environment.branch, self.push.commit_sha):
                continue
            if pull.head.startswith("promote/"):
                promotions = read_promotion_trailers(find_promotion_part(pull.body))
                trees = (
                    trailers.tree
                    for trailers in promotions[::-1]
                    if trailers.target in ("", target)
                )
                return next(trees, "")
        return ""

    def _other_tree(self, promised: str) -> PromotionError:
        branch, sha = self.push.environment.branch, short_sha(self.push.commit_sha)
        return PromotionError(
            f"The promotion that {sha} brought to {branch} has other files than it promised: "
            f"tree {self.trees[0]} instead of {promised}.",
            why=f"{branch} moved after its pull request was prepared, or somebody changed the "
            "promotion's branch or its merge.",
            fix=f"look at `git diff {promised} {self.trees[0]}`; then revert {sha} and promote "
            "again, or, where the difference is meant, give the input `expected-tree: warn`. "
            "Without that nothing is tagged.",
            anchor="expected-tree",
        )

    def _unknown(self) -> str:
        sha, branch = short_sha(self.push.commit_sha), self.push.environment.branch
        return (
            f"{sha} calls itself a promotion to {branch}, but neither its message nor a pull "
            "request of promote tells which tree it should have, so its files were not compared. "
            "Why: it was merged or pushed by hand, or the pull request's text was changed. Fix: "
            "merge the pull requests that promote opens, and leave the end of their text alone."
        )


def find_promotion_push(push: Push, git: Git, on_other_tree: OnOtherTree) -> PromotionPush | None:
    """Find the promotion that a push ends with; None where there is nothing to compare.

    Nothing is promoted to the first environment.
    """
    environments = push.settings.environments
    if on_other_tree == "off" or environments.before(push.environment) is None:
        return None
    sha = push.commit_sha
    message = git.run("show", "-s", "--format=%B", "--end-of-options", sha)
    promised = find_promised_tree(message, push.environment.name)
    if promised is None:
        return None
    paths = dict.fromkeys(package.path for package in push.settings.packages)
    folders = [git.subtree(sha, path) for path in paths if path != "."]
    return PromotionPush(push, promised, [git.tree(sha), *folders], on_other_tree)
