"""The promote action's inputs."""

from datetime import timedelta

import pytest

from dist_actions.errors import InputError
from dist_actions.promote.inputs import PromoteInputs


def read(**inputs: str) -> PromoteInputs:
    return PromoteInputs.from_environ(
        {f"INPUT_{name.upper()}": text for name, text in inputs.items()}
    )


def test_the_defaults() -> None:
    inputs = read()
    assert (inputs.mode, inputs.strategy, inputs.on_own_changes) == ("pr", "auto", "back-merge-pr")
    assert inputs.conditions.gates == ("release", "published", "checks", "dependencies")
    assert inputs.conditions.min_age == timedelta(0)
    assert not inputs.request.allow_skip
    assert read(require="none").conditions.gates == ()
    assert read(require="checks, release").conditions.gates == ("release", "checks")
    assert read(min_age="3d").conditions.min_age == timedelta(days=3)
    freezes = read(
        freeze="\nFri 16:00..Mon 08:00 UTC\n2026-01-01..2026-01-02 UTC"
    ).conditions.freezes
    assert [one.text for one in freezes] == [
        "Fri 16:00..Mon 08:00 UTC",
        "2026-01-01..2026-01-02 UTC",
    ]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"freeze": "2026-12-20..2027-01-02"}, "freeze has no begin, end and time zone"),
        ({"freeze": "Fri 16:00..Mon 08:00 Europe/Entenhausen"}, "names no known time zone"),
        ({"require": "release, tests"}, "require holds 'tests'"),
        ({"mode": "auto-merge", "draft": "true"}, "draft is true beside auto-merge"),
        ({"mode": "merge"}, "mode is 'merge'"),
        ({"strategy": "rebase"}, "strategy is 'rebase'"),
        ({"min_age": "soon"}, "min-age is 'soon'"),
        ({"on_own_changes": "drop"}, "on-own-changes is 'drop'"),
        ({"allow_skip": "yes"}, "allow-skip is 'yes'"),
        ({"version": "newest"}, "version is 'newest'"),
        ({"override_reason": "two\nlines"}, "override-reason holds more than one line"),
    ],
)
def test_what_cannot_be_used_is_refused(inputs: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read(**inputs)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        read(mode="x", strategy="y", freeze="z\nw", min_age="v")
    for name in ("mode", "strategy", "freeze", "min-age"):
        assert name in refused.value.what.lower()
