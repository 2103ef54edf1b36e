"""Services refuse requests above their quota, with and without `Retry-After`."""

from datetime import timedelta

import pytest

UPLOAD = "artifactregistry.repositories.uploadArtifacts"


def _limit(caller, service, count, retry_after=None):
    body = {"requests_per_minute": count, "retry_after_seconds": retry_after}
    caller.control("PUT", f"google/quotas/{service}", body)


def _ask(caller, service):
    """A function that sends one good request to a service."""
    if service == "sts":
        caller.control("PATCH", "google/settings", {"refuses_replay": False})
        token = caller.id_token()
        return lambda: caller.exchange(token)
    if service == "iam-credentials":
        federated = caller.federated_token()
        return lambda: caller.impersonate(federated)
    token = caller.sandbox_token("writer")
    if service == "artifact-registry-api":
        return lambda: caller.ask_permissions([UPLOAD], token)
    return lambda: caller.read(f"{caller.index_url()}counted/", token)


@pytest.fixture
def _counted(caller, make_wheel):
    caller.upload(make_wheel("counted", "1.0"), caller.sandbox_token("writer"))


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize(
    "service", ["sts", "iam-credentials", "artifact-registry-api", "artifact-registry"]
)
@pytest.mark.parametrize("retry_after", [None, 17])
def test_request_too_many(caller, service, retry_after):
    ask = _ask(caller, service)
    _limit(caller, service, 2, retry_after)
    answers = [ask() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    expected = None if retry_after is None else str(retry_after)
    assert answers[2].headers.get("Retry-After") == expected
    caller.set_clock(timedelta(seconds=61))
    assert ask().ok, "a new minute"
    _limit(caller, service, None)
    assert all(ask().ok for _ in range(3))


def test_words_of_the_token_exchange(caller):
    _limit(caller, "sts", 0)
    assert caller.exchange(caller.id_token()).json() == {
        "error": "quota_exceeded",
        "error_description": (
            "The request was throttled due to rate limit: sts.googleapis.com/requests. Please "
            "retry after a few seconds."
        ),
    }


@pytest.mark.parametrize(
    ("service", "host"),
    [
        ("iam-credentials", "iamcredentials.googleapis.com"),
        ("artifact-registry-api", "artifactregistry.googleapis.com"),
    ],
)
def test_words_of_json_apis(caller, service, host):
    ask = _ask(caller, service)
    _limit(caller, service, 0)
    error = ask().json()["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert host in error["message"]


def test_upload_above_the_quota_changes_nothing(caller, make_wheel):
    _limit(caller, "artifact-registry", 0)
    token = caller.sandbox_token("writer")
    file = make_wheel("throttled", "1.0", content=300_000 * "#")
    answer = caller.upload(file, token)
    assert (answer.status_code, answer.text) == (
        429,
        "Resource has been exhausted (e.g. check quota).",
    )
    _limit(caller, "artifact-registry", None)
    assert caller.upload(file, token).ok


@pytest.mark.parametrize("count", [-1, "many", 1.5])
def test_unusable_quota_is_refused(caller, count):
    body = {"requests_per_minute": count}
    assert caller.send("PUT", "/_sandbox/google/quotas/sts", json=body).status_code == 400


def test_unknown_service(caller):
    body = {"requests_per_minute": 1}
    assert caller.send("PUT", "/_sandbox/google/quotas/compute", json=body).status_code == 404
