"""Random histories of two packages: every promotion merges, and brings what it says, or stops."""

import random
from pathlib import Path

import pytest

from dist_actions.errors import PromotionConflictError, PromotionError
from dist_actions.identity.secret import Secret
from dist_actions.pipeline.packages import Package
from dist_actions.promote.planning import nothing_to_promote
from dist_actions.promote.preparation import Preparation
from dist_actions.promote.selection import PromotionRequest
from dist_actions.services.github.facts import BranchRules
from support.environments import BRANCHES, STEPS
from support.promotion.modelled_monorepo import PACKAGES, Files, ModelledMonorepo, newest, part

SEEDS = range(20)
EMPTY: Files = {}


def develop(world: ModelledMonorepo, random_: random.Random) -> None:
    """Commits on dev: new versions, now and then a change without one, or an older text again."""
    changes: Files = {}
    for package in PACKAGES:
        chance = random_.random()
        if chance < 0.6:
            code = f"{package.path}/code"
            old = [state[code] for state in world.states["dev"] if code in state]
            changes[code] = random_.choice(old) if random_.random() < 0.2 else world.new()
            if chance < 0.5:
                changes[f"{package.path}/version"] = world.new()
    if random_.random() < 0.4:
        changes["README.md"] = world.new()
    if changes:
        world.commit("dev", changes)
    for package in PACKAGES:
        world.release("dev", package)


def expected_single(
    world: ModelledMonorepo, step: tuple[str, str], package: Package, tag: str
) -> str:
    """What promoting one package must come to: nothing, own, below or graft."""
    source, target = BRANCHES[step[0]], BRANCHES[step[1]]
    present = part(world.states[target][-1], package)
    count = world.tagged[tag][1]
    states = [part(state, package) for state in world.states[source]]
    if present == states[count - 1]:
        return "nothing"
    if present in states[:count]:
        return "graft"
    return "below" if present in states else "own"


def expected_all(world: ModelledMonorepo, step: tuple[str, str], tag: str) -> str:
    """What promoting all must come to, as long as nobody changed the root in the target."""
    source, target = BRANCHES[step[0]], BRANCHES[step[1]]
    count = world.tagged[tag][1]
    state, present = world.states[source][count - 1], world.states[target][-1]
    if state == present:
        return "nothing"
    singles = {one: expected_single_at(world, step, one, count) for one in PACKAGES}
    for stop in ("own", "below"):
        if stop in singles.values():
            return stop
    for package, found in singles.items():
        released = newest(world, step[0], package, count)
        held = world.states[source][world.tagged[released][1] - 1] if released else EMPTY
        if found != "nothing" and part(held, package) != part(state, package):
            return "unreleased"
    return "whole"


def expected_single_at(
    world: ModelledMonorepo, step: tuple[str, str], package: Package, count: int
) -> str:
    world.tagged["at"] = (BRANCHES[step[0]], count)
    found = expected_single(world, step, package, "at")
    del world.tagged["at"]
    return found


SAID = {
    "own": "has changes of its own",
    "below": "holds what is newer than",
    "unreleased": "no release holds",
}


def promote(world: ModelledMonorepo, random_: random.Random, step: tuple[str, str]) -> str:
    """Promote one package or all, press a button, and hold the target against the model."""
    source, target = BRANCHES[step[0]], BRANCHES[step[1]]
    tags = [tag for tag, (branch, _) in world.tagged.items() if branch == source]
    if not tags:
        return "nothing"
    tag = (
        random_.choice(tags) if random_.random() < 0.2 else max(tags, key=world.tagged.__getitem__)
    )
    package = next(one for one in PACKAGES if tag.startswith(f"{one.name}-v"))
    single = random_.random() < 0.6
    request = PromotionRequest(tag=tag, package="" if single else "all")
    expected = (
        expected_single(world, step, package, tag) if single else expected_all(world, step, tag)
    )
    prepared = world.prepare(request)
    if expected == "nothing":
        assert nothing_to_promote(prepared.promotion, prepared.observed)
        return expected
    nothing = nothing_to_promote(prepared.promotion, prepared.observed)
    arrived = prepared.observed.contained or prepared.observed.promoted.holds_source
    if expected in {"own", "below"} and not single and arrived:
        assert nothing
        return "nothing"
    assert nothing == ""
    if expected == "own" and not single:
        return stitch(world, prepared, target)
    if expected in SAID:
        with pytest.raises(PromotionError, match=SAID[expected]):
            prepared.plan(BranchRules())
        return expected
    plan = prepared.plan(BranchRules())
    assert prepared.plan(BranchRules()) == plan, "made again, it is the same commit"
    assert (plan.strategy == "graft") == single
    prepared.clone.push(plan.head_sha, prepared.promotion, Secret("x"))
    if random_.random() < 0.2:
        again = world.prepare(request)
        assert again.plan(BranchRules()) == plan, "a rerun makes the same commit"
        head = again.clone.head(again.promotion)
        assert head is not None
        assert head.sha == plan.head_sha
    state = world.states[source][world.tagged[tag][1] - 1]
    buttons = ["merge", "squash"]
    if single or prepared.observed.linear:
        buttons.append("rebase")
    world.merge(target, plan.head_sha, random_.choice(buttons))
    assert world.tree(target) == plan.expected_tree
    present = world.states[target][-1]
    world.states[target].append({**present, **part(state, package)} if single else state)
    assert world.files(target) == world.states[target][-1]
    for one in PACKAGES:
        world.release(step[1], one)
    return plan.strategy


def stitch(world: ModelledMonorepo, prepared: Preparation, target: str) -> str:
    """With a hotfix in a package, all travel together with it, unless that is contradictory."""
    try:
        plan = prepared.plan(BranchRules())
    except PromotionConflictError:
        return "own"
    except PromotionError as error:
        if SAID["unreleased"] in error.what:
            return "own"
        raise
    assert plan.strategy == "stitch"
    assert [one.sha for one in plan.own_changes] == [world.tip(target)]
    return "own"


def hotfix(world: ModelledMonorepo, random_: random.Random) -> None:
    """Somebody changes a package in qa, and takes it back there when promotion stops."""
    package = random_.choice(PACKAGES)
    path, before = f"{package.path}/code", dict(world.states["qa"][-1])
    world.commit("qa", {path: world.new()})
    assert promote(world, random_, STEPS[0]) in {"own", "nothing", "graft", "below"}
    world.commit("qa", {path: before[path]})


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promotion_merges_and_brings_what_it_says(seed: int, tmp_path: Path) -> None:
    random_ = random.Random(seed)
    world = ModelledMonorepo(tmp_path)
    for _ in range(5):
        develop(world, random_)
        if random_.random() < 0.15:
            hotfix(world, random_)
        promote(world, random_, random_.choice(STEPS))
