"""Named points of the App: its clock, its installation, and the life of its token."""

import json
from collections.abc import Callable

import pytest

from support.faults.flows import Flow
from support.faults.points import LOST, play

Flows = Callable[[str], Flow]

MINT = {"method": "POST", "path": "/access_tokens$"}
BAD = json.dumps({"message": "Bad credentials"})
MISSING = json.dumps({"message": "Not Found"})
#: The first request that an App's new token is used for.
FIRST_USE = {"auto-tag": ("POST", "/git/tags$"), "release": ("GET", "/releases$")}
#: The last one but its revocation, which makes the change that counts.
LAST_USE = {"auto-tag": ("POST", "/git/refs$"), "release": ("PATCH", r"/releases/\d+$")}


@pytest.mark.parametrize("seconds", [90, -90, 600, -600])
def test_point_01_clock_off(shared_flow: Flows, seconds: int) -> None:
    """A slow clock makes claims that are old, which may be; a fast one, claims of the future."""
    off = "" if seconds == -90 else "-" if seconds < 0 else "+"
    says = [f"This machine's clock is {off}", "s off GitHub's; using GitHub's."] if off else []
    assert play(shared_flow("auto-tag"), skew_seconds=float(seconds), says=says) == []


def test_point_02_installation_404(shared_flow: Flows) -> None:
    flow = shared_flow("auto-tag")

    def install(installed: bool) -> None:
        flow.sandbox.control("POST", "apps/automation-bot", {"installed": installed})

    broken = play(
        flow,
        before=lambda: install(False),
        after=lambda: install(True),
        exit_status=1,
        says=["is not installed on eigenoid/eigenoid-sample"],
    )
    assert broken == []


def test_point_03_token_made_but_its_answer_lost(shared_flow: Flows) -> None:
    """Another token is minted; of the first one nobody knows, so that it ends by itself."""
    flow = shared_flow("auto-tag")
    broken = [play(flow, [{**MINT, **lost}], lost_tokens=1) for lost in LOST]
    assert broken == [[]] * len(LOST)


def test_point_04_mint_5xx_three_times(shared_flow: Flows) -> None:
    flow = shared_flow("auto-tag")
    statuses = (500, 502, 503)
    broken = [play(flow, [{**MINT, "status": status, "times": 3}]) for status in statuses]
    mixed = [{**MINT, "status": status} for status in statuses]
    assert [*broken, play(flow, mixed)] == [[]] * 4


@pytest.mark.parametrize("name", FIRST_USE)
@pytest.mark.parametrize(("status", "body"), [(401, BAD), (404, MISSING)])
def test_point_05_fresh_token_401_or_404_for_six_seconds(
    shared_flow: Flows, name: str, status: int, body: str
) -> None:
    """Tries after one, two and four seconds: three of them fail within six."""
    method, path = FIRST_USE[name]
    fault = {"method": method, "path": path, "status": status, "body": body, "times": 3}
    assert play(shared_flow(name), [fault], says=[f"HTTP {status}; next try in 4 s"]) == []


@pytest.mark.parametrize("name", LAST_USE)
def test_point_06_token_expires_mid_run(shared_flow: Flows, name: str) -> None:
    """The hour of the token passes while the run waits for something else."""
    flow = shared_flow(name)
    clock = flow.sandbox.world.clock

    broken = play(
        flow,
        at=LAST_USE[name],
        meanwhile=lambda: clock.skip(3700),
        exit_status=1,
        says=["the App's token is not valid, expired", "it mints another one"],
    )
    waited = [text for text in broken if text.startswith("I10")]
    assert [text for text in broken if text not in waited] == []
