"""Tokens that end during a run, limits of services, and bindings that are missing."""

from datetime import datetime, timedelta

import pytest

from support.distributions.builders import write_wheel
from support.publishing.job import PAGE, PYPI_UPLOAD, UPLOAD, PublishingJob, SkippedTime, is_upload

PATIENT = {"max-wait": "20m"}
#: Nearly the lifetime of both kinds of token, which is 900 seconds.
NEARLY = {"status": 503, "headers": {"retry-after": "850"}}
BOTH = "artifact-registry\npypi"


def asked(publisher: PublishingJob, path: str, after: int = 0) -> int:
    """How often a run asked for something."""
    return sum(path in one.path for one in publisher.sandbox.world.requests.since(after))


@pytest.mark.parametrize(
    ("index", "upload", "mint"),
    [("artifact-registry", UPLOAD, "/sts/"), ("pypi", PYPI_UPLOAD, "/mint-token")],
)
def test_a_token_that_ends_soon_is_renewed_before_the_next_upload(
    publisher: PublishingJob, index: str, upload: str, mint: str
) -> None:
    publisher.fault(path=upload, **NEARLY)
    assert publisher.run_here({"index": index, **PATIENT}) == 0
    assert asked(publisher, mint) == 2
    statuses = [one.status for one in publisher.sandbox.world.requests.since() if is_upload(one)]
    assert sorted(statuses) == [200, 200, 503], "nothing was sent with a token that had ended"


def test_the_second_index_gets_a_new_token_after_a_long_first_one(publisher: PublishingJob) -> None:
    """PyPI's token is minted before the first upload anywhere, and has ended by its own turn."""
    publisher.fault(path=UPLOAD, status=503, headers={"retry-after": "1000"})
    assert publisher.run_here({"index": BOTH, **PATIENT}) == 0
    assert asked(publisher, "/mint-token") == 2
    assert publisher.indexed() == publisher.on("pypi") == publisher.at_hand()


@pytest.mark.parametrize("path", [UPLOAD, f"artifact-registry.*{PAGE}"])
def test_a_token_that_is_refused_once_is_renewed_once(publisher: PublishingJob, path: str) -> None:
    publisher.fault(path=path, status=401)
    result = publisher()
    assert result.exit_status == 0, result.log
    assert asked(publisher, "/sts/") == 2
    assert publisher.indexed() == publisher.at_hand()


@pytest.mark.parametrize(
    ("path", "said"),
    [(UPLOAD, "HTTP 401"), (f"artifact-registry.*{PAGE}", "cannot be read: HTTP 401")],
)
def test_a_token_that_is_refused_for_ever_ends_the_run(
    publisher: PublishingJob, path: str, said: str
) -> None:
    publisher.fault(path=path, status=401, times=99)
    result = publisher()
    assert (result.exit_status, result.changes) == (1, ())
    assert said in result.annotation.message
    assert asked(publisher, "/sts/") <= 3


def test_a_password_is_never_renewed(publisher: PublishingJob) -> None:
    publisher.fault(path=PYPI_UPLOAD, status=401, times=99)
    result = publisher({"index": "pypi", "password": publisher.pypi_token()})
    assert result.exit_status == 1
    assert len([one for one in result.requests if is_upload(one)]) <= 2


LIMITED = {"page": PAGE, "upload": UPLOAD, "exchange": "^/sts/", "permissions": ":testIam"}


@pytest.mark.parametrize("point", list(LIMITED))
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_what_a_service_asks_to_wait_is_waited(
    publisher: PublishingJob, point: str, form: str
) -> None:
    clock = SkippedTime(publisher.sandbox.world.clock)
    told = "40" if form == "seconds" else f"{in_seconds(clock, 41):%a, %d %b %Y %H:%M:%S GMT}"
    publisher.fault(path=LIMITED[point], status=429, headers={"retry-after": told})
    assert publisher.run_here(clock=clock) == 0
    assert 37 <= max(clock.pauses) <= 41


def in_seconds(clock: SkippedTime, seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("point", list(LIMITED))
def test_a_wait_that_is_too_long_is_not_begun(publisher: PublishingJob, point: str) -> None:
    clock = SkippedTime(publisher.sandbox.world.clock)
    publisher.fault(path=LIMITED[point], status=429, headers={"retry-after": "301"}, times=9)
    assert publisher.run_here(clock=clock) == 3
    assert clock.pauses == []
    assert publisher.indexed() == {}


@pytest.mark.parametrize("point", list(LIMITED))
def test_a_service_that_stays_away_is_given_up_in_about_a_minute(
    publisher: PublishingJob, point: str
) -> None:
    clock = SkippedTime(publisher.sandbox.world.clock)
    publisher.fault(path=LIMITED[point], status=503, times=99)
    assert publisher.run_here(clock=clock) == 3
    assert 60 <= sum(clock.pauses) <= 130
    assert publisher.indexed() == {}


@pytest.mark.parametrize("service", ["artifact-registry", "sts", "iam-credentials"])
def test_a_quota_slows_a_run_and_does_not_end_it(publisher: PublishingJob, service: str) -> None:
    for minor in range(9, 13):
        write_wheel(publisher.dist, tag=f"cp3{minor}-none-any", content=f"# {minor}\n")
    publisher.sandbox.control(
        "PUT", f"google/quotas/{service}", {"requests_per_minute": 3, "retry_after_seconds": 20}
    )
    for _ in range(4):
        assert publisher.run_here() == 0
    assert publisher.indexed() == publisher.at_hand()


def unbind(publisher: PublishingJob) -> list[str]:
    path = "google/service-accounts/dev/impersonators"
    account = publisher.sandbox.world.google.accounts[publisher.environment.service_account]
    publisher.sandbox.control("PUT", path, {"members": []})
    return sorted(account.impersonators)


@pytest.mark.parametrize(
    ("max_wait", "longest"), [("0s", 0), ("2s", 0), ("20s", 15), ("5m", 100), ("1d", 100)]
)
def test_a_binding_that_is_missing_is_told_soon(
    publisher: PublishingJob, max_wait: str, longest: float
) -> None:
    unbind(publisher)
    clock = SkippedTime(publisher.sandbox.world.clock)
    assert publisher.run_here({"max-wait": max_wait}, clock) == 1
    assert "gcloud iam service-accounts add-iam-policy-binding" in publisher.log
    assert sum(clock.pauses) == longest
