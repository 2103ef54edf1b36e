"""What git tells of the folders of packages; it decides nothing."""

from collections.abc import Sequence
from dataclasses import replace

from dist_actions.promote.promotion import Commit
from dist_actions.services.git.checkout import Git


def trees_at(git: Git, commits: Sequence[str], path: str) -> list[str]:
    """The tree of a folder in each of some commits or trees; empty where it is no folder."""
    if not commits:
        return []
    asked = "".join(f"{commit}:{path}\n" for commit in commits)
    answers = git.run("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=asked)
    found = (line.partition(" ") for line in answers.split("\n"))
    return [name if kind == "tree" else "" for kind, _, name in found]


def trees_of_folders(git: Git, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """The trees of folders in a commit."""
    return {path: trees_at(git, [commit], path)[0] for path in paths}


def with_folders(git: Git, commits: Sequence[Commit], folders: Sequence[str]) -> tuple[Commit, ...]:
    """The commits, with the trees that they gave to the folders."""
    shas = [commit.sha for commit in commits]
    before = [commit.parents[0] for commit in commits]
    changed: list[dict[str, str]] = [{} for _ in commits]
    for path in folders:
        pairs = zip(trees_at(git, shas, path), trees_at(git, before, path), strict=True)
        for found, (new, old) in zip(changed, pairs, strict=True):
            if new != old:
                found[path] = new
    return tuple(replace(one, folders=found) for one, found in zip(commits, changed, strict=True))


def same_folder(git: Git, one: str, other: str, path: str, without: Sequence[str]) -> bool:
    """Whether a folder is the same in two commits, leaving out some of its own folders."""
    limits = limits_of(path, without)
    return one == other or git.succeeds("diff-tree", "-r", "--quiet", one, other, "--", *limits)


def changed_outside(git: Git, one: str, other: str, without: Sequence[str]) -> tuple[str, ...]:
    """Paths that differ between two commits, leaving out some folders."""
    limits = limits_of(".", without)
    return tuple(git.run("diff-tree", "-r", "--name-only", one, other, "--", *limits).splitlines())


def limits_of(path: str, without: Sequence[str]) -> list[str]:
    """Git's path arguments for a folder without some of its own folders."""
    wanted = ":(top)" if path == "." else f":(top,literal){path}"
    return [wanted, *(f":(top,exclude,literal){folder}" for folder in without)]
