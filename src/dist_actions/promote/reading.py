"""Reads from git what a promotion is decided on; it decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dist_actions.edges.git import Git
from dist_actions.environments import EnvironmentMap
from dist_actions.errors import PromotionError
from dist_actions.packages import Package
from dist_actions.promote.choosing import newest_tag
from dist_actions.promote.promotion import (
    Commit,
    Lineage,
    Observed,
    PackageState,
    Promotion,
    Standing,
)

_FORMAT = "%H%x00%T%x00%P%x00%B%x00%x00"


@dataclass(frozen=True)
class Ends:
    """Where both ends of a promotion are in the repository that was fetched: refs or commits.

    Attributes:
        branch: The source's branch; empty where it was not fetched.
    """

    source: str
    target: str
    branch: str = ""


@dataclass(frozen=True)
class Monorepo:
    """What is known of a repository of several packages before its history is read.

    Attributes:
        packages: All of them; none in a repository of one package.
        tags: Every tag with its commit.
    """

    packages: tuple[Package, ...]
    tags: Mapping[str, str]
    environments: EnvironmentMap

    @property
    def folders(self) -> tuple[str, ...]:
        """The packages' folders; not the root, which also holds what belongs to none."""
        return tuple(one.path for one in self.packages if one.path != ".")


def observe(
    git: Git, promotion: Promotion, ends: Ends, monorepo: Monorepo
) -> tuple[Promotion, Observed]:
    """What `planning` decides on: the promotion with both ends of its packages, and the histories.

    Raises:
        PromotionError: The histories have no commit in common.
    """
    source, target = commit_of(git, ends.source), commit_of(git, ends.target)
    parted = _parted(git, source, target)
    single = promotion.package
    folders = (single.path,) if single else monorepo.folders
    promoted, known = _lineages(git, source, ends.branch, folders)
    observed = Observed(
        source_commit=source,
        source_tree=git.tree(source),
        target_commit=target,
        target_tree=git.tree(target),
        contained=git.succeeds("merge-base", "--is-ancestor", source, target),
        merged_tree=None if single else _merged_tree(git, target, source),
        target_commits=log(
            git, "--first-parent", f"{parted}..{target}", paths=folders if single else ()
        ),
        source=promoted,
        known=known,
        linear=parted == target
        and not git.run("rev-list", "--merges", "-1", f"{target}..{source}"),
    )
    if single:
        changed = _with_folders(git, observed.target_commits, folders)
        outside = _changed_outside(git, target, source, monorepo.folders)
        observed = replace(observed, target_commits=changed, outside=outside)
    elif folders:
        changed = _with_folders(git, observed.target_commits, folders)
        alone = tuple(_unless_outside(git, commit, promoted, folders) for commit in changed)
        observed = replace(observed, target_commits=alone)
    wanted = (single,) if single else monorepo.packages
    states = tuple(_state(git, promotion, observed, monorepo, package) for package in wanted)
    return replace(promotion, packages=states), observed


def _parted(git: Git, source: str, target: str) -> str:
    """The newest commit that both ends hold."""
    if not git.succeeds("merge-base", source, target):
        raise PromotionError(
            "Source and target have no commit in common.",
            why="one of the branches was started anew.",
            fix="merge one into the other once, by hand, with --allow-unrelated-histories.",
            anchor="own-changes",
        )
    return git.run("merge-base", source, target)


def log(git: Git, *arguments: str, paths: Sequence[str] = ()) -> tuple[Commit, ...]:
    """Commits, the newest first; with paths, those that changed one of them."""
    limits = [f":(top,literal){path}" for path in paths]
    text = git.run("log", f"--format={_FORMAT}", *arguments, "--", *limits)
    records = (record.lstrip("\n").split("\0") for record in text.split("\0\0"))
    return tuple(
        Commit(fields[0], fields[1], tuple(fields[2].split()), fields[3])
        for fields in records
        if len(fields) == 4
    )


def commit_of(git: Git, ref: str) -> str:
    """The commit of a ref, 40 hex digits."""
    return git.run("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")


def _merged_tree(git: Git, target: str, source: str) -> str | None:
    if not git.succeeds("merge-tree", "--write-tree", target, source):
        return None
    return git.run("merge-tree", "--write-tree", target, source).partition("\n")[0]


def _lineages(
    git: Git, source: str, branch: str, folders: Sequence[str]
) -> tuple[Lineage, Lineage]:
    """The ancestry of the promoted commit, and that of the source's branch with it."""
    tips = [source, branch] if branch else [source]
    listed = git.run("log", "--format=%H %T", *tips, "--").split()
    known = dict(zip(listed[::2], listed[1::2], strict=True))
    trees = tuple(dict.fromkeys(known.values()))
    held = {path: dict(zip(trees, _trees(git, trees, path), strict=True)) for path in folders}

    def lineage(commits: Iterable[str]) -> Lineage:
        shas = frozenset(commits)
        own = frozenset(known[sha] for sha in shas)
        had = {path: frozenset(of[tree] for tree in own) - {""} for path, of in held.items()}
        return Lineage(shas, own, had)

    every = lineage(known)
    return (lineage(git.run("rev-list", source).split()) if branch else every), every


def _trees(git: Git, commits: Sequence[str], path: str) -> list[str]:
    """The tree of a folder in each of some commits or trees; empty where it is no folder."""
    if not commits:
        return []
    asked = "".join(f"{commit}:{path}\n" for commit in commits)
    answers = git.run("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=asked)
    found = (line.partition(" ") for line in answers.split("\n"))
    return [name if kind == "tree" else "" for kind, _, name in found]


def _with_folders(
    git: Git, commits: Sequence[Commit], folders: Sequence[str]
) -> tuple[Commit, ...]:
    """The commits, with the trees that they gave to the folders."""
    shas = [commit.sha for commit in commits]
    before = [commit.parents[0] for commit in commits]
    changed: list[dict[str, str]] = [{} for _ in commits]
    for path in folders:
        pairs = zip(_trees(git, shas, path), _trees(git, before, path), strict=True)
        for found, (new, old) in zip(changed, pairs, strict=True):
            if new != old:
                found[path] = new
    return tuple(replace(one, folders=found) for one, found in zip(commits, changed, strict=True))


def _unless_outside(git: Git, commit: Commit, source: Lineage, folders: Sequence[str]) -> Commit:
    """The commit, without its folders where it changed more than those."""
    # A tree of the source settles it, so git need not be asked.
    if commit.tree_sha in source.trees or not _same(
        git, commit.parents[0], commit.sha, ".", folders
    ):
        return replace(commit, folders=None)
    return commit


def _state(
    git: Git, promotion: Promotion, observed: Observed, monorepo: Monorepo, package: Package
) -> PackageState:
    tag_format = package.tags(monorepo.environments.suffixes)
    reached = (tag for tag, sha in monorepo.tags.items() if sha in observed.source.commits)
    newest = (
        (promotion.version, promotion.tag)
        if promotion.version
        else newest_tag(tag_format, promotion.source, reached)
    )
    before = newest_tag(tag_format, promotion.target, monorepo.tags)
    source, target = observed.source_commit, observed.target_commit
    others = monorepo.folders if package.path == "." else ()
    folder, present = _trees(git, [source, target], "" if package.path == "." else package.path)
    if _same(git, source, target, package.path, others):
        standing: Standing = "same"
    elif package.path == ".":
        # Whose the root's files are, the target's commits tell.
        standing = "older"
    else:
        standing = _standing(present, package.path, observed)
    tagged = monorepo.tags.get(newest[1], source) if newest else ""
    return PackageState(
        package=package,
        version=newest[0] if newest else None,
        tag=newest[1] if newest else "",
        before=before[0] if before else None,
        folder=folder,
        standing=standing,
        as_released=bool(tagged) and _same(git, tagged, source, package.path, others),
    )


def _standing(present: str, path: str, observed: Observed) -> Standing:
    if not present:
        return "missing"
    if present in observed.source.folders[path]:
        return "older"
    return "newer" if present in observed.known.folders[path] else "own"


def _same(git: Git, one: str, other: str, path: str, without: Sequence[str]) -> bool:
    """Whether a folder is the same in two commits, leaving out some of its own folders."""
    limits = _limits(path, without)
    return one == other or git.succeeds("diff-tree", "-r", "--quiet", one, other, "--", *limits)


def _changed_outside(git: Git, one: str, other: str, without: Sequence[str]) -> tuple[str, ...]:
    limits = _limits(".", without)
    return tuple(git.run("diff-tree", "-r", "--name-only", one, other, "--", *limits).splitlines())


def _limits(path: str, without: Sequence[str]) -> list[str]:
    wanted = ":(top)" if path == "." else f":(top,literal){path}"
    return [wanted, *(f":(top,exclude,literal){folder}" for folder in without)]
