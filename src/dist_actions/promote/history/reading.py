"""Reads from git what a promotion is decided on; it decides nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.version import Version

from dist_actions.errors import PromotionError
from dist_actions.pipeline.environments import EnvironmentMap
from dist_actions.pipeline.packages import Package
from dist_actions.promote.history.commits import History
from dist_actions.promote.history.ends import Lines
from dist_actions.promote.history.folders import (
    changed_outside,
    limits_of,
    same_folder,
    trees_at,
    trees_of_folders,
    with_folders,
)
from dist_actions.promote.history.joins import WithVariables
from dist_actions.promote.history.promoted_commits import Question
from dist_actions.promote.promotion import (
    Commit,
    Lineage,
    Observed,
    PackageState,
    Promotion,
    Standing,
)
from dist_actions.promote.selection import newest_tag
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import PullsOfCommits

_FORMAT = "%H %T %ct %P%x00%B%x00"


@dataclass(frozen=True)
class Ends:
    """Where both ends of a promotion are in the repository that was fetched.

    Attributes:
        source: The commit that is promoted.
        target: Ref of the target's branch.
        branch: Ref of the source's branch; empty where it was not fetched.
        newest: The newest version that is tagged in the target, with its tag.
        same: The target's tag of the version that is promoted; empty for none.
    """

    source: str
    target: str
    branch: str = ""
    newest: tuple[Version, str] | None = None
    same: str = ""


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
    git: Git,
    promotion: Promotion,
    ends: Ends,
    monorepo: Monorepo,
    *,
    with_variables: WithVariables,
    pulls_of: PullsOfCommits,
) -> tuple[Promotion, Observed, Git]:
    """What `planning` decides on: the promotion with both ends of its packages, and the histories.

    Returns:
        Also the repository in which git knows what was squashed.

    Raises:
        PromotionError: The histories have no commit in common.
    """
    source, target = ends.source, commit_of(git, ends.target)
    branch = commit_of(git, ends.branch) if ends.branch else ""
    history = History({one.sha: one for one in log(git, "--topo-order", source, target, branch)})
    single = promotion.package
    folders = (single.path,) if single else monorepo.folders
    observed = _ends(git, history, (source, target, branch), folders)
    of_target: tuple[Commit, ...] = ()
    if single:
        of_target = log(git, "--first-parent", f"{source}..{target}", paths=folders)
        of_target = with_folders(git, of_target, folders)
        outside = changed_outside(git, target, source, monorepo.folders)
        observed = replace(observed, target_commits=of_target, outside=outside)
    elif folders:
        of_target = _of_folders_alone(git, observed, folders)
    wanted = (single,) if single else monorepo.packages
    states = tuple(_state(git, promotion, observed, monorepo, package) for package in wanted)
    promotion = replace(promotion, packages=states)
    same = f"{ends.same}^{{commit}}:{single.path if single else ''}" if ends.same else ""
    observed = replace(
        observed,
        newest=ends.newest,
        tagged_tree=git.run("rev-parse", "--verify", same) if same else "",
    )
    if single:
        return promotion, observed, git
    from_packages = _from_packages(states, observed, of_target)
    question = Question(
        source, branch, target, promotion.target.name, promotion.source.branch, from_packages
    )
    lines = _lines(with_variables, git, history, question, states)
    observed, joined = lines.merge(observed, pulls_of)
    return promotion, observed, joined


def _lines(
    with_variables: WithVariables,
    git: Git,
    history: History,
    question: Question,
    states: Sequence[PackageState],
) -> Lines:
    """Both ends, with the folders of packages that were promoted alone."""
    older = [one.package.path for one in states if one.standing == "older"]
    paths = [path for path in older if path != "."]
    return Lines(with_variables, history, question, lambda last: trees_of_folders(git, last, paths))


def _ends(
    git: Git, history: History, tips: tuple[str, str, str], folders: Sequence[str]
) -> Observed:
    source, target, branch = tips
    ancestry, present = history.ancestors(source), history.ancestors(target)
    if not ancestry & present:
        raise PromotionError(
            "Source and target have no commit in common.",
            why="one of the branches was started anew.",
            fix="merge one into the other once, by hand, with --allow-unrelated-histories.",
            anchor="own-changes",
        )
    promoted, known = _lineages(git, history, ancestry, history.ancestors(source, branch), folders)
    source_tree, contained = history.commits[source].tree_sha, source in present
    merged = None if contained else git.merge_tree(target, source).tree or None
    new = (history.commits[sha] for sha in ancestry - present)
    return Observed(
        source_commit=source,
        source_tree=source_tree,
        target_commit=target,
        target_tree=history.commits[target].tree_sha,
        contained=contained,
        merged_tree=merged,
        source=promoted,
        known=known,
        linear=target in ancestry and all(len(one.parents) == 1 for one in new),
    )


def log(git: Git, *arguments: str, paths: Sequence[str] = ()) -> tuple[Commit, ...]:
    """Commits, the newest first; with paths, those that changed one of them."""
    limits = [f":(top,literal){path}" for path in paths]
    given = [argument for argument in arguments if argument]
    text = git.run("log", f"--format={_FORMAT}", *given, "--", *limits)
    heads, messages = (text.split("\0")[start::2] for start in (0, 1))
    found = []
    for head, message in zip(heads, messages, strict=False):
        sha, tree, committed, *parents = head.split()
        found.append(Commit(sha, tree, tuple(parents), message, int(committed)))
    return tuple(found)


def commit_of(git: Git, ref: str) -> str:
    """The commit of a ref, 40 hex digits."""
    return git.run("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")


def _lineages(
    git: Git,
    history: History,
    source: Collection[str],
    known: Collection[str],
    folders: Sequence[str],
) -> tuple[Lineage, Lineage]:
    """The ancestry of the promoted commit, and that of the source's branch with it."""
    trees = tuple({history.commits[sha].tree_sha for sha in known})
    held = {path: dict(zip(trees, trees_at(git, trees, path), strict=True)) for path in folders}

    def lineage(shas: Collection[str]) -> Lineage:
        own = frozenset(history.commits[sha].tree_sha for sha in shas)
        had = {path: frozenset(of[tree] for tree in own) - {""} for path, of in held.items()}
        return Lineage(frozenset(shas), own, had)

    return lineage(source), lineage(known)


def _from_packages(
    states: Sequence[PackageState], observed: Observed, changed: Sequence[Commit]
) -> Callable[[Commit], bool]:
    """Tells whether a commit changed nothing but packages' folders, and nothing own that stands.

    A package's folder that the source has or had came from there, whatever brought it.
    """
    own = {state.package.path for state in states if state.standing == "own"}
    settled = {
        one.sha
        for one in changed
        if one.folders is not None
        and all(
            path not in own or tree in observed.known.folders[path]
            for path, tree in one.folders.items()
        )
    }
    return lambda commit: commit.sha in settled


def _of_folders_alone(git: Git, observed: Observed, folders: Sequence[str]) -> tuple[Commit, ...]:
    """The target's commits that the source lacks; without their folders those that changed more."""
    between = f"{observed.source_commit}..{observed.target_commit}"
    line = ("--first-parent", between)
    changed = with_folders(git, log(git, *line), folders)
    outside = set(git.run("log", "--format=%H", *line, "--", *limits_of(".", folders)).split())
    return tuple(replace(one, folders=None) if one.sha in outside else one for one in changed)


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
    folder, present = trees_at(git, [source, target], "" if package.path == "." else package.path)
    if same_folder(git, source, target, package.path, others):
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
        as_released=bool(tagged) and same_folder(git, tagged, source, package.path, others),
    )


def _standing(present: str, path: str, observed: Observed) -> Standing:
    if not present:
        return "missing"
    if present in observed.source.folders[path]:
        return "older"
    return "newer" if present in observed.known.folders[path] else "own"
