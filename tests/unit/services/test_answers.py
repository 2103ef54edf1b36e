"""The table of what an HTTP status means."""

from collections.abc import Callable

import pytest

from dist_actions.services.answers import (
    Meaning,
    holds_content,
    is_doubtful,
    is_incapable,
    is_passing,
    is_redirect,
    is_success,
    meaning_of,
)


@pytest.mark.parametrize(
    ("statuses", "meaning"),
    [
        ((200, 201, 202, 204, 206, 299), Meaning.SUCCESS),
        ((300, 301, 302, 303, 304, 307, 308, 399), Meaning.REDIRECTED),
        ((408, 425, 429, 500, 502, 503, 504, 520, 599), Meaning.PASSING),
        ((407,), Meaning.PROXY),
        ((0, 400, 401, 403, 404, 409, 413, 422, 451, 499, 501, 505, 600, 999), Meaning.REFUSED),
    ],
)
def test_every_status_has_one_meaning(statuses: tuple[int, ...], meaning: Meaning) -> None:
    assert {meaning_of(status) for status in statuses} == {meaning}


@pytest.mark.parametrize(
    ("tells", "statuses"),
    [(holds_content, [200, 203]), (is_doubtful, [401, 404]), (is_incapable, [501, 505])],
)
def test_some_statuses_say_more_than_their_class(
    tells: Callable[[int], bool], statuses: list[int]
) -> None:
    assert [status for status in range(700) if tells(status)] == statuses


def test_a_question_is_about_one_meaning() -> None:
    for status in range(700):
        answers = (is_success(status), is_redirect(status), is_passing(status))
        meanings = (Meaning.SUCCESS, Meaning.REDIRECTED, Meaning.PASSING)
        assert answers == tuple(meaning_of(status) is each for each in meanings)
