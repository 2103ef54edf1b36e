"""What a promotion is decided on: what is to be promoted, and what git tells of both ends; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from packaging.version import Version

from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.packages import Package

#: How the head of the pull request is made: the released commit itself; its files, joined to the
#: target's history; its files together with the target's own changes, joined likewise; or the
#: files put onto the target's tip as a commit with one parent.
Strategy = Literal["direct", "link", "stitch", "graft"]

#: What a package's folder in the target is, compared with the promoted commit's: the same; missing;
#: what the folder was before; what it became only after that commit; or what it never was.
FolderState = Literal["same", "missing", "older", "newer", "own"]


@dataclass(frozen=True)
class PackageState:
    """One package of several, at both ends of a promotion.

    Attributes:
        package: As the settings say.
        version: Its newest version that was tagged in the source up to the promoted commit; None
            where there is none, and so for `tag`, which is then empty.
        before: Its newest version that was tagged in the target; None where there is none.
        folder: Tree of its folder at the promoted commit; empty where it has none there.
        folder_state: What its folder in the target is, compared with that.
        as_released: Whether its folder at the promoted commit is what `tag` holds.
    """

    package: Package
    version: Version | None
    tag: str
    before: Version | None
    folder: str
    folder_state: FolderState
    as_released: bool

    @property
    def moves(self) -> bool:
        """Tell whether a promotion changes its folder in the target."""
        return self.folder_state != "same"


@dataclass(frozen=True)
class Promotion:
    """What is on its way from one environment to another.

    Attributes:
        version: The version that it carries; None where it carries all packages of several.
        tag: The tag in `source` whose commit is promoted.
        source: The environment that the version was released in.
        target: The environment that it is brought to.
        package: The only package that is promoted; None for all that the commit holds.
        label: What the branch is named after; empty for `v` and the version.
        packages: Both ends of each package that it is about; empty before they were read, and in
            a repository of one package.
    """

    version: Version | None
    tag: str
    source: Environment
    target: Environment
    package: Package | None = None
    label: str = ""
    packages: tuple[PackageState, ...] = ()

    @property
    def branch(self) -> str:
        """Name the head branch of the pull request, pinned to what was validated."""
        return f"promote/{self.label or f'v{self.version}'}-to-{self.target.name}"

    @property
    def title(self) -> str:
        """Write the title of the pull request."""
        return f"chore: promote {self._subject} to {self.target.name}"

    @property
    def moving(self) -> tuple[PackageState, ...]:
        """List the packages whose folders it changes in the target."""
        return tuple(state for state in self.packages if state.moves)

    @property
    def _subject(self) -> str:
        moving = self.moving if self.package is None else self.packages
        if not self.packages:
            return f"v{self.version}"
        if not moving:
            return "files outside of packages"
        if len(moving) == 1:
            return f"{moving[0].package.name} v{moving[0].version}"
        return f"{len(moving)} packages"


@dataclass(frozen=True)
class Commit:
    """A commit of the target's own history.

    Attributes:
        sha: 40 or 64 hex digits, and so for `tree_sha`.
        tree_sha: Its files.
        parents: SHAs, the first parent first.
        message: Subject and body.
        committed: When, in seconds since the epoch.
        folders: The packages' folders that it changed, by path, with the trees that it gave them;
            None where it changed something else too, or where there are no such folders. Where a
            single package is promoted, its folder alone, whatever else the commit changed.
    """

    sha: str
    tree_sha: str
    parents: tuple[str, ...]
    message: str
    committed: int = 0
    folders: Mapping[str, str] | None = None

    @property
    def subject(self) -> str:
        """Return the message's first line."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True)
class Lineage:
    """Commits with all their ancestors.

    Attributes:
        commits: Their SHAs.
        trees: Their trees.
        folders: By the path of a package, the trees that its folder had in them.
    """

    commits: frozenset[str]
    trees: frozenset[str]
    folders: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class PromotedCommits:
    """What each commit of the target's own line is.

    Attributes:
        last: The last source commit that the target got before; empty for none.
        holds_source: Whether the target got the promoted commit before.
        own_commits: Changes that may stand and came from nowhere in the source, the newest first.
        uncertain: Commits of which a pull request could tell more, the newest first; also those
            that do not stand any more, because merges further up rest on them.
        edited: Promotions that brought other files than the source's.
        later: Promotions of what the source holds only after the promoted commit.
        unknown: Promotions of commits that the source does not hold.
    """

    last: str = ""
    holds_source: bool = False
    own_commits: tuple[Commit, ...] = ()
    uncertain: tuple[Commit, ...] = ()
    edited: tuple[Commit, ...] = ()
    later: tuple[Commit, ...] = ()
    unknown: tuple[Commit, ...] = ()


@dataclass(frozen=True)
class Observed:
    """What git tells of both ends.

    Attributes:
        source_commit: The commit that the tag points to.
        source_tree: Its tree.
        target_commit: Tip of the target's branch.
        target_tree: Its tree.
        contained: Whether the target already holds the source commit.
        source: The source commit and its ancestors.
        source_branch: Those, and what the source's branch holds beyond them.
        promoted: What the target got from the source before, by a squash or a rebase too.
        merged_tree: Tree of a merge of both as git alone would do it; None where it conflicts.
        joined_tree: Tree of the merge that regards what was squashed as merged, and so what the
            target should hold; None where it conflicts.
        conflicts: Paths that conflict then.
        target_commits: For a single package, the target's first-parent commits that changed its
            folder since both histories parted.
        linear: Whether the source commit follows the target's tip without a merge between.
        outside: Paths outside of all packages that differ, where a single package is promoted.
        own_changes: Commits of the target that stand and that the source commit lacks, the newest
            first.
        newest: The newest version that is tagged in the target, with its tag.
        tagged_tree: What the target's tag of this same version holds, the package's folder of a
            single one; empty where there is no such tag.
        back_merged: Whether the source's branch holds the own changes by now.
        back_onto: Commit of the source that they are brought back to: the promoted one, or a newer
            one by which the branch got others of the target's commits.
    """

    source_commit: str
    source_tree: str
    target_commit: str
    target_tree: str
    contained: bool
    source: Lineage
    source_branch: Lineage
    promoted: PromotedCommits = field(default_factory=PromotedCommits)
    merged_tree: str | None = None
    joined_tree: str | None = None
    conflicts: tuple[str, ...] = ()
    target_commits: tuple[Commit, ...] = ()
    linear: bool = False
    outside: tuple[str, ...] = ()
    own_changes: tuple[Commit, ...] = ()
    newest: tuple[Version, str] | None = None
    tagged_tree: str = ""
    back_merged: bool = False
    back_onto: str = ""


@dataclass(frozen=True)
class PromotionPlan:
    """How the target is brought to hold what was released.

    Attributes:
        strategy: How the head was made.
        head_sha: The commit of the promotion's branch.
        expected_tree: What the target holds after the merge, if it does not move meanwhile.
        own_changes: Commits of the target that the source lacks and that stand after the merge.
    """

    strategy: Strategy
    head_sha: str
    expected_tree: str
    own_changes: tuple[Commit, ...] = ()

    def brings_released_files(self, observed: Observed) -> bool:
        """Tell whether the target's files will be the released ones, so that the same bytes fit."""
        return self.expected_tree == observed.source_tree
