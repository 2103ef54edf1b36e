"""Read from git what a promotion is decided on; it decides nothing."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from dist_actions.errors import PromotionError
from dist_actions.promote.history.commits import CommitGraph, Ends
from dist_actions.promote.history.joined_merge import JoinedMerge
from dist_actions.promote.history.joins import WithVariables
from dist_actions.promote.history.package_folders import (
    Monorepo,
    changed_outside,
    limits_of,
    read_package_state,
    trees_at,
    with_folders,
)
from dist_actions.promote.promotion import Commit, Lineage, Observed, PackageState, Promotion
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import PullsOfCommits

_FORMAT = "%H %T %ct %P%x00%B%x00"


def observe(
    git: Git,
    promotion: Promotion,
    ends: Ends,
    monorepo: Monorepo,
    *,
    with_variables: WithVariables,
    pulls_of: PullsOfCommits,
) -> tuple[Promotion, Observed, Git]:
    """Read what `planning` decides on: both ends of the promotion's packages, and the histories.

    Returns:
        Also the repository in which git knows what was squashed.

    Raises:
        PromotionError: The histories have no commit in common.
    """
    source, target = ends.source, ends.target
    commits = list_commits(git, "--topo-order", source, target, ends.branch)
    graph = CommitGraph({commit.sha: commit for commit in commits})
    single = promotion.package
    folders = (single.path,) if single else monorepo.folders
    observed = _observe_ends(git, graph, ends, folders)
    if single:
        changed = list_commits(git, "--first-parent", f"{source}..{target}", paths=folders)
        observed = replace(
            observed,
            target_commits=with_folders(git, changed, folders),
            outside=changed_outside(git, target, source, monorepo.folders),
        )
    packages = (single,) if single else monorepo.packages
    states = tuple(
        read_package_state(git, promotion, observed, monorepo, package) for package in packages
    )
    promotion = replace(promotion, packages=states)
    if ends.same_version:
        tagged = f"{ends.same_version}^{{commit}}:{single.path if single else ''}"
        observed = replace(observed, tagged_tree=git.run("rev-parse", "--verify", tagged))
    if single:
        return promotion, observed, git
    changed = _of_folders_alone(git, observed, folders) if folders else ()
    of_packages = _from_packages(states, observed, changed)
    older = [state.package.path for state in states if state.folder_state == "older"]
    paths = [path for path in older if path != "."]
    merge = JoinedMerge(with_variables, graph, promotion, ends, of_packages, paths)
    observed, joined = merge.observe(observed, pulls_of)
    return promotion, observed, joined


def _observe_ends(git: Git, graph: CommitGraph, ends: Ends, folders: Sequence[str]) -> Observed:
    source, target = ends.source, ends.target
    ancestry, present = graph.ancestors(source), graph.ancestors(target)
    if not ancestry & present:
        raise _nothing_in_common()
    source_branch = graph.ancestors(source, ends.branch)
    lineage, branch_lineage = _lineages(git, graph, ancestry, source_branch, folders)
    contained = source in present
    new = (graph.commits[sha] for sha in ancestry - present)
    return Observed(
        source_commit=source,
        source_tree=graph.commits[source].tree_sha,
        target_commit=target,
        target_tree=graph.commits[target].tree_sha,
        contained=contained,
        merged_tree=None if contained else git.merge_tree(target, source).tree or None,
        source=lineage,
        source_branch=branch_lineage,
        linear=target in ancestry and all(len(commit.parents) == 1 for commit in new),
        newest=ends.newest,
    )


def _nothing_in_common() -> PromotionError:
    return PromotionError(
        "Source and target have no commit in common.",
        why="one of the branches was started anew.",
        fix="merge one into the other once, by hand, with --allow-unrelated-histories.",
        anchor="own-changes",
    )


def list_commits(git: Git, *arguments: str, paths: Sequence[str] = ()) -> tuple[Commit, ...]:
    """List commits, the newest first; with paths, those that changed one of them."""
    limits = [f":(top,literal){path}" for path in paths]
    options = [argument for argument in arguments if argument]
    text = git.run("log", f"--format={_FORMAT}", *options, "--", *limits)
    heads, messages = (text.split("\0")[start::2] for start in (0, 1))
    commits = []
    for head, message in zip(heads, messages, strict=False):
        sha, tree, committed, *parents = head.split()
        commits.append(Commit(sha, tree, tuple(parents), message, int(committed)))
    return tuple(commits)


def resolve_commit(git: Git, ref: str) -> str:
    """Resolve a ref to its commit, 40 hex digits."""
    return git.run("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")


def _lineages(
    git: Git,
    graph: CommitGraph,
    source: Collection[str],
    source_branch: Collection[str],
    folders: Sequence[str],
) -> tuple[Lineage, Lineage]:
    """Read the ancestry of the promoted commit, and that of the source's branch with it."""
    trees = tuple({graph.commits[sha].tree_sha for sha in source_branch})
    of_folders = {
        path: dict(zip(trees, trees_at(git, trees, path), strict=True)) for path in folders
    }

    def lineage(shas: Collection[str]) -> Lineage:
        roots = frozenset(graph.commits[sha].tree_sha for sha in shas)
        folder_trees = {
            path: frozenset(of_root[root] for root in roots) - {""}
            for path, of_root in of_folders.items()
        }
        return Lineage(frozenset(shas), roots, folder_trees)

    return lineage(source), lineage(source_branch)


def _from_packages(
    states: Sequence[PackageState], observed: Observed, changed: Sequence[Commit]
) -> Callable[[Commit], bool]:
    """Return a test for commits that changed only packages' folders and left no own change.

    A package's folder that the source has or had came from there, whatever brought it.
    """
    own_paths = {state.package.path for state in states if state.folder_state == "own"}
    settled = {
        commit.sha
        for commit in changed
        if commit.folders is not None
        and all(
            path not in own_paths or tree in observed.source_branch.folders[path]
            for path, tree in commit.folders.items()
        )
    }
    return lambda commit: commit.sha in settled


def _of_folders_alone(git: Git, observed: Observed, folders: Sequence[str]) -> tuple[Commit, ...]:
    """List the target's commits that the source lacks; those that changed more get no folders."""
    between = f"{observed.source_commit}..{observed.target_commit}"
    line = ("--first-parent", between)
    changed = with_folders(git, list_commits(git, *line), folders)
    outside = set(git.run("log", "--format=%H", *line, "--", *limits_of(".", folders)).split())
    return tuple(
        replace(commit, folders=None) if commit.sha in outside else commit for commit in changed
    )
