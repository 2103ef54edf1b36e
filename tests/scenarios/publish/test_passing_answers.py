"""What an answer's status means, at every service alike: passing, or a success."""

import pytest

from support.publishing.job import POINTS, PYPI_UPLOAD, UPLOAD, PublishingJob, SkippedTime

BOTH = {"index": "artifact-registry\npypi"}
#: Where tokens are made.
MINTING = ("the ID token", "the exchange", "the impersonation", "PyPI's audience", "PyPI's minting")


@pytest.mark.parametrize("status", [408, 425, 429, 503, 504])
@pytest.mark.parametrize("point", list(POINTS))
def test_what_may_be_over_soon_is_repeated(
    publisher: PublishingJob, point: str, status: int
) -> None:
    clock = SkippedTime(publisher.sandbox.world.clock)
    publisher.fault(path=POINTS[point], status=status)
    assert publisher.run_here(BOTH, clock) == 0, publisher.log
    assert clock.pauses
    assert f"HTTP {status}" in publisher.log
    assert publisher.indexed() == publisher.on("pypi") == publisher.at_hand()


@pytest.mark.parametrize("point", ["the ID token", "the exchange", "an upload", "PyPI's page"])
def test_a_time_out_that_stays_is_no_refusal(publisher: PublishingJob, point: str) -> None:
    publisher.fault(path=POINTS[point], status=408, times=99)
    assert publisher.run_here(BOTH) == 3
    assert "HTTP 408" in publisher.log


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("index", ["artifact-registry", "pypi"])
def test_any_success_of_an_upload_is_one(publisher: PublishingJob, index: str, status: int) -> None:
    for _ in range(2):
        publisher.fault(path=f"{UPLOAD}|{PYPI_UPLOAD}", status=status, applied=True)
    result = publisher({"index": index})
    assert result.exit_status == 0, result.log
    held = publisher.indexed() if index == "artifact-registry" else publisher.on("pypi")
    assert held == publisher.at_hand()


@pytest.mark.parametrize("index", ["artifact-registry", "pypi"])
def test_what_was_accepted_and_is_not_shown_is_sent_again(
    publisher: PublishingJob, index: str
) -> None:
    """A proxy may have answered in place of the index."""
    page = "<html>The network asks you to log in.</html>"
    for _ in range(2):
        publisher.fault(path=f"{UPLOAD}|{PYPI_UPLOAD}", status=200, body=page)
    assert publisher.run_here({"index": index}) == 0, publisher.log
    assert "sent eigenoid_sample-0.1.0" in publisher.log
    held = publisher.indexed() if index == "artifact-registry" else publisher.on("pypi")
    assert held == publisher.at_hand()


def test_a_success_of_an_upload_that_stored_nothing_is_none(publisher: PublishingJob) -> None:
    publisher.fault(path=UPLOAD, status=202, times=99)
    assert publisher.run_here() == 3
    assert "accepted eigenoid_sample-0.1.0" in publisher.log
    assert "but does not show it" in publisher.log


@pytest.mark.parametrize(
    "point", ["the ID token", "the exchange", "PyPI's audience", "PyPI's minting"]
)
@pytest.mark.parametrize("body", ["", "[7]", '{"value": null, "token": null, "audience": null}'])
def test_a_success_without_a_token_is_none(publisher: PublishingJob, point: str, body: str) -> None:
    publisher.fault(path=POINTS[point], status=200, body=body, times=99)
    result = publisher({**BOTH, "max-wait": "0s"})
    assert (result.exit_status, result.changes) == (3, ())
    assert "the answer " in result.annotation.message
    assert "it is not the service that answers there" in result.annotation.message


def test_a_single_answer_without_a_token_is_passed(publisher: PublishingJob) -> None:
    publisher.fault(path=POINTS["the ID token"], status=204)
    assert publisher().exit_status == 0


@pytest.mark.parametrize("status", [307, 308, 401, 404])
@pytest.mark.parametrize("point", MINTING)
def test_a_single_refusal_of_a_token_is_passed(
    publisher: PublishingJob, point: str, status: int
) -> None:
    publisher.fault(path=POINTS[point], status=status, headers={"location": "/elsewhere"})
    assert publisher.run_here(BOTH) == 0, publisher.log
    assert f"HTTP {status}" in publisher.log


@pytest.mark.parametrize("location", ["/elsewhere", "https://elsewhere.example/", "no: address"])
def test_what_redirects_where_tokens_are_made_is_not_the_service(
    publisher: PublishingJob, location: str
) -> None:
    for point in MINTING:
        answer = {"status": 307, "headers": {"location": location}, "times": 99}
        publisher.fault(path=POINTS[point], **answer)
        result = publisher({**BOTH, "max-wait": "0s"})
        assert (result.exit_status, result.changes) == (3, ()), point
        assert "HTTP 307 leads to another address" in result.annotation.message
        assert "it is not the service that answers there" in result.annotation.message
        publisher.sandbox.control("DELETE", "faults")


@pytest.mark.parametrize("status", [200, 206, 401])
@pytest.mark.parametrize("point", ["Artifact Registry's page", "PyPI's page"])
def test_a_page_that_is_none_once_is_read_again(
    publisher: PublishingJob, point: str, status: int
) -> None:
    publisher.fault(path=POINTS[point], status=status, body="{}")
    assert publisher.run_here(BOTH) == 0, publisher.log
    assert publisher.indexed() == publisher.on("pypi") == publisher.at_hand()
