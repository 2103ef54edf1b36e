"""Where a request of `dist-actions init --apply` fails, the settings end as they are to be."""

import pytest

from dist_actions.services.clock import SystemClock
from support.faults.modes import modes
from support.init.hosted import BOT, Apply
from support.sandbox.fixtures import Sandbox

#: A request of each kind that changes something: its method, and the end of its path.
CHANGES = (
    ("POST", "/git/refs$"),
    ("PUT", "/environments/qa$"),
    ("POST", "/deployment-branch-policies$"),
    ("POST", "/variables$"),
    ("POST", "/rulesets$"),
)


@pytest.fixture
def passing_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every wait be over at once."""
    monkeypatch.setattr(SystemClock, "sleep", lambda _clock, _seconds: None)


def let_fail(sandbox: Sandbox, mode: str, method: str, path: str) -> None:
    fault = modes(sandbox.world.clock.now())[mode].fault
    sandbox.control("POST", "faults", {"method": method, "path": path, **fault})


@pytest.mark.usefixtures("passing_time")
@pytest.mark.parametrize("mode", ["applied then reset", "other JSON"])
def test_each_change_is_made_though_its_answer_is_lost_or_another_servers(
    hosted: Sandbox, apply: Apply, values: tuple[str, ...], mode: str
) -> None:
    for method, path in CHANGES:
        let_fail(hosted, mode, method, path)
    done = apply("--yes", *BOT, *values)
    assert done.status == 0, done.stderr
    assert hosted.control("GET", "faults") == []
    again = apply(*BOT, *values)
    assert "On GitHub nothing is to be made or changed." in again.stdout, again.stdout


@pytest.mark.usefixtures("passing_time")
def test_what_ends_in_the_middle_says_how_far_it_came_and_a_rerun_adds_the_rest(
    hosted: Sandbox, apply: Apply, values: tuple[str, ...]
) -> None:
    let_fail(hosted, "endless", "POST", "/variables$")
    ended = apply("--yes", *BOT, *values)
    assert ended.status == 3
    what, why, fix, _ = ended.stderr.splitlines()[-4:]
    assert what.endswith(" changes were made before.")
    assert why.startswith("Why: ")
    assert fix.startswith("Fix: ")
    assert fix.endswith("Then run the command again: what is made stays, the rest follows.")
    assert apply("--yes", *BOT, *values).status == 0
    again = apply(*BOT, *values)
    assert "On GitHub nothing is to be made or changed." in again.stdout, again.stdout
