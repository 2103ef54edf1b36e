"""Google's refusals in words that say what to change."""

import pytest

from dist_actions.google_refusals import explain_exchange_refusal, explain_impersonation_refusal

PROVIDER = (
    "projects/100000000001/locations/global/workloadIdentityPools/github/providers/github-actions"
)


@pytest.mark.parametrize(
    ("code", "description", "said"),
    [
        pytest.param(
            "unauthorized_client",
            "The given credential is rejected by the attribute condition.",
            [
                "sub=repo:o/r:environment:dev",
                "providers describe github-actions --workload-identity-pool=github "
                "--location=global --project=100000000001",
                "add `environment:`",
            ],
            id="attribute condition",
        ),
        pytest.param(
            "invalid_target",
            'The target service indicated by the "audience" parameters is invalid. This might '
            "either be because the pool or provider is disabled or deleted or because it doesn't "
            "exist.",
            ["does not exist, or is disabled", "providers list --workload-identity-pool=github"],
            id="no such provider",
        ),
        pytest.param(
            "invalid_request",
            'Invalid value for "audience". This value should be the full resource name of the '
            "Identity Provider.",
            ["the project's number, not its ID", "the provider, not the pool"],
            id="not a provider's name",
        ),
        pytest.param(
            "invalid_grant",
            "The issuer in ID Token https://a does not match the expected ones: https://b",
            ["issuer URI"],
            id="issuer",
        ),
        pytest.param(
            "invalid_request",
            "The size of mapped attribute google.subject exceeds the 127 bytes limit.",
            ["shorten the ref", "sub=repo:o/r:environment:dev"],
            id="long claim",
        ),
        pytest.param(
            "server_said", "Something new {braces}.", ["{braces}", PROVIDER], id="unknown"
        ),
    ],
)
def test_a_refused_exchange_says_what_to_change(
    code: str, description: str, said: list[str]
) -> None:
    error = explain_exchange_refusal(
        code, description, provider=PROVIDER, claims="sub=repo:o/r:environment:dev"
    )
    assert f"{code}: {description}" in error.what
    assert error.anchor == "token-exchange"
    assert [text for text in said if text not in str(error)] == []


def test_claims_are_not_taken_for_a_template() -> None:
    error = explain_exchange_refusal(
        "unauthorized_client", "attribute condition", provider=PROVIDER, claims="ref={provider}"
    )
    assert "ref={provider}" in error.why


@pytest.mark.parametrize("provider", ["github", "", "a/b"])
def test_an_odd_provider_name_does_not_break_the_message(provider: str) -> None:
    error = explain_exchange_refusal(
        "unauthorized_client", "the attribute condition", provider=provider, claims="x"
    )
    assert "--workload-identity-pool=POOL" in error.fix


def test_a_missing_binding_is_answered_with_the_command_that_makes_it() -> None:
    error = explain_impersonation_refusal(
        403, "p@x.iam.gserviceaccount.com", PROVIDER, {"repository_id": "900100"}
    )
    assert error.fix == (
        "gcloud iam service-accounts add-iam-policy-binding p@x.iam.gserviceaccount.com "
        '--role=roles/iam.workloadIdentityUser --member="principalSet://iam.googleapis.com/'
        "projects/100000000001/locations/global/workloadIdentityPools/github/"
        'attribute.repository_id/900100"'
    )
    assert "5 minutes" in error.why


def test_an_unknown_account_is_told_as_such() -> None:
    error = explain_impersonation_refusal(404, "p@x", PROVIDER, {})
    assert error.why == "there is no such service account."
