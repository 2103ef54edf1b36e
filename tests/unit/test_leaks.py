"""The scanner finds what is planted, in every form in which secrets leak."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from support.stages.leaks import find_leaking_files, find_leaks

SECRET = 'ghs_f00/Bar+baz="quux"0123456789'
KEY = "-----BEGIN KEY-----\n" + "\n".join(f"{line:x}" * 64 for line in range(1, 9)) + "\n"

PLANTED = {
    "plain": SECRET,
    "url": quote(SECRET, safe=""),
    "hex": SECRET.encode().hex(),
    "upper hex": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of a pair": base64.b64encode(f"x:{SECRET}".encode()).decode(),
    "base64 of a longer pair": base64.b64encode(f"user:{SECRET}@".encode()).decode(),
    "url-safe base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "json": json.dumps({"token": SECRET}),
}


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_planted_leaks_are_found(text: str) -> None:
    assert find_leaks(f"before {text} after", [SECRET]) != []


def test_one_line_of_a_key_is_a_leak() -> None:
    assert find_leaks(f"x {KEY.splitlines()[4]} y", [KEY]) != []


def test_other_text_is_none() -> None:
    assert find_leaks("nothing to see: ghs_f00", [SECRET, KEY, "short"]) == []


def test_files(tmp_path: Path) -> None:
    (tmp_path / "clean").write_text("nothing")
    (tmp_path / "left").write_text(f"[http]\n\textraheader = {SECRET}\n")

    assert find_leaking_files([tmp_path], [SECRET]) == [str(tmp_path / "left")]
