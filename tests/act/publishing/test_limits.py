"""A step that failed by a limit of the rehearsal or of this machine says which."""

from datetime import datetime, timezone

import pytest

from dist_sandbox.gateway.log import Exchange
from dist_sandbox.rehearse.runs.limits import describe_unanswered, explain_limit


def exchange(url: str, outcome: str, method: str = "GET") -> Exchange:
    return Exchange(
        began_at=datetime.now(timezone.utc), seconds=0.0, job="", method=method, url=url,
        status=403, outcome=outcome,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("log", "exchanges", "words"),
    [
        ("curl: (22) 403", [exchange("https://x.example/a", "refused")], "--allow-host x.example"),
        ("x.example said no", [exchange("https://x.example/a", "refused", "POST")],
         "wanted to write to x.example"),
        ("HTTP 501", [exchange("https://api.github.com/x", "not simulated")],
         "asked api.github.com for GET /x"),
        ("curl: (6) Could not resolve host: x.example", [], "wanted x.example without the proxy"),
        ("Error: getaddrinfo ENOTFOUND x.example", [], "wanted x.example"),
        ("/tmp/1.sh: line 1: cargo: command not found", [], "no program cargo"),
        ("bash: line 3: cargo: not found", [], "no program cargo"),
        ("error: No interpreter found for Python >=3.14, <4 in search path\n\nhint: A managed "
         "Python download is available, but Python downloads are set to 'never'", [],
         "no Python >=3.14, <4, and"),
        ("Python downloads are not allowed (`python-downloads = \"never\"`).", [],
         "no Python that the step wants"),
    ],
)  # fmt: skip
def test_a_limit_is_the_cause(log: str, exchanges: list[Exchange], words: str) -> None:
    pair = explain_limit(log, exchanges)
    assert pair is not None
    assert words in " ".join(pair)


def test_a_failure_of_its_own_is_none() -> None:
    answered = [exchange("https://x.example/a", "sandbox")]
    assert explain_limit("AssertionError: 1 == 2", answered) is None
    assert explain_limit("AssertionError", [exchange("https://y.example/", "refused")]) is None
    assert describe_unanswered(answered) == ""
    assert "y.example" in describe_unanswered([exchange("https://y.example/", "refused")])
