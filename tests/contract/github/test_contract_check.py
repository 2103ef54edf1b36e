"""The check itself: what is outside GitHub's description is noticed."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from support.sandbox.fixtures import Sandbox
from support.sandbox.github_contract import ContractCheck

_REF = {
    "ref": "refs/tags/v1",
    "node_id": "x",
    "url": "https://api.github.com/x",
    "object": {"type": "tag", "sha": "0" * 40, "url": "https://api.github.com/x"},
}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer", "problem"),
    [
        pytest.param("GET", "git/ref/tags/v1", "", 200, _REF, "", id="good"),
        pytest.param("GET", "git/ref/tags/v1", "", 200, {}, "required", id="field-missing"),
        pytest.param(
            "GET", "git/ref/tags/v1", "", 200, {**_REF, "ref": 1}, "string", id="wrong-type"
        ),
        pytest.param("GET", "git/ref/tags/v1", "", 206, _REF, "206", id="unknown-status"),
        pytest.param(
            "POST", "git/refs", '{"ref": 1}', 201, _REF, "InvalidRequestBody", id="bad-request"
        ),
        pytest.param("GET", "stargazers", "", 200, [], "operation", id="unknown-operation"),
        pytest.param("GET", "git/tags/x", "", 401, {"error": "x"}, "lacks", id="error-body"),
    ],
)
def test_what_does_not_fit_is_noticed(
    *, method: str, path: str, body: str, status: int, answer: Any, problem: str
) -> None:
    def application(_environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        start_response(f"{status} X", [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    check = ContractCheck(application)
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/api/v3/repos/o/r/{path}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body.encode()),
    }
    list(check(environ, lambda *_: None))
    assert check.checked == 1
    assert bool(check.problems) == bool(problem)
    assert problem in "".join(check.problems)


def test_a_path_that_is_not_simulated_is_not_said_to_be_absent(sandbox: Sandbox) -> None:
    answer = sandbox.request("GET", "no/such/thing", token=sandbox.user_token)
    assert answer.status_code == 501
    assert answer.json()["message"] == f"The sandbox does not simulate GET {answer.url}"
    assert answer.headers["X-GitHub-Request-Id"]
