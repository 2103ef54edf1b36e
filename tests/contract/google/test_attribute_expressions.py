"""What a provider makes of claims: the attributes that it maps, and whether it accepts them."""

from typing import Any

import pytest

from dist_sandbox.google.identity.attributes import (
    READERS_MAPPING,
    RECOMMENDED_MAPPING,
    MappedAttributesError,
    condition_accepts,
    map_attributes,
    readers_condition,
    recommended_condition,
)
from dist_sandbox.organisation import Organisation, default_environments

CLAIMS: dict[str, Any] = {
    "sub": "repo:eigenoid/sample:environment:dev",
    "repository": "eigenoid/sample",
    "repository_id": "900100",
    "repository_owner_id": "200100",
    "ref": "refs/tags/v1.0.0-dev",
    "ref_type": "tag",
    "environment": "dev",
    "event_name": "push",
    "run_id": "7",
}
DEV = default_environments()[0]
RECOMMENDED, READERS = "of those who publish", "of those who read"
ON_BRANCH = {**CLAIMS, "ref": "refs/heads/dev", "ref_type": "branch"}


def written(condition: str) -> str:
    if condition == RECOMMENDED:
        return recommended_condition(Organisation(), DEV)
    return readers_condition(Organisation()) if condition == READERS else condition


@pytest.mark.parametrize(
    ("condition", "claims"),
    [
        ("", {}),
        *((RECOMMENDED, {**CLAIMS, "event_name": event}) for event in ("release", "push")),
        (RECOMMENDED, {**CLAIMS, "event_name": "workflow_dispatch"}),
        *((READERS, {**ON_BRANCH, "event_name": event}) for event in ("push", "schedule")),
        (READERS, CLAIMS),
        (READERS, {**CLAIMS, "ref": "refs/pull/1/merge", "event_name": "pull_request"}),
        ("attribute.repository_id == '900100' && google.subject.startsWith('repo:')", CLAIMS),
    ],
)
def test_claims_that_are_accepted(condition: str, claims: dict[str, Any]) -> None:
    mapped = map_attributes(RECOMMENDED_MAPPING, CLAIMS)
    assert condition_accepts(written(condition), claims, mapped) is True


@pytest.mark.parametrize(
    ("condition", "claims"),
    [
        *(
            (condition, {**CLAIMS, name: value})
            for condition in (RECOMMENDED, READERS)
            for name, value in (
                ("repository_owner_id", "1"),
                ("repository_owner_id", 200_100),
                ("repository_id", "1"),
                ("event_name", "pull_request_target"),
                ("event_name", "workflow_run"),
                ("event_name", "issue_comment"),
                ("ref", "refs/other/v1.0.0-dev"),
            )
        ),
        (RECOMMENDED, ON_BRANCH),
        (RECOMMENDED, {**CLAIMS, "ref_type": "branch"}),
        (RECOMMENDED, {**CLAIMS, "ref": "refs/tags/v1.0.0-qa"}),
        (RECOMMENDED, {**CLAIMS, "environment": "qa"}),
        (RECOMMENDED, {name: CLAIMS[name] for name in CLAIMS if name != "environment"}),
        ("assertion.sub", CLAIMS),
        ("'true'", CLAIMS),
        ("assertion.sub ==", CLAIMS),
        ("attribute.unknown == 'x'", CLAIMS),
    ],
)
def test_claims_that_are_not_accepted(condition: str, claims: dict[str, Any]) -> None:
    """Nor are those on which a condition has no value, or another one than true."""
    mapped = map_attributes(RECOMMENDED_MAPPING, CLAIMS)
    assert condition_accepts(written(condition), claims, mapped) is False


def test_what_has_no_text_is_not_mapped() -> None:
    claims = {name: CLAIMS[name] for name in CLAIMS if name != "environment"}
    assert map_attributes(RECOMMENDED_MAPPING, claims) == {
        "google.subject": CLAIMS["sub"],
        "attribute.repository": "eigenoid/sample",
        "attribute.repository_id": "900100",
        "attribute.repository_owner_id": "200100",
        "attribute.ref": CLAIMS["ref"],
    }
    assert map_attributes(READERS_MAPPING, CLAIMS)["google.subject"] == "900100:7"


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, "must be of type STRING"),
        ({"sub": ""}, "must be of type STRING"),
        ({"sub": 7}, "must be of type STRING"),
        ({"sub": "x" * 128}, "exceeds the 127 bytes limit"),
        ({"sub": "x" * 125 + "\u00e9\u00e9"}, "exceeds the 127 bytes limit"),
        ({"sub": "x", "ref": "y" * 8192}, "exceeds the 8192 bytes limit"),
        ({"sub": "x", "ref": "\u00e9" * 4096}, "exceeds the 8192 bytes limit"),
    ],
    ids=["none", "empty", "a number", "long", "long in bytes", "all", "all in bytes"],
)
def test_attributes_that_google_refuses(claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(MappedAttributesError, match=reason):
        map_attributes(RECOMMENDED_MAPPING, claims)


def test_attributes_may_be_as_long_as_the_limits() -> None:
    claims = {"sub": "x" * 127, "ref": "y" * (8192 - 127)}
    assert map_attributes(RECOMMENDED_MAPPING, claims) == {
        "google.subject": claims["sub"],
        "attribute.ref": claims["ref"],
    }
