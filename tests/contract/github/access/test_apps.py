"""Apps: what their JWTs must hold, what installations give, what tokens reach."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from github import Auth, GithubIntegration

from support.sandbox.fixtures import Sandbox

_ISSUED_AT = (
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
    "issued"
)
_EXPIRY = (
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at "
    "which the assertion expires"
)
_NOT_DECODED = "A JSON web token could not be decoded"


def test_app_is_known_by_client_id_and_by_app_id(sandbox: Sandbox) -> None:
    app = sandbox.app()
    for issuer in (app.client_id, str(app.app_id)):
        answer = sandbox.request("GET", _app_url(sandbox), token=sandbox.app_jwt(iss=issuer))
        assert answer.status_code == 200
        assert answer.json()["slug"] == "automation-bot"
        assert answer.json()["client_id"] == app.client_id
    assert app.client_id.startswith("Iv23li")


@pytest.mark.parametrize(
    ("claims", "status", "message"),
    [
        pytest.param({"iat": "now"}, 401, _ISSUED_AT, id="iat-text"),
        pytest.param({"iat": None}, 401, _ISSUED_AT, id="iat-missing"),
        pytest.param({"iat": 30}, 401, _ISSUED_AT, id="iat-ahead"),
        pytest.param({"exp": None}, 401, _EXPIRY, id="exp-missing"),
        pytest.param({"exp": -5}, 401, _EXPIRY, id="exp-passed"),
        pytest.param(
            {"exp": 660},
            401,
            "'Expiration time' claim ('exp') is too far in the future",
            id="exp-far",
        ),
        pytest.param(
            {"iss": "my app"}, 401, "'Issuer' claim ('iss') must be an Integer", id="iss-malformed"
        ),
        pytest.param({"iss": "Iv23liUnknown"}, 404, "Integration not found", id="iss-unknown"),
        pytest.param({"iss": "12345"}, 404, "Integration not found", id="iss-unknown-number"),
    ],
)
def test_bad_claims_are_refused_with_githubs_text(
    sandbox: Sandbox, claims: dict[str, Any], status: int, message: str
) -> None:
    now = int(time.time())
    relative = {
        name: now + value if isinstance(value, int) else value for name, value in claims.items()
    }
    # PyJWT itself refuses to encode some of these, so the payload is signed as it is.
    answer = sandbox.request("GET", _app_url(sandbox), token=_sign(sandbox, relative))
    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_clock_of_the_sandbox_decides_and_is_told_in_the_date_header(sandbox: Sandbox) -> None:
    sandbox.control("POST", "clock", {"offset_seconds": -90})
    answer = sandbox.request("GET", _app_url(sandbox), token=sandbox.app_jwt())
    assert (answer.status_code, answer.json()["message"]) == (401, _ISSUED_AT)
    assert answer.raw.headers.getlist("Date") == [answer.headers["Date"]]
    told = time.mktime(time.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT"))
    assert 80 < time.mktime(time.gmtime()) - told < 100


@pytest.mark.parametrize("token", ["", "nonsense", "ghp_0123", "a.b.c"])
def test_what_is_no_jwt_cannot_be_decoded(sandbox: Sandbox, token: str) -> None:
    answer = sandbox.request("GET", _app_url(sandbox), token=token)
    assert (answer.status_code, answer.json()["message"]) == (401, _NOT_DECODED)


def test_key_of_another_app_is_refused(sandbox: Sandbox) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    now = int(time.time())
    claims = {"iss": sandbox.app().client_id, "iat": now - 60, "exp": now + 60}
    answer = sandbox.request(
        "GET", _app_url(sandbox), token=jwt.encode(claims, stranger, algorithm="RS256")
    )
    assert (answer.status_code, answer.json()["message"]) == (401, _NOT_DECODED)


def test_other_algorithm_is_refused(sandbox: Sandbox) -> None:
    now = int(time.time())
    claims = {"iss": sandbox.app().client_id, "iat": now - 60, "exp": now + 60}
    token = jwt.encode(claims, "0" * 64, algorithm="HS256")
    assert sandbox.request("GET", _app_url(sandbox), token=token).status_code == 401


def test_installation_is_found_by_repository_and_by_owner(sandbox: Sandbox) -> None:
    api = sandbox.world.addresses.github_api
    for path in ("installation", f"{api}/orgs/eigenoid/installation"):
        answer = sandbox.request("GET", path, token=sandbox.app_jwt())
        assert answer.status_code == 200
        assert answer.json()["id"] == sandbox.app().installation_id
    sandbox.control("POST", "apps/automation-bot", {"installed": False})
    answer = sandbox.request("GET", "installation", token=sandbox.app_jwt())
    assert (answer.status_code, answer.json()["message"]) == (404, "Not Found")


def test_token_has_what_was_asked_and_no_more(sandbox: Sandbox) -> None:
    answer = _mint(sandbox, repositories=["eigenoid-sample"], permissions={"contents": "write"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["permissions"] == {"contents": "write", "metadata": "read"}
    assert [one["full_name"] for one in body["repositories"]] == ["eigenoid/eigenoid-sample"]
    assert body["repository_selection"] == "selected"
    lifetime = time.mktime(time.strptime(body["expires_at"], "%Y-%m-%dT%H:%M:%SZ"))
    assert 3500 < lifetime - time.mktime(time.gmtime()) <= 3600
    created = sandbox.request("POST", "pulls", token=body["token"], json={})
    assert created.status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        pytest.param(
            {"permissions": {"workflows": "write"}},
            422,
            "The permissions requested are not granted to this installation.",
            id="absent-permission",
        ),
        pytest.param(
            {"permissions": {"metadata": "write"}},
            422,
            "The permissions requested are not granted to this installation.",
            id="more-access",
        ),
        pytest.param(
            {"repositories": ["elsewhere"]},
            422,
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation.",
            id="unknown-repository",
        ),
    ],
)
def test_token_request_beyond_the_grant_is_refused(
    sandbox: Sandbox, body: dict[str, Any], status: int, message: str
) -> None:
    answer = _mint(sandbox, **body)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_suspended_installation_gives_no_token_and_ends_those_given(sandbox: Sandbox) -> None:
    token = sandbox.installation_token()
    sandbox.control("POST", "apps/automation-bot", {"suspended": True})
    assert _mint(sandbox).json()["message"] == "This installation has been suspended"
    answer = sandbox.request("GET", "", token=token)
    assert answer.status_code == 403
    sandbox.control("POST", "apps/automation-bot", {"suspended": False})
    assert sandbox.request("GET", "", token=token).status_code == 200


def test_revoked_and_expired_tokens_are_refused(sandbox: Sandbox) -> None:
    api = sandbox.world.addresses.github_api
    token, other = sandbox.installation_token(), sandbox.installation_token()
    assert sandbox.control("GET", "apps/automation-bot")["live_tokens"] == 2
    assert sandbox.request("DELETE", f"{api}/installation/token", token=token).status_code == 204
    answer = sandbox.request("GET", "", token=token)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
    assert sandbox.request("GET", "", token=other).status_code == 200
    sandbox.control("POST", "clock", {"offset_seconds": 3601})
    assert sandbox.request("GET", "", token=other).status_code == 401
    assert sandbox.control("GET", "apps/automation-bot")["live_tokens"] == 0


def test_token_for_one_repository_does_not_see_another(sandbox: Sandbox) -> None:
    sandbox.control("POST", "repositories", {"name": "other"})
    url = f"{sandbox.world.addresses.github_api}/repos/eigenoid/other"
    narrow = sandbox.installation_token(repositories=["eigenoid-sample"])
    wide = sandbox.installation_token()
    assert sandbox.request("GET", url, token=narrow).status_code == 404
    assert sandbox.request("GET", url, token=wide).status_code == 200
    seen = sandbox.request(
        "GET", f"{sandbox.world.addresses.github_api}/installation/repositories", token=narrow
    ).json()
    assert [one["name"] for one in seen["repositories"]] == ["eigenoid-sample"]


def test_pygithub_mints_tokens(sandbox: Sandbox) -> None:
    app = sandbox.app("releaser-bot")
    auth = Auth.AppAuth(app.client_id, app.private_key_file.read_text())
    with GithubIntegration(auth=auth, base_url=sandbox.world.addresses.github_api) as integration:
        found = integration.get_repo_installation("eigenoid", "eigenoid-sample")
        token = integration.get_access_token(found.id, permissions={"contents": "write"})
    assert sandbox.request("GET", "releases", token=token.token).status_code == 200


def _app_url(sandbox: Sandbox) -> str:
    return f"{sandbox.world.addresses.github_api}/app"


def _mint(sandbox: Sandbox, **body: Any) -> Any:
    number = sandbox.app().installation_id
    url = f"{sandbox.world.addresses.github_api}/app/installations/{number}/access_tokens"
    return sandbox.request("POST", url, token=sandbox.app_jwt(), json=body)


def _sign(sandbox: Sandbox, changes: dict[str, Any]) -> str:
    app, now = sandbox.app(), int(time.time())
    every = {"iss": app.client_id, "iat": now - 60, "exp": now + 480, **changes}
    kept = {name: value for name, value in every.items() if value is not None}
    key = app.private_key_file.read_bytes()
    return jwt.api_jws.encode(_json(kept), key, algorithm="RS256")


def _json(claims: dict[str, Any]) -> bytes:
    return jwt.api_jwt.json.dumps(claims).encode()
