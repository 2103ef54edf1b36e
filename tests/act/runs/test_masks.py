"""What must not be seen is hidden, and what was not hidden is found."""

import base64
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dist_sandbox.rehearse.runs.masks import Masks
from support.act.secret_search import find_secrets

SECRET = "s3cr3t/+value=="


def test_every_line_of_a_secret_is_hidden() -> None:
    masks = Masks(["first line\nsecond line"])
    assert masks.hide("x second line y") == "x *** y"


def test_the_longest_secret_is_hidden_first() -> None:
    assert Masks(["abcdef", "abcdefgh"]).hide("abcdefgh") == "***"


def test_words_are_not_garbled_by_short_secrets() -> None:
    assert Masks(["on", ""]).hide("contention") == "contention"


@given(prefix=st.binary(max_size=5), suffix=st.binary(max_size=5))
def test_an_encoded_secret_is_found_whatever_stands_around_it(
    tmp_path_factory: pytest.TempPathFactory, prefix: bytes, suffix: bytes
) -> None:
    folder = tmp_path_factory.mktemp("found")
    encoded = base64.b64encode(prefix + SECRET.encode() + suffix)
    (folder / "a").write_bytes(b"x " + encoded + b" y")
    assert find_secrets(folder, [SECRET]) == [(folder / "a", "base64")]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (SECRET, "plain"),
        (quote(SECRET, safe=""), "url"),
        (SECRET.encode().hex(), "hex"),
        (base64.urlsafe_b64encode(SECRET.encode()).decode(), "base64"),
    ],
    ids=["plain", "url", "hex", "base64url"],
)
def test_a_secret_is_found_in_each_form(tmp_path: Path, written: str, name: str) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "log").write_text(f"token: {written}!")
    assert find_secrets(tmp_path, [SECRET]) == [(tmp_path / "below" / "log", name)]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("s3cr3t/value")
    assert find_secrets(tmp_path, [SECRET, ""]) == []
