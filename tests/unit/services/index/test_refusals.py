"""An index that cannot be read, in words that say what to change."""

import pytest

from dist_actions.services.index.redirects import explain_redirect
from dist_actions.services.index.refusals import explain_unreadable
from dist_actions.services.refusals import Explanation, find_explanation

URL = "https://index.example.com/simple/"


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        pytest.param(401, "check username and password", id="unknown user"),
        pytest.param(403, "roles/artifactregistry.writer", id="no permission"),
        pytest.param(418, "open the address in a browser", id="another status"),
        pytest.param(200, "open the address in a browser", id="no page of an index"),
    ],
)
def test_an_unreadable_index_names_one_action(status: int, fix: str) -> None:
    error = explain_unreadable(URL, f"HTTP {status}", status=status, answer="No.\nNever.")
    assert error.what == f"The index {URL} cannot be read: HTTP {status}: No. Never."
    assert error.anchor == "index-unreadable"
    assert fix in error.fix


def test_a_page_is_left_out_of_the_message() -> None:
    error = explain_unreadable(URL, "HTTP 403", status=403, answer=" <html>Log in</html>")
    assert error.what == f"The index {URL} cannot be read: HTTP 403."


def test_a_long_answer_is_cut() -> None:
    assert len(explain_unreadable(URL, "HTTP 403", status=403, answer="x" * 9999).what) < 300


@pytest.mark.parametrize(("location", "shown"), [("https://b.example/", "https://b."), ("", "now")])
def test_a_redirect_is_told_and_not_followed(location: str, shown: str) -> None:
    error = explain_redirect(URL, URL, location)
    assert f"redirects to {shown}" in error.what
    assert error.anchor == "index-redirects"


def test_the_first_cause_that_is_said_is_taken() -> None:
    rows = {"b": Explanation("first", "", anchor=""), "a": Explanation("second", "", anchor="")}
    found = find_explanation(rows, "A B")
    assert found is not None
    assert found.why == "first"
    assert find_explanation(rows, "c") is None


def test_a_value_is_never_taken_for_a_name() -> None:
    cause = Explanation("{a} and {unknown}", "{b}", anchor="").fill({"a": "{b}", "b": "x"})
    assert (cause.why, cause.fix) == ("{b} and {unknown}", "x")
