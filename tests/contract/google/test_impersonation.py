"""The IAM Credentials API gives service accounts' tokens to whom a binding names, and no other."""

from datetime import datetime, timedelta, timezone

import pytest
from google.auth import exceptions, identity_pool
from google.auth.transport.requests import Request

from support.google.client import CLOUD_PLATFORM, JWT

DENIED = {
    "code": 403,
    "message": (
        "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
    ),
    "status": "PERMISSION_DENIED",
    "details": [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "IAM_PERMISSION_DENIED",
            "domain": "iam.googleapis.com",
            "metadata": {"permission": "iam.serviceAccounts.getAccessToken"},
        }
    ],
}
POOL = "iam.googleapis.com/projects/100000000001/locations/global/workloadIdentityPools/github"


class _Supplier(identity_pool.SubjectTokenSupplier):
    def __init__(self, token):
        self._token = token

    def get_subject_token(self, context, request):
        return self._token


def _credentials(caller, token):
    account = caller.environment()["service_account"]
    base = caller.ready["iam_credentials_url"]
    return identity_pool.Credentials(
        audience=caller.audience(),
        subject_token_type=JWT,
        token_url=caller.ready["sts_url"],
        service_account_impersonation_url=(
            f"{base}/v1/projects/-/serviceAccounts/{account}:generateAccessToken"
        ),
        service_account_impersonation_options={"token_lifetime_seconds": 900},
        subject_token_supplier=_Supplier(token),
        scopes=[CLOUD_PLATFORM],
    )


def _refresh(credentials):
    request = Request()
    try:
        credentials.refresh(request)
    finally:
        request.session.close()


def test_google_auth_gets_a_token_that_uploads(caller, make_wheel):
    credentials = _credentials(caller, caller.id_token())
    _refresh(credentials)
    left = credentials.expiry.replace(tzinfo=timezone.utc) - datetime.now(timezone.utc)
    assert timedelta(seconds=880) < left <= timedelta(seconds=900)
    assert caller.upload(make_wheel("by_google_auth", "1.0"), credentials.token).ok


def test_google_auth_says_what_the_token_exchange_refused(caller):
    with pytest.raises(exceptions.OAuthError, match="rejected by the attribute condition"):
        _refresh(_credentials(caller, caller.forge(environment="qa")))


def test_google_auth_says_what_impersonation_refused(caller):
    caller.control("PUT", "google/service-accounts/dev/impersonators", {"members": []})
    with pytest.raises(exceptions.RefreshError, match="IAM_PERMISSION_DENIED"):
        _refresh(_credentials(caller, caller.id_token()))


def test_missing_binding(caller):
    caller.control("PUT", "google/service-accounts/dev/impersonators", {"members": []})
    answer = caller.impersonate(caller.federated_token())
    assert answer.status_code == 403
    assert answer.json() == {"error": DENIED}


def test_federated_token_of_another_project(caller):
    qa = caller.federated_token("qa", ref="refs/tags/v0.5.0-qa")
    assert caller.impersonate(qa, "dev").json() == {"error": DENIED}


@pytest.mark.parametrize(
    ("member", "accepted"),
    [
        (f"principalSet://{POOL}/*", True),
        (f"principalSet://{POOL}/attribute.repository_id/900100", True),
        (f"principalSet://{POOL}/attribute.repository/eigenoid/eigenoid-sample", True),
        (f"principal://{POOL}/subject/repo:eigenoid/eigenoid-sample:environment:dev", True),
        (f"principalSet://{POOL}/attribute.repository_id/900101", False),
        (f"principalSet://{POOL}/attribute.repository_environment/900100:dev", True),
        (f"principalSet://{POOL}/attribute.repository_environment/900100:qa", False),
        (f"principalSet://{POOL}/attribute.actor/developer", False),
        (f"principalSet://{POOL}2/*", False),
        ("allUsers", False),
    ],
)
def test_member_that_is_bound(caller, member, accepted):
    body = {"members": [member]}
    caller.control("PUT", "google/service-accounts/dev/impersonators", body)
    assert caller.impersonate(caller.federated_token()).ok is accepted


def test_binding_takes_time(caller):
    member = f"principalSet://{POOL}/attribute.repository_id/900100"
    path = "google/service-accounts/dev/impersonators"
    caller.control("PUT", path, {"members": []})
    caller.control("PUT", path, {"members": [member], "effective_after_seconds": 120})
    token = caller.federated_token()
    assert caller.impersonate(token).json() == {"error": DENIED}
    caller.set_clock(timedelta(seconds=121))
    assert caller.impersonate(token).ok


def test_binding_that_was_there_before_needs_no_time(caller):
    member = f"principalSet://{POOL}/attribute.repository_environment/900100:dev"
    path = "google/service-accounts/dev/impersonators"
    body = {"members": [member, "allUsers"], "effective_after_seconds": 120}
    caller.control("PUT", path, body)
    assert caller.impersonate(caller.federated_token()).ok


@pytest.mark.parametrize("wrong", [-1, "soon", True])
def test_unusable_delay_is_refused(caller, wrong):
    answer = caller.send(
        "PUT",
        "/_sandbox/google/service-accounts/dev/impersonators",
        json={"members": [], "effective_after_seconds": wrong},
    )
    assert answer.status_code == 400


def test_disabled_account(caller):
    caller.control("PATCH", "google/service-accounts/dev", {"enabled": False})
    assert caller.impersonate(caller.federated_token()).status_code == 403


@pytest.mark.parametrize("service", ["iam-credentials", "sts"])
def test_service_that_is_down_for_a_moment(caller, service):
    federated = caller.federated_token()
    fault = {"path": f"^/{service}/", "status": 503, "headers": {"Retry-After": "1"}}
    caller.control("POST", "faults", fault)
    first, second = (
        caller.impersonate(federated)
        if service == "iam-credentials"
        else caller.exchange(caller.id_token())
        for _ in range(2)
    )
    assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
    assert second.ok


def test_unknown_account(caller):
    account = "nobody@eigenoid-dev.iam.gserviceaccount.com"
    answer = caller.impersonate(caller.federated_token(), account=account)
    assert answer.status_code == 404
    assert answer.json()["error"] == {
        "code": 404,
        "message": f"Not found; Gaia id not found for email {account}",
        "status": "NOT_FOUND",
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Scope required."),
        ({"scope": []}, "Scope required."),
        ({"scope": CLOUD_PLATFORM}, "Scope required."),
        (
            {"scope": [CLOUD_PLATFORM], "lifetime": "3601s"},
            "The access token lifetime cannot exceed 3600 seconds.",
        ),
        ({"scope": [CLOUD_PLATFORM], "lifetime": 900}, "Invalid value at 'lifetime'"),
        ({"scope": [CLOUD_PLATFORM], "lifetime": "0s"}, "Invalid value at 'lifetime'"),
        ({"scope": [CLOUD_PLATFORM], "lifetime": "15m"}, "Invalid value at 'lifetime'"),
        ({"scope": [CLOUD_PLATFORM], "lifetimes": "9s"}, 'Unknown name "lifetimes"'),
        ([], "Invalid JSON payload received."),
    ],
)
def test_malformed_request(caller, body, message):
    error = caller.impersonate(caller.federated_token(), body=body).json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert message in error["message"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({}, "Request is missing required authentication credential."),
        ({"Authorization": "Basic eDp5"}, "Request is missing required authentication"),
        ({"Authorization": "Bearer ya29.d.nobody"}, "invalid authentication credentials."),
    ],
)
def test_no_live_token(caller, header, message):
    account = caller.environment()["service_account"]
    answer = caller.send(
        "POST",
        f"/iam-credentials/v1/projects/-/serviceAccounts/{account}:generateAccessToken",
        json={"scope": [CLOUD_PLATFORM]},
        headers=header,
    )
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert message in answer.json()["error"]["message"]
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


def test_federated_token_expires(caller):
    token = caller.federated_token()
    caller.set_clock(timedelta(minutes=61))
    assert caller.impersonate(token).status_code == 401


def test_federated_token_without_a_cloud_scope(caller):
    answer = caller.exchange(caller.id_token(), scope="openid")
    refused = caller.impersonate(answer.json()["access_token"])
    assert refused.status_code == 403
    assert refused.json()["error"]["message"] == "Request had insufficient authentication scopes."


def test_project_is_a_wildcard(caller):
    account = caller.environment()["service_account"]
    answer = caller.send(
        "POST",
        f"/iam-credentials/v1/projects/eigenoid-dev/serviceAccounts/{account}:generateAccessToken",
        json={"scope": [CLOUD_PLATFORM]},
        headers={"Authorization": f"Bearer {caller.federated_token()}"},
    )
    assert answer.status_code == 400
