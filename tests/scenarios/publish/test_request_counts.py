"""A publication makes as many requests as docs/publishing.md says."""

import re
from collections.abc import Callable

import pytest

from support.documentation.pages import page
from support.publishing.job import PublishingJob
from support.stages.running import StageResult

TABLE = page("docs/publishing.md").section("Requests")
FILES = 2


def told(target: str) -> tuple[int, int]:
    """What the page says for nothing to upload, and for our files."""
    (row,) = [line for line in TABLE.splitlines() if line.startswith(f"| {target} |")]
    nothing, some = row.split("|")[2:4]
    numbers = re.sub(r"\([^)]*\)", "", some).replace("`N`", str(FILES))
    return int(re.findall(r"\d+", nothing)[0]), sum(map(int, re.findall(r"\d+", numbers)))


def made(result: StageResult) -> int:
    """The action's own requests; the sandbox's services also ask each other."""
    assert result.exit_status == 0, result.log
    return sum("well-known" not in request.path for request in result.requests)


def federation(_: PublishingJob) -> dict[str, str]:
    return {}


def trusted_publishing(_: PublishingJob) -> dict[str, str]:
    return {"index": "pypi"}


def api_token(publisher: PublishingJob) -> dict[str, str]:
    return {"index": "pypi", "password": publisher.pypi_token()}


@pytest.mark.parametrize(
    ("target", "inputs"),
    [
        ("`artifact-registry` by federation", federation),
        ("`pypi` by Trusted Publishing", trusted_publishing),
        ("`pypi` with a token, or an address", api_token),
    ],
)
def test_the_page_tells_how_many_requests_are_made(
    publisher: PublishingJob, target: str, inputs: Callable[[PublishingJob], dict[str, str]]
) -> None:
    given = inputs(publisher)
    first = made(publisher(given))
    again = made(publisher(given))
    assert (again, first) == told(target)
