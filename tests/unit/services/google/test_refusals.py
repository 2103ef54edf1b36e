"""Google's refusals in words that say what to change."""

import json

import pytest

from dist_actions.services.google.refusals import (
    explain_damaged_key,
    explain_exchange_refusal,
    explain_impersonation_refusal,
    explain_key_refusal,
    explain_missing_upload_permission,
)

POOL = "projects/100000000001/locations/global/workloadIdentityPools/github"
PROVIDER = f"{POOL}/providers/repository-900100"
DESCRIBE = f"`gcloud iam workload-identity-pools providers describe {PROVIDER}`"
CLAIMS = {
    "iss": "https://issuer.example.com",
    "sub": "repo:o/r:environment:dev",
    "repository": "o/r",
    "repository_id": "900100",
    "ref": "refs/tags/v1.0.0-dev",
    "ref_type": "tag",
    "environment": "dev",
}
NUMBERED = {**CLAIMS, "sub": "repo:o@200100/r@900100:environment:dev"}
CONDITION = "The given credential is rejected by the attribute condition."
ACCOUNT = "publisher@eigenoid-dev.iam.gserviceaccount.com"
DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."


@pytest.mark.parametrize(
    ("code", "description", "anchor", "said"),
    [
        pytest.param(
            "unauthorized_client",
            CONDITION,
            "attribute-condition",
            ["sub=repo:o/r:environment:dev", "ref=refs/tags/v1.0.0-dev", DESCRIBE],
            id="attribute condition",
        ),
        pytest.param(
            "invalid_target",
            'The target service indicated by the "audience" parameters is invalid. This might '
            "either be because the pool or provider is disabled or deleted or because it doesn't "
            "exist.",
            "provider-not-found",
            ["does not exist, or it or its pool is disabled", f"--workload-identity-pool={POOL} "],
            id="no such provider",
        ),
        pytest.param(
            "invalid_request",
            'Invalid value for "audience". This value should be the full resource name of the '
            "Identity Provider.",
            "provider-name",
            ["the project's number, not its ID", "the provider, not the pool"],
            id="not a provider's name",
        ),
        pytest.param(
            "invalid_grant",
            "The issuer in ID Token https://issuer.example.com does not match the expected ones: "
            "https://b",
            "provider-issuer",
            [f"update-oidc {PROVIDER} --issuer-uri=https://issuer.example.com`"],
            id="issuer",
        ),
        pytest.param(
            "invalid_grant",
            "The audience in ID Token [https://a] does not match the expected audience.",
            "provider-issuer",
            [f'update-oidc {PROVIDER} --allowed-audiences=""`'],
            id="audience",
        ),
        pytest.param(
            "invalid_request",
            "The size of mapped attribute google.subject exceeds the 127 bytes limit.",
            "mapped-attribute",
            ["shorten the tag", "sub=repo:o/r:environment:dev"],
            id="long claim",
        ),
        pytest.param(
            "server_said",
            "Something new {braces}.",
            "token-exchange",
            ["{braces}", "sub=repo:o/r:environment:dev", "run the job again", DESCRIBE],
            id="unknown",
        ),
    ],
)
def test_a_refused_exchange_says_what_to_change(
    code: str, description: str, anchor: str, said: list[str]
) -> None:
    error = explain_exchange_refusal(code, description, provider=PROVIDER, claims=CLAIMS)
    assert error.what == f"Google refused the ID token: {code}: {description}"
    assert error.anchor == anchor
    assert [text for text in said if text not in str(error)] == []


def test_a_job_without_an_environment_is_told_first() -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != "environment"}
    error = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=claims)
    assert error.why.startswith("the job has no `environment:`")
    assert error.fix.startswith("add `environment: NAME` to the job; then compare")
    assert "environment=(absent)" in error.why


def test_a_job_with_an_environment_is_not_told_to_add_one() -> None:
    error = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=CLAIMS)
    assert error.why.startswith("the provider's attribute condition")
    assert error.fix == f"compare the condition with the claims: {DESCRIBE}"


def test_a_run_for_a_branch_is_told() -> None:
    claims = {**CLAIMS, "ref": "refs/heads/dev", "ref_type": "branch"}
    error = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=claims)
    assert error.why.startswith("this run is for refs/heads/dev, which is no tag. The provider")
    del claims["environment"]
    error = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=claims)
    assert ". This run is for refs/heads/dev, which is no tag. The provider" in error.why


def test_a_numbered_subject_is_shown_where_a_condition_may_compare_it() -> None:
    error = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=NUMBERED)
    assert f"the new format, with numeric IDs: {NUMBERED['sub']}; a condition" in error.why
    plain = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=CLAIMS)
    assert "new format" not in plain.why


def test_claims_are_not_taken_for_a_template() -> None:
    claims = {**CLAIMS, "ref": "{provider}"}
    error = explain_exchange_refusal("x", CONDITION, provider=PROVIDER, claims=claims)
    assert "ref={provider}" in error.why


@pytest.mark.parametrize("provider", ["github", "", "a/b"])
@pytest.mark.parametrize("description", ["attribute condition", "target service indicated by the"])
def test_an_odd_provider_name_does_not_break_the_message(provider: str, description: str) -> None:
    error = explain_exchange_refusal("x", description, provider=provider, claims={})
    assert "gcloud iam workload-identity-pools providers" in error.fix


def impersonation(status: int, message: str, claims: dict[str, str] = CLAIMS) -> str:
    body = json.dumps({"error": {"code": status, "message": message}})
    error = explain_impersonation_refusal(
        status, body, service_account=ACCOUNT, provider=PROVIDER, claims=claims
    )
    assert error.anchor == "service-account"
    return str(error)


def test_a_missing_binding_is_answered_with_the_command_that_makes_it() -> None:
    said = impersonation(403, DENIED)
    assert f"act as {ACCOUNT}: {DENIED[:-1]} (HTTP 403)." in said
    assert (
        f"`gcloud iam service-accounts add-iam-policy-binding {ACCOUNT} "
        '--role=roles/iam.workloadIdentityUser --member="principalSet://iam.googleapis.com/'
        f'{POOL}/attribute.repository_id/900100"`'
    ) in said
    assert "up to 5 minutes" in said


def test_a_numbered_subject_is_shown_where_a_binding_may_compare_it() -> None:
    said = impersonation(403, DENIED, NUMBERED)
    assert f"new format, with numeric IDs: {NUMBERED['sub']}; a binding to principal://" in said
    assert f"{POOL}/subject/…" in said


def test_an_unknown_account_is_told_as_such() -> None:
    said = impersonation(404, "Not found; Gaia id not found for email x")
    assert "there is no such service account" in said
    assert "`gcloud iam service-accounts list --project=eigenoid-dev`" in said


def test_an_api_that_is_off_is_told_with_the_command_that_enables_it() -> None:
    said = impersonation(
        403,
        "IAM Service Account Credentials API has not been used in project 100000000001 before or "
        "it is disabled.",
    )
    assert "`gcloud services enable iamcredentials.googleapis.com --project=100000000001`" in said


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"error": "text"}', "null"])
def test_an_answer_that_is_not_googles_is_left_out(body: str) -> None:
    error = explain_impersonation_refusal(
        403, body, service_account=ACCOUNT, provider="odd", claims={}
    )
    assert error.what == f"Google refused to let this job act as {ACCOUNT} (HTTP 403)."
    assert "attribute.repository_id/REPOSITORY_ID" in error.fix


def test_a_missing_permission_is_answered_with_the_command_that_grants_it() -> None:
    error = explain_missing_upload_permission(
        "the index", "projects/p/locations/us-central1/repositories/r", f"serviceAccount:{ACCOUNT}"
    )
    assert "nothing was uploaded anywhere" in error.what
    assert (
        "`gcloud artifacts repositories add-iam-policy-binding r --project=p "
        "--location=us-central1 --role=roles/artifactregistry.writer "
        f'--member="serviceAccount:{ACCOUNT}"`'
    ) in error.fix


@pytest.mark.parametrize(
    ("description", "said"),
    [
        pytest.param("Invalid grant: account not found", "was deleted", id="no account"),
        pytest.param("Account disabled: x", "service-accounts enable p@x", id="disabled"),
        pytest.param("Invalid JWT Signature.", "keys list --iam-account=p@x", id="key deleted"),
        pytest.param(
            "Invalid JWT: Token must be a short-lived token (60 minutes)", "clock", id="clock"
        ),
        pytest.param("Something new {braces}.", "keys list --iam-account=p@x", id="unknown"),
    ],
)
def test_a_refused_key_says_what_to_change(description: str, said: str) -> None:
    error = explain_key_refusal("invalid_grant", description, "p@x")
    assert error.what == f"Google refused the key of p@x: invalid_grant: {description}"
    assert error.anchor == "service-account-key"
    assert said in str(error)


def test_a_damaged_key_is_told_without_any_of_it() -> None:
    assert str(explain_damaged_key("p@x")).startswith("The private key in credentials-json, of p@x")
