"""When nothing is promoted, and when that ends."""

import contextlib
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_actions.promote.gates.freezes import frozen_until, parse_freeze

WEEKEND = "Fri 16:00..Mon 08:00 Europe/Berlin"
YEARS_END = "2026-12-20T00:00..2027-01-02T00:00 Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("lines", "now", "opens"),
    [
        pytest.param([YEARS_END], "2026-12-19T22:59", None, id="before"),
        pytest.param([YEARS_END], "2026-12-19T23:00", "2027-01-01T23:00", id="begins inside"),
        pytest.param([YEARS_END], "2027-01-01T23:00", None, id="ends outside"),
        pytest.param(["2026-12-20..2026-12-21 UTC"], "2026-12-20T05:00", "2026-12-21T00:00"),
        pytest.param([WEEKEND], "2026-11-20T14:59", None, id="Friday before"),
        pytest.param([WEEKEND], "2026-11-20T15:00", "2026-11-23T07:00", id="Friday"),
        pytest.param([WEEKEND], "2026-11-23T06:59", "2026-11-23T07:00", id="Monday"),
        pytest.param([WEEKEND], "2026-11-23T07:00", None, id="Monday after"),
        pytest.param(["monday 09:00..Mon 10:00 UTC"], "2026-11-23T09:30", "2026-11-23T10:00"),
        pytest.param(["Mon 10:00..Mon 09:00 UTC"], "2026-11-23T09:30", None, id="almost a week"),
        pytest.param(["Mon 10:00..Mon 09:00 UTC"], "2026-11-30T08:00", "2026-11-30T09:00"),
        pytest.param(["Sun 00:00..Sun 03:30 Europe/Berlin"], "2026-10-25T01:45",
                     "2026-10-25T02:30", id="a day of 25 hours"),
        pytest.param(["2026-10-25T00:00..2026-10-25T02:30 Europe/Berlin"], "2026-10-25T01:00",
                     "2026-10-25T01:30", id="an hour that comes twice ends late"),
        pytest.param(["2026-03-29T02:30..2026-03-29T05:00 Europe/Berlin"], "2026-03-29T00:30",
                     "2026-03-29T03:00", id="an hour that never comes begins early"),
        pytest.param([WEEKEND, "Mon 06:00..Tue 06:00 Europe/Berlin"], "2026-11-21T12:00",
                     "2026-11-24T05:00", id="one follows on the other"),
        pytest.param([], "2026-11-21T12:00", None, id="none"),
    ],
)  # fmt: skip
def test_a_freeze_holds_and_opens(lines: list[str], now: str, opens: str | None) -> None:
    found = frozen_until(map(parse_freeze, lines), at(now))
    assert (found[1] if found else None) == (at(opens) if opens else None)
    assert found is None or found[0].text == lines[0]


def test_one_that_never_opens_is_told_all_the_same() -> None:
    found = frozen_until([parse_freeze("Mon 00:00..Mon 00:00 UTC")], at("2026-11-21T12:00"))
    assert found is not None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-12-20T00:00..2027-01-02T00:00", "no begin, end and time zone"),
        ("2026-12-20T00:00 2027-01-02T00:00 UTC", "no begin, end and time zone"),
        ("Fri 16:00..Mon 08:00 Europe/Entenhausen", "no known time zone"),
        ("Fri 16:00..Mon 08:00 ../../etc/passwd", "no known time zone"),
        ("Fri 16:00..2026-12-20 UTC", "Fri 16:00"),
        ("Fry 16:00..Mon 08:00 UTC", "names no day"),
        ("Fri 25:00..Mon 08:00 UTC", "hour"),
        ("2027-01-02..2026-12-20 UTC", "ends before it begins"),
        ("2026-12-20T00:00+01:00..2027-01-02T00:00+01:00 UTC", "a time zone twice"),
    ],
)
def test_what_is_no_freeze_is_refused(line: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_freeze(line)


@given(st.text(max_size=60))
def test_any_other_text_is_refused_by_a_value_error(line: str) -> None:
    with contextlib.suppress(ValueError):
        parse_freeze(line)
