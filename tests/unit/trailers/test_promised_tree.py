"""Which messages say that a commit is a promotion, and what they promise."""

import pytest

from dist_actions.trailers.commit_messages import PromisedTree, find_promised_tree
from support.stages.hostile_texts import COMMANDS, PAYLOADS

A, B, C = "a" * 40, "b" * 40, "c" * 40


def claim(tree: str, target: str = "") -> str:
    lines = [f"Promoted-From: {C}", f"Promoted-Tree: {tree}"]
    return "\n".join([*lines, f"Promoted-To: {target}"] if target else lines)


TITLE = "chore: promote v1.0.0 to qa"
MERGE = "Merge pull request #12 from eigenoid/promote/v1.0.0-to-qa"
NO = None
SAID: dict[str, tuple[str, set[str] | None]] = {
    "a squash": (TITLE, set()),
    "a squash with its number": (f"{TITLE} (#12)", set()),
    "a package": ("chore: promote sample v1.0.0 to qa (#12)", set()),
    "a merge": (f"{MERGE}\n\n{TITLE}", set()),
    "a merge by hand": ("Merge branch 'promote/v1.0.0-to-qa' into qa", set()),
    "a merge of a remote branch": ("Merge remote-tracking branch 'origin/promote/x-to-qa'", set()),
    "a claim": (f"Anything\n\n{claim(A, 'qa')}", {A}),
    "the same claim twice": (f"{TITLE}\n\n{claim(A, 'qa')}\n\n{claim(A, 'qa')}", {A}),
    "two claims": (f"{TITLE}\n\n{claim(A, 'qa')}\n\n{claim(B, 'qa')}", {A, B}),
    "a claim about another environment": (f"{TITLE}\n\n{claim(A, 'dev')}", set()),
    "a claim that names none": (f"{TITLE}\n\n{claim(A)}", {A}),
    "the last of those that name none": (f"{TITLE}\n\n{claim(A)}\n\n{claim(B)}", {B}),
    "a claim that names none, of any commit": (f"Anything\n\n{claim(A)}", NO),
    "another environment": ("chore: promote v1.0.0 to prd", NO),
    "an environment that ends alike": ("chore: promote v1.0.0 to my-qa", NO),
    "another branch": ("Merge pull request #12 from eigenoid/feature-to-qa", NO),
    "another target's branch": ("Merge pull request #12 from eigenoid/promote/v1-to-prd", NO),
    "a revert": (f'Revert "{TITLE}"\n\nThis reverts commit {C}.', NO),
    "a mention": (f"Fix what {TITLE} broke", NO),
    "nothing": ("", NO),
}


@pytest.mark.parametrize("name", list(SAID))
def test_a_message_says_whether_it_is_a_promotion(name: str) -> None:
    message, trees = SAID[name]
    wanted = None if trees is None else PromisedTree("qa", frozenset(trees))
    assert find_promised_tree(message, "qa") == wanted


@pytest.mark.parametrize("payload", [*PAYLOADS.values(), *COMMANDS.values()])
def test_a_hostile_message_is_no_promotion(payload: str) -> None:
    assert find_promised_tree(payload, "qa") is None
    assert find_promised_tree(f"{payload}\n\n{claim(A, 'prd')}", "qa") is None
