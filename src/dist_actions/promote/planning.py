"""Decides what is promoted and by which commit, so that the pull request always merges; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

from dist_actions.environments import Environment, EnvironmentMap
from dist_actions.errors import InputError, PromotionError
from dist_actions.tags import TagFormat

Strategy = Literal["direct", "link"]

_FROM = "Promoted-From: "
_TREE = "Promoted-Tree: "
_VERSION = "Promoted-Version: "


@dataclass(frozen=True)
class Promotion:
    """One version on its way from one environment to another.

    Attributes:
        tag: Its tag in `source`.
    """

    version: Version
    tag: str
    source: Environment
    target: Environment

    @property
    def branch(self) -> str:
        """Head branch of the pull request, pinned to what was validated."""
        return f"promote/v{self.version}-to-{self.target.name}"

    @property
    def title(self) -> str:
        """Title of the pull request."""
        return f"chore: promote v{self.version} to {self.target.name}"


@dataclass(frozen=True)
class Commit:
    """A commit of the target's own history.

    Attributes:
        parents: SHAs, the first parent first.
        message: Subject and body.
    """

    sha: str
    tree_sha: str
    parents: tuple[str, ...]
    message: str

    @property
    def subject(self) -> str:
        """The message's first line."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True)
class Observed:
    """What git tells of both ends.

    Attributes:
        source_commit: The commit that the tag points to.
        source_tree: Its tree.
        target_commit: Tip of the target's branch.
        contained: Whether the target already holds the source commit.
        merged_tree: Tree of a merge of both; None where it conflicts.
        target_commits: First-parent commits of the target since both histories parted.
        source_history: The source commit and all its ancestors.
        source_trees: Trees of all of those. What was squashed before a link joined both histories
            is older than where they parted.
    """

    source_commit: str
    source_tree: str
    target_commit: str
    target_tree: str
    contained: bool
    merged_tree: str | None
    target_commits: tuple[Commit, ...]
    source_history: frozenset[str]
    source_trees: frozenset[str]


def choose_promotion(
    tag_format: TagFormat,
    environments: EnvironmentMap,
    *,
    tag: str,
    from_name: str,
    to_name: str,
    version: str,
    released_tags: Sequence[str],
) -> Promotion | None:
    """What this run promotes; None where the version is in production already.

    Args:
        tag_format: Of the project's tags.
        environments: The chain.
        tag: The tag that this run is for; empty where it is for none.
        from_name: The input `from`.
        to_name: The input `to`.
        version: The input `version`.
        released_tags: Tags of published releases, for the newest version.

    Raises:
        InputError: An environment does not exist, is skipped, or no version is found.
    """
    of_run = tag_format.parse(tag) if tag else None
    if from_name:
        source = _named(environments, from_name, "from")
    elif of_run:
        source = environments.of_suffix(of_run.suffix)
    else:
        source = environments.stages[0]
    target = environments.after(source)
    if to_name:
        wanted = _named(environments, to_name, "to")
        if wanted != target:
            raise _skips(source, wanted, target)
    if target is None:
        return None
    if version:
        promoted = Version(version)
    elif of_run and of_run.suffix == source.suffix:
        promoted = of_run.version
    else:
        promoted = _newest(tag_format, source, released_tags)
    return Promotion(promoted, tag_format.format(promoted, source.suffix), source, target)


def nothing_to_promote(observed: Observed) -> str:
    """Why there is nothing to promote; empty where there is."""
    if observed.contained:
        return "the target holds this commit already"
    if observed.source_tree == observed.target_tree:
        return "the target holds the same files already"
    return ""


def choose_strategy(promotion: Promotion, observed: Observed) -> Strategy:
    """`direct` where merging gives exactly the released tree, else `link`.

    A link is one commit with the released tree and both ends as parents: it merges without a
    conflict, whatever squash merges did to the histories before.

    Raises:
        PromotionError: The target has changes of its own, which a link would undo.
    """
    own = [commit for commit in observed.target_commits if not _is_promoted(commit, observed)]
    if own:
        listed = "; ".join(f"{commit.sha[:7]} {commit.subject}" for commit in own[:10])
        raise PromotionError(
            f"{promotion.target.branch} has changes of its own: {listed}.",
            why=f"they were never on {promotion.source.branch}, so promoting "
            f"{promotion.tag} would undo them.",
            fix=f"merge {promotion.target.branch} into {promotion.source.branch}, release, and "
            "promote that version.",
            anchor="own-changes",
        )
    return "direct" if observed.merged_tree == observed.source_tree else "link"


def link_message(promotion: Promotion, observed: Observed) -> str:
    """Message of a link commit; the same for the same promotion."""
    return (
        f"{promotion.title}\n\n"
        f"{_FROM}{observed.source_commit}\n"
        f"{_TREE}{observed.source_tree}\n"
        f"{_VERSION}{promotion.version}\n"
    )


def is_ours(head: Commit, observed: Observed) -> bool:
    """Whether a promotion branch's tip is our work alone, which may be made anew.

    Its message does not tell: amending keeps it. So it must hold exactly the released files.
    """
    is_link = (
        head.tree_sha == observed.source_tree
        and head.parents[:1] == (observed.source_commit,)
        and f"{_FROM}{observed.source_commit}\n" in head.message
    )
    return head.sha == observed.source_commit or is_link


def _is_promoted(commit: Commit, observed: Observed) -> bool:
    """Whether a commit of the target brought nothing but what the source has or had."""
    from_source = len(commit.parents) > 1 and commit.parents[1] in observed.source_history
    return (
        commit.sha in observed.source_history
        or commit.tree_sha in observed.source_trees
        or from_source
        or f"{_TREE}{commit.tree_sha}" in commit.message
    )


def _named(environments: EnvironmentMap, name: str, label: str) -> Environment:
    found = environments.named(name)
    if found is None:
        known = ", ".join(stage.name for stage in environments.stages)
        raise InputError(
            f"The input {label} is {name!r}, which is no environment.",
            why=f"the environments are {known}.",
            fix=f"give one of them as {label}, or leave it out.",
            anchor="environments",
        )
    return found


def _skips(source: Environment, wanted: Environment, after: Environment | None) -> InputError:
    return InputError(
        f"{wanted.name} does not follow {source.name}.",
        why=f"what follows is {after.name if after else 'nothing'}; a stage that is skipped "
        "would never have tested the version.",
        fix="leave out the input to, and promote step by step.",
        anchor="environments",
    )


def _newest(tag_format: TagFormat, source: Environment, tags: Sequence[str]) -> Version:
    parsed = (tag_format.parse(tag) for tag in tags)
    versions = [found.version for found in parsed if found and found.suffix == source.suffix]
    if not versions:
        raise InputError(
            f"No version was released in {source.name} yet.",
            why="there is no published GitHub release with a tag of that environment.",
            fix=f"push to {source.branch} first, or give the inputs from and version.",
            anchor="promote-nothing",
        )
    return max(versions)
