"""PyPI's refusals of a Trusted Publisher in words that say what to change."""

from typing import Any

import pytest

from dist_actions.errors import IdentityError
from dist_actions.services.index.trusted_publishing_refusals import (
    explain_mint_refusal,
    refuse_reusable_workflow,
)

PAGE = "https://index.example.com/manage/account/publishing/"
CLAIMS = {
    "iss": "https://issuer.example.com",
    "sub": "repo:eigenoid/sample:environment:release",
    "repository": "eigenoid/sample",
    "ref": "refs/tags/v1.0.0",
    "environment": "release",
    "workflow_ref": "eigenoid/sample/.github/workflows/publish.yml@refs/tags/v1.0.0",
    "job_workflow_ref": "eigenoid/sample/.github/workflows/publish.yml@refs/tags/v1.0.0",
}
FORM = (
    "Owner `eigenoid`, Repository name `sample`, Workflow name `publish.yml`, "
    "Environment name `release`"
)


def refused(code: str, description: str = "", claims: dict[str, str] = CLAIMS) -> IdentityError:
    errors = [{"code": code, "description": description}]
    return explain_mint_refusal("PyPI", 422, errors, claims, PAGE)


@pytest.mark.parametrize(
    ("code", "description", "anchor", "said"),
    [
        pytest.param("not-enabled", "x", "trusted-publishing-off", "API token", id="off"),
        pytest.param(
            "invalid-payload",
            "unknown trusted publishing issuer",
            "trusted-publishing-token",
            "the issuer https://issuer.example.com",
            id="issuer",
        ),
        pytest.param(
            "invalid-payload",
            "The name 'x' is too similar to an existing project.",
            "project-name",
            PAGE,
            id="similar name",
        ),
        pytest.param(
            "invalid-payload", "The name 'x' isn't allowed.", "project-name", PAGE, id="name"
        ),
        pytest.param("invalid-token", "x", "trusted-publishing-token", "expired", id="token"),
        pytest.param(
            "invalid-reuse-token", "x", "trusted-publishing-token", "used before", id="reuse"
        ),
        pytest.param(
            "invalid-pending-publisher", "x", "trusted-publishing-pending", FORM, id="pending"
        ),
        pytest.param(
            "invalid-publisher", "x", "trusted-publishing-publisher", FORM, id="publisher"
        ),
        pytest.param("something-new", "x", "trusted-publishing-off", "API token", id="unknown"),
    ],
)
def test_a_refused_token_says_what_to_change(
    code: str, description: str, anchor: str, said: str
) -> None:
    error = refused(code, description)
    assert error.what == f"PyPI gave no upload token: {code}: {description}."
    assert error.anchor == anchor
    assert said in str(error)


@pytest.mark.parametrize(
    "errors", [[], [None], ["text"], [{}], [{"code": None}]], ids=["none", "null", "text", "0", "1"]
)
def test_an_answer_without_a_code_is_told_by_its_status(errors: list[Any]) -> None:
    error = explain_mint_refusal("PyPI", 403, errors, {}, PAGE)
    assert error.anchor == "trusted-publishing-off"
    assert "(absent)" not in str(error), "no claims are shown where no token was sent"


def test_a_publisher_without_its_environment_is_told_first() -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "environment"}
    error = refused("invalid-publisher", claims=claims)
    assert error.why.startswith("the job has no `environment:`")
    assert error.fix.startswith("where the publisher has an environment, add `environment: NAME`")
    assert "Environment name (empty)" in error.fix


def test_the_claims_are_shown() -> None:
    error = refused("invalid-publisher")
    for name in ("sub", "repository", "ref", "environment", "workflow_ref"):
        assert f"{name}={CLAIMS[name]}" in error.why


def test_claims_are_not_taken_for_a_template() -> None:
    assert "ref={page}" in refused("invalid-publisher", claims={**CLAIMS, "ref": "{page}"}).why


def test_a_reusable_workflow_is_told_with_both_files() -> None:
    called = "other/shared/.github/workflows/upload.yml@refs/heads/main"
    error = refuse_reusable_workflow("PyPI", {**CLAIMS, "job_workflow_ref": called})
    assert called in error.what
    assert CLAIMS["workflow_ref"] in error.what
    assert error.anchor == "reusable-workflow"
