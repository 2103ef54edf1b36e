"""Which claims of an ID token make its job a project's publisher, and in which words others fail.

`test_trusted_publishing.py` shows the same through the service; here each claim changes by itself.
"""

from typing import Any

import pytest
from packaging.utils import canonicalize_name

from dist_sandbox.pypi.publishers import NoPublisherError, TrustedPublisher, find_publisher

FILE = "eigenoid/sample/.github/workflows/release.yml"
CLAIMS: dict[str, Any] = {
    "repository": "eigenoid/sample",
    "repository_owner": "eigenoid",
    "repository_owner_id": "200100",
    "workflow_ref": f"{FILE}@refs/heads/main",
    "job_workflow_ref": f"{FILE}@refs/heads/main",
    "jti": "1",
    "event_name": "push",
    "ref": "refs/heads/main",
    "sha": "a" * 40,
    "environment": "Release",
}


def publisher(environment: str = "", workflow: str = "release.yml") -> TrustedPublisher:
    project = canonicalize_name(f"for-{environment or 'any'}")
    return TrustedPublisher(project, "eigenoid", 200_100, "sample", workflow, environment)


def at_commit(claims: dict[str, Any]) -> dict[str, Any]:
    return {**claims, **dict.fromkeys(("workflow_ref", "job_workflow_ref"), f"{FILE}@{'a' * 40}")}


@pytest.mark.parametrize(
    ("environments", "claims", "project"),
    [
        (["", "release"], CLAIMS, "for-release"),
        (["RELEASE", ""], CLAIMS, "for-release"),
        (["", "other"], CLAIMS, "for-any"),
        (["", "release"], {**CLAIMS, "environment": None}, "for-any"),
        ([""], at_commit(CLAIMS), "for-any"),
        ([""], {name: CLAIMS[name] for name in CLAIMS if name != "workflow_ref"}, "for-any"),
        ([""], {**CLAIMS, "ref": ""} | at_commit({}), "for-any"),
    ],
    ids=[
        *("its environment first", "in any case", "any environment", "no environment"),
        *("at a commit", "no workflow_ref", "at a commit without a ref"),
    ],
)
def test_the_publisher_of_the_claims(
    environments: list[str], claims: dict[str, Any], project: str
) -> None:
    found = find_publisher([publisher(environment) for environment in environments], claims)
    assert found.project == project


def test_of_two_alike_the_first_publishes() -> None:
    first, second = publisher(), publisher()
    assert find_publisher([first, second], CLAIMS) is first


NOT_FOUND = "Publisher with matching claims was not found"
MISMATCH = (
    "The job_workflow_ref claim does not match, expecting one of "
    f"['{FILE}@{'a' * 40}', '{FILE}@refs/heads/main'], got "
)
REUSED = f"{FILE}@refs/heads/other"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(
            ({name: None}, f"Missing claim {name!r}")
            for name in CLAIMS
            if name not in {"workflow_ref", "environment"}
        ),
        (
            {"job_workflow_ref": "eigenoid/sample/.github/workflows/release.txt@x"},
            "Could not extract workflow filename from OIDC claims",
        ),
        ({"repository": "eigenoid/other"}, NOT_FOUND),
        ({"repository_owner": "other"}, NOT_FOUND),
        ({"repository_owner_id": "1"}, NOT_FOUND),
        ({"job_workflow_ref": CLAIMS["job_workflow_ref"].replace("release", "other")}, NOT_FOUND),
        ({"job_workflow_ref": REUSED}, f"{MISMATCH}{REUSED!r}"),
        ({"workflow_ref": REUSED}, f"{MISMATCH}{CLAIMS['job_workflow_ref']!r}"),
        (
            {"event_name": "pull_request_target"},
            "Publishing from a workflow invoked via 'pull_request_target' is not supported.",
        ),
    ],
    ids=str,
)
def test_the_reason_of_a_refusal(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(NoPublisherError) as refused:
        find_publisher([publisher(), publisher("release")], {**CLAIMS, **changes})
    assert str(refused.value) == reason


def test_no_publisher_fits_where_all_have_other_environments() -> None:
    with pytest.raises(NoPublisherError, match=NOT_FOUND):
        find_publisher([publisher("other")], CLAIMS)
