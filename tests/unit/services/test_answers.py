"""The table of what an HTTP status means."""

import pytest

from dist_actions.services.answers import Meaning, holds_content, meaning_of


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        ((200, 201, 202, 204, 206, 299), Meaning.SUCCESS),
        ((300, 301, 302, 303, 304, 307, 308, 399), Meaning.REDIRECTED),
        ((408, 425, 429, 500, 502, 503, 504, 520, 599), Meaning.PASSING),
        ((407,), Meaning.PROXY),
        ((0, 100, 199, 400, 401, 403, 404, 409, 413, 422, 451, 499, 600, 999), Meaning.REFUSED),
    ],
)
def test_every_status_has_one_meaning(statuses: tuple[int, ...], meaning: Meaning) -> None:
    assert {meaning_of(status) for status in statuses} == {meaning}


def test_some_successes_have_no_content_of_their_own() -> None:
    assert [status for status in range(100, 600) if holds_content(status)] == [200, 203]
