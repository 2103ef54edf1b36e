"""A service account's key is exchanged for its access tokens, and refused as Google refuses it."""

import json
import time
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from support.google.client import CLOUD_PLATFORM

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
BAD_SIGNATURE = "Invalid JWT Signature."
BAD_TIME = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


def _assertion(key, **changes):
    """An assertion as clients sign it; `None` removes a claim."""
    now = int(time.time())
    claims = {
        "iss": key["client_email"],
        "sub": key["client_email"],
        "scope": CLOUD_PLATFORM,
        "aud": key["token_uri"],
        "iat": now,
        "exp": now + 3600,
    }
    kept = {name: it for name, it in (claims | changes).items() if it is not None}
    headers = {"kid": key["private_key_id"]}
    return jwt.encode(kept, key["private_key"], algorithm="RS256", headers=headers)


def _grant(caller, assertion, grant_type=GRANT_TYPE):
    fields = {"grant_type": grant_type, "assertion": assertion}
    return caller.send("POST", "/oauth2/token", data=fields)


def _error(answer, status=400):
    assert answer.status_code == status
    return answer.json()


@pytest.fixture
def key(caller):
    return caller.key()


def test_key_file_is_like_googles(caller, key):
    assert key["type"] == "service_account"
    assert key["token_uri"] == f"{caller.base}/oauth2/token"
    assert key["client_email"] == caller.environment()["service_account"]
    assert len(key["private_key_id"]) == 40
    assert set(key) == {
        "type",
        "project_id",
        "private_key_id",
        "private_key",
        "client_email",
        "client_id",
        "auth_uri",
        "token_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "universe_domain",
    }


def test_key_is_exchanged_for_a_token_that_uploads(caller, key, make_wheel):
    answer = _grant(caller, _assertion(key)).json()
    token = answer.pop("access_token")
    assert answer == {"expires_in": 3599, "token_type": "Bearer"}
    assert caller.upload(make_wheel("by_key", "1.0"), token).ok


def test_google_auth_takes_the_key_file(caller, key, make_wheel, tmp_path):
    file = tmp_path / "key.json"
    file.write_text(json.dumps(key))
    credentials = service_account.Credentials.from_service_account_file(
        file, scopes=[CLOUD_PLATFORM]
    )
    request = Request()
    credentials.refresh(request)
    request.session.close()
    assert caller.upload(make_wheel("by_key_file", "1.0"), credentials.token).ok


def test_google_auth_says_what_was_refused(caller, key):
    caller.control("DELETE", f"google/service-accounts/dev/keys/{key['private_key_id']}")
    credentials = service_account.Credentials.from_service_account_info(
        key, scopes=[CLOUD_PLATFORM]
    )
    request = Request()
    with pytest.raises(exceptions.RefreshError, match="invalid_grant: Invalid JWT Signature"):
        credentials.refresh(request)
    request.session.close()


def test_token_of_a_key_expires(caller, key, make_wheel):
    token = _grant(caller, _assertion(key)).json()["access_token"]
    caller.set_clock(timedelta(hours=1))
    assert caller.upload(make_wheel("late_key", "1.0"), token).status_code == 401


def test_key_of_the_installer_may_only_read(caller, make_wheel):
    token = _grant(caller, _assertion(caller.key(role="reader"))).json()["access_token"]
    assert caller.upload(make_wheel("by_reader", "1.0"), token).status_code == 403
    assert caller.read(f"{caller.index_url()}by-nobody/", token).status_code == 404


def test_either_endpoints_address_is_the_audience(caller, key):
    """google-auth writes Google's own, wherever `token_uri` points."""
    assert _grant(caller, _assertion(key, aud="https://oauth2.googleapis.com/token")).ok
    assert _error(_grant(caller, _assertion(key, aud=caller.base))) == {
        "error": "invalid_grant",
        "error_description": "Invalid JWT: Failed audience check.",
    }


def _now(seconds):
    return int(time.time()) + seconds


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"iss": "nobody@example.org"}, "Invalid grant: account not found"),
        ({"iss": None}, "Invalid email or User ID."),
        ({"aud": None}, "Invalid JWT: Failed audience check."),
        ({"iat": None}, "Invalid JWT: iat (issued at) is not set."),
        ({"exp": None}, "Invalid JWT: exp (expiration time) is not set."),
        ({"exp": _now(7200)}, BAD_TIME),
        ({"iat": _now(-7200), "exp": _now(-3700)}, BAD_TIME),
        ({"iat": _now(3000), "exp": _now(6000)}, BAD_TIME),
        ({"iat": _now(0), "exp": _now(-1)}, BAD_TIME),
        ({"exp": "soon"}, BAD_TIME),
    ],
    ids=["account", "no-iss", "aud", "no-iat", "no-exp", "long", "old", "early", "back", "text"],
)
def test_bad_assertion(caller, key, changes, text):
    assert _error(_grant(caller, _assertion(key, **changes))) == {
        "error": "invalid_grant",
        "error_description": text,
    }


def test_clocks_may_differ_a_little(caller, key):
    assert _grant(caller, _assertion(key, iat=_now(200), exp=_now(3800))).ok


def test_clock_that_is_an_hour_behind(caller, key):
    """What a machine with a wrong clock sees; the sandbox's is set instead."""
    caller.set_clock(timedelta(hours=2))
    assert _error(_grant(caller, _assertion(key)))["error_description"] == BAD_TIME


def test_subject_of_somebody_else(caller, key):
    error = _error(_grant(caller, _assertion(key, sub="user@example.org")), status=401)
    assert error["error"] == "unauthorized_client"
    assert error["error_description"].startswith("Client is unauthorized to retrieve access tokens")


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (None, "Empty or missing scope not allowed."),
        ("", "Empty or missing scope not allowed."),
        ("everything", "Invalid OAuth scope or ID token audience provided."),
    ],
)
def test_bad_scope(caller, key, scope, text):
    assert _error(_grant(caller, _assertion(key, scope=scope))) == {
        "error": "invalid_scope",
        "error_description": text,
    }


def test_another_scope_uploads_nothing(caller, key, make_wheel):
    scope = "https://www.googleapis.com/auth/devstorage.read_only"
    token = _grant(caller, _assertion(key, scope=scope)).json()["access_token"]
    assert caller.upload(make_wheel("by_scope", "1.0"), token).status_code == 403


@pytest.mark.parametrize("grant_type", ["refresh_token", ""])
def test_other_grants_are_not_offered(caller, key, grant_type):
    assert _error(_grant(caller, _assertion(key), grant_type)) == {
        "error": "unsupported_grant_type",
        "error_description": f"Invalid grant_type: {grant_type}",
    }


@pytest.mark.parametrize(
    ("assertion", "error"), [("", "invalid_request"), ("no.j.wt", "invalid_grant")]
)
def test_what_is_no_assertion(caller, assertion, error):
    assert _error(_grant(caller, assertion))["error"] == error


def test_signature_of_another_key(caller, key):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = _assertion(key | {"private_key": other})
    assert _error(_grant(caller, forged))["error_description"] == BAD_SIGNATURE


def test_key_of_another_account(caller, key):
    qa = caller.key("qa")
    assertion = _assertion(key | {"client_email": qa["client_email"]})
    assert _error(_grant(caller, assertion))["error_description"] == BAD_SIGNATURE


def test_unknown_key_id(caller, key):
    assertion = _assertion(key | {"private_key_id": 40 * "0"})
    assert _error(_grant(caller, assertion))["error_description"] == BAD_SIGNATURE


def test_disabled_key_works_again_when_enabled(caller, key):
    path = f"google/service-accounts/dev/keys/{key['private_key_id']}"
    caller.control("PATCH", path, {"enabled": False})
    assert _error(_grant(caller, _assertion(key)))["error_description"] == BAD_SIGNATURE
    caller.control("PATCH", path, {"enabled": True})
    assert _grant(caller, _assertion(key)).ok


def test_disabled_account(caller, key):
    caller.control("PATCH", "google/service-accounts/dev", {"enabled": False})
    error = _error(_grant(caller, _assertion(key)))
    assert error["error"] == "invalid_grant"
    assert error["error_description"].startswith("Account disabled: ")


def test_deleted_account(caller, key):
    caller.control("DELETE", "google/service-accounts/dev")
    assert _error(_grant(caller, _assertion(key))) == {
        "error": "invalid_grant",
        "error_description": "Invalid grant: account not found",
    }


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_only_rs256_is_taken(caller, key, algorithm):
    secret = None if algorithm == "none" else 32 * "x"
    claims = jwt.decode(_assertion(key), options={"verify_signature": False})
    headers = {"kid": key["private_key_id"]}
    forged = jwt.encode(claims, secret, algorithm=algorithm, headers=headers)
    assert _error(_grant(caller, forged))["error_description"] == BAD_SIGNATURE


def test_private_key_is_kept_nowhere(caller, key, ready, tmp_path_factory):
    line = key["private_key"].splitlines()[3]
    folder = tmp_path_factory.getbasetemp()
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert not [one for one in files if line.encode() in one.read_bytes()]
    assert line not in json.dumps(caller.control("GET", "requests"))
