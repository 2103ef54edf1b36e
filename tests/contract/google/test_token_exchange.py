"""The token exchange takes a job's ID token and refuses everything else, in Google's words."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from support.closed_port import CLOSED_PORT
from support.google.client import ACCESS_TOKEN

BAD_AUDIENCE = (
    'Invalid value for "audience". This value should be the full resource name of the Identity '
    "Provider. See https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token for the "
    "list of possible formats."
)
NO_TARGET = (
    'The target service indicated by the "audience" parameters is invalid. This might either be '
    "because the pool or provider is disabled or deleted or because it doesn't exist."
)
REJECTED = {
    "error": "unauthorized_client",
    "error_description": "The given credential is rejected by the attribute condition.",
}


def _error(answer):
    assert answer.status_code == 400
    return answer.json()


def test_good_token_is_exchanged(caller):
    answer = caller.exchange(caller.id_token())
    body = answer.json()
    assert body.pop("access_token").startswith("ya29.d.")
    assert body == {
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": 3600,
    }


def test_json_request_is_taken(caller):
    body = {
        "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
        "audience": caller.audience(),
        "scope": "https://www.googleapis.com/auth/cloud-platform",
        "requestedTokenType": ACCESS_TOKEN,
        "subjectToken": caller.id_token(),
        "subjectTokenType": "urn:ietf:params:oauth:token-type:id_token",
    }
    assert caller.send("POST", "/sts/v1/token", json=body).ok


@pytest.mark.parametrize(
    ("environment", "ref"),
    [("dev", "v1.0.0rc1-dev"), ("qa", "v0.5.0-qa"), ("prd", "v0.5.0"), ("prd", "v1.0.0.post1")],
)
def test_every_environment_takes_its_own_tags(caller, environment, ref):
    token = caller.id_token(environment, ref=f"refs/tags/{ref}")
    assert caller.exchange(token, environment).ok


@pytest.mark.parametrize(
    "changes",
    [
        {"repository_owner_id": "200101"},
        {"repository_owner_id": 200100},
        {"repository_owner_id": None},
        {"repository_id": "900101"},
        {"repository_id": 900100},
        {"repository_id": None},
        {"environment": "qa"},
        {"environment": "Dev"},
        {"environment": None},
        {"ref_type": "branch"},
        {"ref_type": None},
        {"ref": "refs/heads/dev"},
        {"ref": "refs/heads/v0.5.0-dev"},
        {"ref": "refs/tags/v0.5.0"},
        {"ref": "refs/tags/v0.5.0-qa"},
        {"ref": "refs/tags/v0.5.0-dev-qa"},
        {"ref": "refs/tags/v0.5.0-dev\n"},
        {"ref": "refs/tags/x/refs/tags/v0.5.0-dev"},
        {"ref": None},
        {"event_name": "pull_request"},
        {"event_name": "pull_request_target"},
        {"event_name": "workflow_run"},
        {"event_name": None},
    ],
    ids=lambda changes: "-".join(f"{name}={it!r}" for name, it in changes.items()),
)
def test_claims_of_another_job_are_rejected_by_the_condition(caller, changes):
    assert _error(caller.exchange(caller.forge(**changes))) == REJECTED


def test_name_of_the_repository_does_not_decide(caller):
    """A renamed owner keeps publishing; somebody who took the old name never starts to."""
    assert caller.exchange(caller.forge(repository="renamed/sample")).ok
    taken = caller.forge(repository_owner_id="1", repository_id="2")
    assert _error(caller.exchange(taken)) == REJECTED


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"iss": "https://token.example.org"}, "The issuer in ID Token https://token.example.org "),
        ({"aud": "https://example.org"}, "The audience in ID Token [https://example.org] does not"),
        ({"aud": []}, "The ID Token lacks the required claim aud."),
        ({"sub": None}, "The ID Token lacks the required claim sub."),
        ({"iat": None}, "The ID Token lacks the required claim iat."),
        ({"exp": None}, "The ID Token lacks the required claim exp."),
        ({"exp": 1_700_000_000}, "is stale to sign-in."),
        ({"iat": 1_700_000_000}, "ID Token issued at 1700000000 is stale to sign-in."),
        ({"iat": 4_000_000_000, "exp": 4_000_000_300}, "is not valid yet."),
        ({"nbf": 4_000_000_000}, "is not valid yet."),
        ({"exp": "soon"}, "Unable to parse the ID Token."),
    ],
    ids=[
        "iss",
        "aud",
        "no-aud",
        "no-sub",
        "no-iat",
        "no-exp",
        "exp",
        "old",
        "early",
        "nbf",
        "text",
    ],
)
def test_token_not_made_for_the_provider_now_is_refused(caller, changes, text):
    error = _error(caller.exchange(caller.forge(**changes)))
    assert error["error"] == "invalid_grant"
    assert text in error["error_description"]


def test_issuer_that_is_expected_is_named(caller):
    caller.control("PATCH", "google/providers/dev", {"issuer_uri": "https://token.example.org"})
    assert _error(caller.exchange(caller.id_token())) == {
        "error": "invalid_grant",
        "error_description": (
            f"The issuer in ID Token {caller.base}/oidc does not match the expected ones: "
            "https://token.example.org"
        ),
    }


def test_token_of_another_provider_is_refused(caller):
    error = _error(caller.exchange(caller.id_token("qa", ref="refs/tags/v0.5.0-qa"), "dev"))
    assert error["error"] == "invalid_grant"
    assert error["error_description"].startswith("The audience in ID Token [https://iam.")


def test_expired_token_is_refused(caller):
    token = caller.id_token()
    caller.set_clock(timedelta(minutes=10))
    error = _error(caller.exchange(token))
    assert error["error_description"].endswith("is stale to sign-in.")


@pytest.fixture(scope="module")
def foreign_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    ("key_id", "text"),
    [
        ("sandbox-1", "The signature of the ID Token is not valid."),
        ("other", "The key other of the ID Token is not one of its issuer's."),
    ],
)
def test_token_signed_with_another_key_is_refused(caller, foreign_key, key_id, text):
    claims = jwt.decode(caller.id_token(), options={"verify_signature": False})
    forged = jwt.encode(claims, foreign_key, algorithm="RS256", headers={"kid": key_id})
    assert _error(caller.exchange(forged)) == {"error": "invalid_grant", "error_description": text}


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_token_with_another_algorithm_is_refused(caller, algorithm):
    claims = jwt.decode(caller.id_token(), options={"verify_signature": False})
    forged = jwt.encode(
        claims,
        None if algorithm == "none" else 32 * "x",
        algorithm=algorithm,
        headers={"kid": "sandbox-1"},
    )
    assert _error(caller.exchange(forged))["error"] == "invalid_grant"


@pytest.mark.parametrize("token", ["x", "a.b.c", "ghs_123"])
def test_what_is_no_token_is_refused(caller, token):
    assert _error(caller.exchange(token)) == {
        "error": "invalid_grant",
        "error_description": "Unable to parse the ID Token.",
    }


def test_token_is_exchanged_once(caller):
    token = caller.id_token()
    assert caller.exchange(token).ok
    assert _error(caller.exchange(token)) == {
        "error": "invalid_grant",
        "error_description": "The given ID Token was exchanged before.",
    }


def test_replay_can_be_allowed_as_google_does(caller):
    caller.control("PATCH", "google/settings", {"refuses_replay": False})
    token = caller.id_token()
    assert caller.exchange(token).ok
    assert caller.exchange(token).ok


def test_refused_token_is_not_used_up(caller):
    token = caller.id_token()
    caller.control("PATCH", "google/providers/dev", {"enabled": False})
    assert not caller.exchange(token).ok
    caller.control("PATCH", "google/providers/dev", {"enabled": True})
    assert caller.exchange(token).ok


POOL = "projects/100000000001/locations/global/workloadIdentityPools/github"


@pytest.mark.parametrize(
    "audience",
    [
        "",
        f"{POOL}/providers/repository-900100",
        f"https://iam.googleapis.com/{POOL}/providers/repository-900100",
        f"//iam.googleapis.com/{POOL}",
        f"//iam.googleapis.com/{POOL}/providers/repository-900100/",
        f"//iam.googleapis.com/{POOL}/providers/repository-900100".replace(
            "100000000001", "eigenoid-dev"
        ),
    ],
    ids=["empty", "bare", "https", "pool", "slash", "project-id"],
)
def test_audience_that_is_no_providers_name(caller, audience):
    assert _error(caller.exchange(caller.id_token(), audience=audience)) == {
        "error": "invalid_request",
        "error_description": BAD_AUDIENCE,
    }


@pytest.mark.parametrize("how", ["unknown", "disabled", "deleted"])
def test_provider_that_is_not_there(caller, how):
    audience = caller.audience()
    if how == "unknown":
        audience = f"{audience}-2"
    elif how == "disabled":
        caller.control("PATCH", "google/providers/dev", {"enabled": False})
    else:
        caller.control("DELETE", "google/providers/dev")
    assert _error(caller.exchange(caller.id_token(), audience=audience)) == {
        "error": "invalid_target",
        "error_description": NO_TARGET,
    }


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_pool_that_is_not_there(caller, how):
    if how == "disabled":
        caller.control("PATCH", "google/pools/dev", {"enabled": False})
    else:
        caller.control("DELETE", "google/pools/dev")
    assert _error(caller.exchange(caller.id_token())) == {
        "error": "invalid_target",
        "error_description": NO_TARGET,
    }
    assert caller.exchange(caller.id_token("qa", ref="refs/tags/v0.5.0-qa"), "qa").ok


def test_disabled_pool_takes_its_tokens_with_it(caller):
    """A disabled provider does not, says Google's own description of both."""
    token = caller.federated_token()
    caller.control("PATCH", "google/providers/dev", {"enabled": False})
    assert caller.impersonate(token).ok
    caller.control("PATCH", "google/pools/dev", {"enabled": False})
    assert caller.impersonate(token).status_code == 401
    caller.control("PATCH", "google/pools/dev", {"enabled": True})
    assert caller.impersonate(token).ok


@pytest.mark.parametrize(
    ("field", "error"),
    [
        ("grant_type", "unsupported_grant_type"),
        ("requested_token_type", "invalid_request"),
        ("subject_token_type", "invalid_request"),
        ("subject_token", "invalid_request"),
        ("scope", "invalid_request"),
    ],
)
def test_missing_field(caller, field, error):
    assert _error(caller.exchange(caller.id_token(), **{field: ""}))["error"] == error


def test_long_subject(caller):
    error = _error(caller.exchange(caller.forge(sub="repo:" + 123 * "x")))
    assert error["error"] == "invalid_request"
    assert error["error_description"].startswith(
        "The size of mapped attribute google.subject exceeds the 127 bytes limit."
    )


def test_subject_of_127_bytes_is_taken(caller):
    assert caller.exchange(caller.forge(sub=127 * "x")).ok


def test_subject_is_measured_in_bytes(caller):
    assert not caller.exchange(caller.forge(sub=64 * "ü")).ok


def test_other_attributes_may_be_longer(caller):
    """Only `google.subject` has 127 bytes; all attributes together have 8 KB."""
    ref = f"refs/tags/v1.0.0+{300 * 'x'}-dev"
    assert caller.exchange(caller.forge(ref=ref)).ok
    error = _error(caller.exchange(caller.forge(repository=8200 * "x")))
    assert error["error"] == "invalid_request"
    assert "8192 bytes" in error["error_description"]


def test_subject_of_a_long_name_with_ids(caller):
    """What new subjects add can be too much for a repository whose name is long."""
    owner, name = f"{39 * 'o'}@200100", f"{60 * 'n'}@900100"
    assert caller.exchange(caller.forge(sub=f"repo:{39 * 'o'}/{60 * 'n'}:environment:dev")).ok
    error = _error(caller.exchange(caller.forge(sub=f"repo:{owner}/{name}:environment:dev")))
    assert "google.subject exceeds the 127 bytes limit" in error["error_description"]


@pytest.mark.parametrize(
    ("condition", "accepted"),
    [
        ("", True),
        ("attribute.repository_id == '900100'", True),
        ("google.subject.startsWith('repo:eigenoid/')", True),
        ("assertion.repository_id == 900100", False),
        ("assertion.nothing == ''", False),
        ("this is no expression", False),
        ("'true'", False),
    ],
)
def test_condition_is_an_expression(caller, condition, accepted):
    caller.control("PATCH", "google/providers/dev", {"attribute_condition": condition})
    answer = caller.exchange(caller.id_token())
    assert answer.ok if accepted else _error(answer) == REJECTED


def test_allowed_audiences_replace_the_providers_name(caller):
    caller.control("PATCH", "google/providers/dev", {"allowed_audiences": ["https://mine"]})
    assert not caller.exchange(caller.id_token()).ok
    assert caller.exchange(caller.forge(aud="https://mine")).ok
    assert caller.exchange(caller.forge(aud=["https://other", "https://mine"])).ok


def test_issuer_that_cannot_be_reached(caller):
    closed = f"http://{CLOSED_PORT}"
    caller.control("PATCH", "google/providers/dev", {"issuer_uri": closed})
    assert _error(caller.exchange(caller.forge(iss=closed))) == {
        "error": "invalid_grant",
        "error_description": "Error connecting to the given credential's issuer.",
    }
