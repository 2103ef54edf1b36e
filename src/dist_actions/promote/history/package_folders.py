"""Read from git what became of the folders of packages; it decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.packages import Package
from dist_actions.promote.promotion import Commit, FolderState, Observed, PackageState, Promotion
from dist_actions.promote.selection import newest_tag
from dist_actions.services.git.checkout import Git


@dataclass(frozen=True)
class Monorepo:
    """What is known of a repository of several packages before its history is read.

    Attributes:
        packages: All of them; none in a repository of one package.
        tags: Every tag with its commit.
        environments: In the order of promotion.
    """

    packages: tuple[Package, ...]
    tags: Mapping[str, str]
    environments: EnvironmentMap

    @property
    def folders(self) -> tuple[str, ...]:
        """List the packages' folders; not the root, which also holds what belongs to none."""
        return tuple(package.path for package in self.packages if package.path != ".")


def read_package_state(
    git: Git, promotion: Promotion, observed: Observed, monorepo: Monorepo, package: Package
) -> PackageState:
    """Read what one package is at both ends."""
    tag_format = package.tags(monorepo.environments.suffixes)
    tags = (tag for tag, sha in monorepo.tags.items() if sha in observed.source.commits)
    newest = (
        (promotion.version, promotion.tag)
        if promotion.version
        else newest_tag(tag_format, promotion.source, tags)
    )
    before = newest_tag(tag_format, promotion.target, monorepo.tags)
    source, target = observed.source_commit, observed.target_commit
    without = monorepo.folders if package.path == "." else ()
    folder, present = trees_at(git, [source, target], "" if package.path == "." else package.path)
    folder_state: FolderState
    if same_folder(git, source, target, package.path, without):
        folder_state = "same"
    elif package.path == ".":
        # Whose the root's files are, the target's commits tell.
        folder_state = "older"
    else:
        folder_state = _compare_folder(present, package.path, observed)
    tagged = monorepo.tags.get(newest[1], source) if newest else ""
    return PackageState(
        package=package,
        version=newest[0] if newest else None,
        tag=newest[1] if newest else "",
        before=before[0] if before else None,
        folder=folder,
        folder_state=folder_state,
        as_released=bool(tagged) and same_folder(git, tagged, source, package.path, without),
    )


def _compare_folder(present: str, path: str, observed: Observed) -> FolderState:
    if not present:
        return "missing"
    if present in observed.source.folders[path]:
        return "older"
    return "newer" if present in observed.source_branch.folders[path] else "own"


def trees_at(git: Git, commits: Sequence[str], path: str) -> list[str]:
    """Read the tree of a folder in each of some commits or trees; empty where it is no folder."""
    if not commits:
        return []
    names = "".join(f"{commit}:{path}\n" for commit in commits)
    answers = git.run("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=names)
    objects = (line.partition(" ") for line in answers.split("\n"))
    return [name if kind == "tree" else "" for kind, _, name in objects]


def trees_of_folders(git: Git, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Read the trees of folders in a commit."""
    return {path: trees_at(git, [commit], path)[0] for path in paths}


def with_folders(git: Git, commits: Sequence[Commit], folders: Sequence[str]) -> tuple[Commit, ...]:
    """Add to each commit the trees that it gave to the folders."""
    shas = [commit.sha for commit in commits]
    before = [commit.parents[0] for commit in commits]
    changes: list[dict[str, str]] = [{} for _ in commits]
    for path in folders:
        pairs = zip(trees_at(git, shas, path), trees_at(git, before, path), strict=True)
        for change, (new, old) in zip(changes, pairs, strict=True):
            if new != old:
                change[path] = new
    return tuple(
        replace(commit, folders=change) for commit, change in zip(commits, changes, strict=True)
    )


def same_folder(git: Git, first: str, second: str, path: str, without: Sequence[str]) -> bool:
    """Tell whether a folder is the same in two commits, leaving out some of its own folders."""
    limits = limits_of(path, without)
    return first == second or git.succeeds(
        "diff-tree", "-r", "--quiet", first, second, "--", *limits
    )


def changed_outside(git: Git, first: str, second: str, without: Sequence[str]) -> tuple[str, ...]:
    """List the paths that differ between two commits, leaving out some folders."""
    limits = limits_of(".", without)
    names = git.run("diff-tree", "-r", "--name-only", first, second, "--", *limits)
    return tuple(names.splitlines())


def limits_of(path: str, without: Sequence[str]) -> list[str]:
    """Write git's path arguments for a folder without some of its own folders."""
    folder = ":(top)" if path == "." else f":(top,literal){path}"
    return [folder, *(f":(top,exclude,literal){excluded}" for excluded in without)]
