"""Random histories over dev, qa and main: every promotion merges, and nothing is lost.

What each branch must hold is told by `history_model`, which knows nothing of git. Beside it the
same histories are promoted by plain squash merges, to show that they are hard.
"""

import random
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dist_actions.errors import PromotionConflictError
from dist_actions.promote.planning import (
    back_merge_branch,
    back_merge_message,
    nothing_to_promote,
    promotion_message,
)
from dist_actions.promote.preparation import Preparation
from dist_actions.services.github.facts import BranchRules, MergedPull
from support.environments import BRANCHES, STEPS
from support.promotion.history_model import NONE, Cell, ConflictError, State
from support.promotion.modelled_repository import VERSION, ModelledRepository

GROUPS, IN_GROUP, PROMOTIONS = 10, 10, 8
#: What merges the pull requests of a whole history.
BUTTONS = (("squash",), ("merge",), ("squash", "merge"))


@dataclass
class RandomHistory:
    """One history.

    Attributes:
        alive: Whether plain squash merges still work for it.
    """

    world: ModelledRepository
    random: random.Random
    buttons: tuple[str, ...]
    plain: dict[str, str] = field(default_factory=dict)
    alive: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    newest: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Promote until it was done often enough."""
        for _ in range(10 * PROMOTIONS):
            if self.counts["promotions"] >= PROMOTIONS:
                return
            self.develop()
            self.promote(STEPS[0])
            if self.random.random() < 0.6:
                self.promote(STEPS[1])
            if self.random.random() < 0.3:
                self.hotfix(self.random.choice(["qa", "main"]))
        raise AssertionError("it came to no end")

    def develop(self) -> None:
        """Some commits on dev, a version, and now and then something after it."""
        for _ in range(self.random.randint(1, 3)):
            self.world.write("dev", self.change("dev"), "Work")
        self.world.releases += 1
        version = f"0.{self.world.releases}.0"
        self.world.write("dev", {VERSION: version}, f"Version {version}")
        self.world.tag(version, "dev")
        self.newest["dev"] = version
        if self.random.random() < 0.3:
            self.world.write("dev", self.change("dev"), "Not released yet")

    def change(self, branch: str) -> dict[Cell, str | None]:
        """An edit, an addition, a deletion, a renaming, or a revert."""
        state, world = self.world.state(branch), self.world
        files = [cell[0] for cell, one in state.items() if cell[1] == "path" and one.value]
        file = self.random.choice([one for one in files if one] or [0])
        kind = self.random.choices(
            ["edit", "add", "delete", "rename", "revert"], [8, 3, 1, 1 if branch == "dev" else 0, 3]
        )[0]
        if kind == "add" or not file:
            return world.new_file()
        if kind == "delete" and len(files) > 3:
            return {(file, "path"): None}
        if kind == "rename" and world.places[file]:
            return {(file, "path"): f"{world.name()}.txt"}
        if kind == "revert" and (taken_back := self.revert(branch)):
            return taken_back
        return self.edit(state, file)

    def edit(self, state: State, file: int) -> dict[Cell, str | None]:
        """Change one place of a file."""
        world = self.world
        if not world.places[file]:
            return {(file, "bytes"): world.name()}
        place = str(self.random.randrange(world.places[file]))
        # Two neighbouring lines, of which one changes: git takes them for one.
        if place == "3":
            old = (state[file, "3"].value or "|").split("|")
            old[self.random.randrange(len(old))] = world.name()
            return {(file, "3"): "|".join(old)}
        return {(file, place): world.name()}

    def revert(self, branch: str) -> dict[Cell, str | None]:
        """Take back what one of the branch's last commits changed."""
        commits = self.world.git.run("rev-list", "--first-parent", "-6", branch).split()
        index = self.random.randrange(max(len(commits) - 1, 1))
        after, before = (self.world.states[sha] for sha in (commits * 2)[index : index + 2])
        return self.taken_back(branch, after, before)

    def taken_back(self, branch: str, after: State, before: State) -> dict[Cell, str | None]:
        """The old values of what changed and still is as it was changed then."""
        now = self.world.state(branch)
        return {
            cell: before.get(cell, NONE).value
            for cell, version in after.items()
            if cell != VERSION and now[cell].value == version.value
            if version.value != before.get(cell, NONE).value
        }

    def hotfix(self, branch: str) -> None:
        """Somebody changes the target itself, or reverts there what was promoted last."""
        world, kind = self.world, "A hotfix"
        changes = self.change(branch)
        if self.random.random() < 0.2:
            commits = world.git.run("rev-list", "--first-parent", "-2", branch).split()
            after, before = (world.states[sha] for sha in (commits * 2)[:2])
            changes, kind = self.taken_back(branch, after, before) or changes, "A revert by hand"
        self.counts[kind] += 1
        sha = world.write(branch, changes, kind)
        if branch in self.plain:
            parents = [self.plain[branch]]
            self.plain[branch] = world.store.commit(world.tree(world.states[sha]), parents, kind)

    def promote(self, step: tuple[str, str]) -> None:
        """Promote the source's newest version, and press a button."""
        world, (source, target) = self.world, step
        if source not in self.newest:
            return
        version, branch = self.newest[source], BRANCHES[target]
        prepared = world.prepare(source, version)
        nothing = nothing_to_promote(prepared.promotion, prepared.observed)
        theirs, ours = world.states[prepared.observed.source_commit], world.state(branch)
        try:
            expected = world.merged(ours, theirs)
        except ConflictError:
            assert nothing == ""
            picked = self.picked(prepared, ours, theirs)
            if picked is None:
                self.stop(prepared, step)
                return
            expected = picked
        assert bool(nothing) == world.same(expected, ours), nothing
        if nothing:
            return
        plan = prepared.plan(BranchRules())
        assert plan.expected_tree == world.tree(expected), "other files than expected"
        assert (plan.strategy == "stitch") != world.same(expected, theirs)
        assert bool(plan.own_changes) == (plan.strategy == "stitch")
        world.publish()
        if self.random.random() < 0.1:
            self.hotfix(branch)
            self.counts["moved"] += 1
            try:
                expected = world.merged(world.state(branch), expected)
            except ConflictError:
                return
            if plan.strategy == "direct" and world.conflicts(branch, plan.head_sha):
                return
        body = promotion_message(prepared.promotion, prepared.observed)
        pull = MergedPull(1, "", prepared.promotion.branch, plan.head_sha, body)
        back_first = self.random.random() < 0.3
        if back_first:
            self.bring_back(prepared, step)
        kinds = ("body", "messages", "title")
        world.press(branch, plan.head_sha, expected, self.random.choice(self.buttons), pull, kinds)
        self.counts["promotions"] += 1
        self.counts[plan.strategy] += 1
        self.newest[target] = version
        world.tag(version, target)
        self.press_plainly(step, prepared.observed.source_commit, expected)
        if plan.own_changes and not back_first and self.random.random() < 0.4:
            again = world.prepare(source, version)
            assert nothing_to_promote(again.promotion, again.observed)
            self.bring_back(again, step)

    def picked(self, prepared: Preparation, ours: State, theirs: State) -> State | None:
        """What both come to where the engine saw that both made the same change by themselves."""
        try:
            expected = self.world.merged(ours, theirs, picks=True)
        except ConflictError:
            return None
        if prepared.observed.joined_tree != self.world.tree(expected):
            return None
        self.counts["picks"] += 1
        return expected

    def bring_back(self, prepared: Preparation, step: tuple[str, str]) -> None:
        """Merge the target's own changes back into the source's branch."""
        world, branch = self.world, BRANCHES[step[0]]
        back = prepared.make_back_merge()
        if not back:
            return
        theirs = world.states[prepared.observed.target_commit]
        try:
            expected = world.merged(world.state(branch), theirs)
        except ConflictError:
            self.solve(prepared, step)
            return
        self.counts["back-merges"] += 1
        world.publish()
        body = back_merge_message(prepared.promotion, prepared.observed)
        pull = MergedPull(2, "", back_merge_branch(prepared.promotion), back, body)
        button = self.random.choice(["merge", "squash"])
        world.press(branch, back, expected, button, pull, ("body", "messages"))

    def stop(self, prepared: Preparation, step: tuple[str, str]) -> None:
        """What contradicts itself stops the promotion, and is solved by hand on the source."""
        with pytest.raises(PromotionConflictError) as raised:
            prepared.plan(BranchRules())
        assert raised.value.files
        self.counts["stops"] += 1
        if prepared.make_back_merge():
            self.solve(prepared, step)

    def solve(self, prepared: Preparation, step: tuple[str, str]) -> None:
        """A person merges the target's files into the source's branch, and decides."""
        world, branch = self.world, BRANCHES[step[0]]
        back = prepared.make_back_merge()
        assert back
        self.counts["solved"] += 1
        world.publish()
        theirs = world.states[prepared.observed.target_commit]
        state = world.merged(world.state(branch), theirs, solve=True)
        tip = world.tips[branch]
        parents = self.random.choice([[tip], [tip, back]])
        text = back_merge_message(prepared.promotion, prepared.observed)
        world.commit(branch, state, parents, f"Solved\n\n{text}")

    def press_plainly(self, step: tuple[str, str], source: str, expected: State) -> None:
        """The same by a squash of the source's commit, as long as that goes well."""
        world, branch = self.world, BRANCHES[step[1]]
        head = source if step[0] == "dev" else self.plain.get(f"qa {self.newest['qa']}", "")
        if not self.alive:
            return
        merged = world.git.merge_tree(self.plain[branch], head) if head else None
        if merged is None or merged.tree != world.tree(expected):
            self.alive = False
            self.plain.clear()
            return
        self.plain[branch] = world.store.commit(merged.tree, [self.plain[branch]], "A squash")
        self.plain[f"qa {self.newest.get('qa')}"] = self.plain["qa"]


def run_history(seed: int, folder: Path) -> RandomHistory:
    """The history of a seed."""
    random_ = random.Random(seed)
    world = ModelledRepository(folder, random_)
    history = RandomHistory(world, random_, BUTTONS[seed % len(BUTTONS)])
    history.plain = {"qa": world.tips["qa"], "main": world.tips["main"]}
    try:
        history.run()
    except BaseException:
        print(f"seed {seed}: {dict(history.counts)}")
        raise
    return history


@pytest.mark.parametrize("group", range(GROUPS))
def test_nothing_is_lost_and_nothing_comes_back(group: int, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in range(group * IN_GROUP, (group + 1) * IN_GROUP):
        folder = tmp_path / str(seed)
        folder.mkdir()
        history = run_history(seed, folder)
        counts += history.counts
        counts["plain squash survives"] += history.alive
        shutil.rmtree(folder)
    print(dict(counts))
    assert counts["promotions"] >= IN_GROUP * PROMOTIONS
    assert counts["stitch"] > 0
    assert counts["plain squash survives"] <= 1
