"""A repository with the branches dev, qa and main, and what each of them must hold."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dist_actions.identity.secret import Secret
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.tags import TagFormat
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.planning import promotion_message
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.selection import PromotionRequest, select_version
from dist_actions.services.git.checkout import Git
from dist_actions.services.github.facts import BranchRules, MergedPull
from support.environments import BRANCHES, SUFFIXES
from support.promotion.history_model import NONE, Cell, Merging, State, texts, values
from support.promotion.object_store import ObjectStore

TAGS = TagFormat("v{version}{suffix}", "", DEFAULT_ENVIRONMENTS.suffixes)
_ENVIRON = {"PATH": "/usr/bin:/bin:/usr/local/bin"}
#: The file that holds the version, whose only place changes at every release.
VERSION: Cell = (0, "0")


@dataclass
class ModelledRepository:
    """The repository.

    Attributes:
        tips: Commits of the branches.
        states: What a commit must hold.
        places: By file, how many places its text has; none for a binary one.
        pulls: By merged commit, its pull request, as GitHub would tell.
        pull_queries: The commits of every query for their pull requests.
    """

    folder: Path
    random: random.Random
    tips: dict[str, str] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    trees: dict[str, str] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=lambda: {0: 1})
    pulls: dict[str, MergedPull] = field(default_factory=dict)
    pull_queries: list[list[str]] = field(default_factory=list)
    numbers: int = 0
    releases: int = 0

    def __post_init__(self) -> None:
        self.store = ObjectStore(self.folder / "remote.git")
        self.git = Git(self.store.path, _ENVIRON)
        self.clone_folder = self.folder / "clone"
        self.clone_folder.mkdir()
        self.clone = PromotionClone(self.clone_folder, _ENVIRON, str(self.store.path), Secret("x"))
        first: dict[Cell, str | None] = {(0, "path"): "pyproject.toml", VERSION: "0.0.0"}
        for _ in range(4):
            first |= self.new_file()
        self.write("dev", first, "First")
        for branch in ("qa", "main"):
            self.set_branch(branch, self.tips["dev"])

    def name(self) -> str:
        """Make a text that was never there."""
        self.numbers += 1
        return f"marker-{self.numbers}"

    def new_file(self) -> dict[Cell, str | None]:
        """Make the cells of a new file, some of them binary."""
        number = len(self.places)
        binary = self.random.random() < 0.2
        self.places[number] = 0 if binary else 5
        cells: dict[Cell, str | None] = {(number, "path"): f"{self.name()}.txt"}
        if binary:
            return {**cells, (number, "bytes"): self.name()}
        return {**cells, (number, "1"): self.name(), (number, "3"): f"{self.name()}|{self.name()}"}

    def state(self, branch: str) -> State:
        """Return what a branch must hold."""
        return self.states[self.tips[branch]]

    def write(self, branch: str, changes: Mapping[Cell, str | None], message: str) -> str:
        """Commit new values of cells to a branch."""
        before = self.state(branch) if branch in self.tips else {}
        after = {
            **before,
            **{cell: before.get(cell, NONE).then(value) for cell, value in changes.items()},
        }
        parents = [self.tips[branch]] if branch in self.tips else []
        return self.commit(branch, after, parents, message)

    def commit(self, branch: str, state: State, parents: Sequence[str], message: str) -> str:
        """Commit a whole state to a branch."""
        sha = self.store.commit(self.tree(state), parents, message)
        self.states[sha] = state
        self.set_branch(branch, sha)
        return sha

    def tree(self, state: State) -> str:
        """Return the tree that git must come to."""
        return self.store.tree(texts(state, self.places))

    def tag(self, version: str, environment: str) -> None:
        """Tag the tip of an environment's branch, as auto-tag does; each tag once."""
        tag = f"tags/v{version}{SUFFIXES[environment]}"
        if not (self.store.path / "refs" / tag).exists():
            self.store.point(tag, self.tips[BRANCHES[environment]])

    def prepare(self, source: str, version: str) -> Preparation:
        """Prepare a promotion, always in the same clone, which is quicker."""
        request = PromotionRequest(from_name=source, version=version)
        selection = select_version(request, TAGS, DEFAULT_ENVIRONMENTS, ())
        assert selection is not None
        monorepo = Monorepo((), {}, DEFAULT_ENVIRONMENTS)
        return prepare(self.clone, selection, monorepo, self._pulls_of)

    def publish(self) -> None:
        """Bring what the engine made in its clone to the repository; quicker than a push."""
        self.store.adopt(self.clone_folder)

    def conflicts(self, branch: str, head: str) -> bool:
        """Tell whether a branch and a commit cannot be merged by git."""
        return bool(self.git.merge_tree(self.tips[branch], head).conflicts)

    def press(
        self,
        branch: str,
        head: str,
        state: State,
        method: str,
        pull: MergedPull,
        kinds: Sequence[str],
    ) -> str:
        """Merge a pull request by a button, which must find no conflict and give what it should.

        Args:
            branch: Its base.
            head: Its head's commit.
            state: What the branch must hold then.
            method: `merge` or `squash`.
            pull: As GitHub will tell of it.
            kinds: What a squash's message may hold: `body`, the `messages` of all commits, or
                nothing but the `title`.
        """
        base = self.tips[branch]
        merged = self.git.merge_tree(base, head)
        assert merged.conflicts == (), f"{method} of {pull.head} conflicts"
        assert merged.tree == self.tree(state), f"{method} of {pull.head} gives other files"
        if method == "merge":
            message = f"Merge pull request #{pull.number} from {pull.head}"
            sha = self.commit(branch, state, [base, head], message)
        else:
            kind = self.random.choice(kinds)
            message = f"A squash (#{pull.number})\n\n"
            if kind == "body":
                message += pull.body
            elif kind == "messages":
                message += self.git.run("log", "--reverse", "--format=* %B", f"{base}..{head}")
            sha = self.commit(branch, state, [base], message)
        self.pulls[sha] = replace(pull, head_sha=head)
        return sha

    def merged(
        self, ours: State, theirs: State, *, solve: bool = False, picks: bool = False
    ) -> State:
        """Return what two states come to."""
        return Merging(ours, theirs, solve, picks).state()

    def same(self, left_state: State, right_state: State) -> bool:
        """Tell whether two states hold the same files."""
        return (
            left_state is right_state
            or values(left_state) == values(right_state)
            or self.tree(left_state) == self.tree(right_state)
        )

    def set_branch(self, branch: str, sha: str) -> None:
        """Point a branch to a commit."""
        self.tips[branch] = sha
        self.store.point(f"heads/{branch}", sha)

    def develop(self, version: str, changes: Mapping[Cell, str | None]) -> str:
        """Commit a version with changes to dev, and tag it; return the commit."""
        sha = self.write("dev", {VERSION: version, **changes}, f"Version {version}")
        self.tag(version, "dev")
        return sha

    def squash(self, prepared: Preparation, text: str | None = None) -> str:
        """Commit a promotion to qa as a squash does; by default with the whole message."""
        head = prepared.plan(BranchRules()).head_sha
        self.publish()
        merged = self.git.merge_tree(self.tips["qa"], head)
        assert merged.conflicts == ()
        body = promotion_message(prepared.promotion, prepared.observed)
        squash_message = body if text is None else text
        sha = self.store.commit(merged.tree, [self.tips["qa"]], squash_message)
        self.set_branch("qa", sha)
        self.pulls[sha] = MergedPull(1, "", prepared.promotion.branch, head, body)
        return sha

    def bring_back(self, back: str, *, squashed: bool) -> str:
        """Merge the commit of the target's own changes into dev."""
        assert back
        self.publish()
        merged = self.git.merge_tree("dev", back)
        assert merged.conflicts == ()
        text = self.git.run("show", "-s", "--format=%B", back)
        parents = [self.tips["dev"]] if squashed else [self.tips["dev"], back]
        sha = self.store.commit(merged.tree, parents, text)
        self.states[sha] = self.merged(self.state("dev"), self.state("qa"))
        assert self.tree(self.states[sha]) == merged.tree
        self.set_branch("dev", sha)
        return sha

    def read_first_file(self, tree: str) -> str:
        """Return the text of a tree's first file."""
        self.publish()
        paths = self.git.run("ls-tree", "-r", "--name-only", tree).split()
        return self.git.run("show", f"{tree}:{paths[0]}")

    def _pulls_of(self, commits: Sequence[str]) -> Mapping[str, MergedPull]:
        self.pull_queries.append(list(commits))
        return {sha: self.pulls[sha] for sha in commits if sha in self.pulls}
