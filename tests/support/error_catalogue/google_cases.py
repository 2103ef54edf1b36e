"""How the job's ID token and Google Cloud refuse."""

from support.error_catalogue import google_preparations as given
from support.error_catalogue.case import (
    CLAIMS,
    DESCRIBE,
    FORK,
    NO_FORK,
    NO_IDENTITY,
    NO_WAITING,
    POOL,
    PROVIDER,
    PYPI,
    Case,
)

CASES = {
    # The job's ID token
    "no id-token: write": Case(
        "id-token",
        ("no `id-token: write`", "`permissions: {contents: read, id-token: write}`"),
        options=NO_IDENTITY,
    ),
    "no id-token: write, for PyPI": Case(
        "id-token", ("cannot ask for an ID token",), inputs=PYPI, options=NO_IDENTITY
    ),
    "a pull request from a fork": Case(
        "id-token-in-a-fork",
        ("a pull request from a fork", "when a tag is pushed"),
        options={**NO_IDENTITY, **FORK},
    ),
    "a pull request of the repository itself": Case(
        "id-token", ("no `id-token: write`",), options={**NO_IDENTITY, **NO_FORK}
    ),
    "GitHub refuses the ID token": Case(
        "id-token-refused", ("GitHub gave no ID token: HTTP 401",), given.id_token_refused
    ),
    # Google's token exchange
    "the condition is false": Case(
        "attribute-condition",
        ("unauthorized_client", DESCRIBE, *(claim.replace("=dev", "=qa") for claim in CLAIMS)),
        options={"environment": "qa"},
    ),
    "a job without an environment": Case(
        "attribute-condition",
        (
            "Why: the job has no `environment:`",
            "environment=(absent)",
            "Fix: add `environment: NAME` to the job; then compare",
        ),
        options={"environment": ""},
    ),
    "a run for a branch": Case(
        "attribute-condition",
        ("Why: this run is for refs/heads/dev, which is no tag. The provider",),
        options={"ref": "refs/heads/dev"},
    ),
    "a condition that compares the old subject": Case(
        "attribute-condition",
        ("new format, with numeric IDs: repo:eigenoid@200100/eigenoid-sample@900100:environment:",),
        given.condition_on_old_subject,
    ),
    "a disabled provider": Case(
        "provider-not-found",
        ("invalid_target", f"providers list --workload-identity-pool={POOL} "),
        given.provider(enabled=False),
    ),
    "a deleted provider": Case(
        "provider-not-found", (f"{PROVIDER} does not exist",), given.deleted_provider
    ),
    "a disabled pool": Case("provider-not-found", ("or its pool",), given.disabled_pool),
    "a name that Google takes for no provider's": Case(
        "provider-name", ("the project's number, not its ID",), given.audience_refused
    ),
    "a pool in place of a provider": Case(
        "inputs",
        ("workload-identity-provider is", "projects/PROJECT_NUMBER/locations/global"),
        inputs={"workload-identity-provider": POOL},
        exit_status=2,
    ),
    "another issuer": Case(
        "provider-issuer",
        ("does not match the expected ones: https://token.example.com", "--issuer-uri=http://127."),
        given.provider(issuer_uri="https://token.example.com"),
    ),
    "another audience": Case(
        "provider-issuer",
        ("has allowed audiences", '--allowed-audiences=""'),
        given.provider(allowed_audiences=["https://other.example.com"]),
    ),
    "a subject of more than 127 bytes": Case(
        "mapped-attribute",
        ("exceeds the 127 bytes limit", "shorten the tag", *CLAIMS),
        given.provider(attribute_mapping={"google.subject": "assertion.sub + " * 4 + "''"}),
    ),
    "a refusal that nobody knows": Case(
        "token-exchange", ("invalid_grant: Something new", DESCRIBE, *CLAIMS), given.exchange_new
    ),
    # Acting as the service account
    "no binding": Case(
        "service-account",
        (
            "Permission 'iam.serviceAccounts.getAccessToken' denied",
            "up to 5 minutes",
            "gcloud iam service-accounts add-iam-policy-binding "
            "eigenoid-sample-publisher@eigenoid-dev.iam.gserviceaccount.com "
            "--role=roles/iam.workloadIdentityUser "
            f'--member="principalSet://iam.googleapis.com/{POOL}/attribute.repository_id/900100"',
            *CLAIMS,
        ),
        given.impersonators(),
        inputs=NO_WAITING,
    ),
    "a binding to the old subject": Case(
        "service-account",
        (
            "new format, with numeric IDs: repo:eigenoid@200100/eigenoid-sample@900100:environment",
            f"a binding to principal://iam.googleapis.com/{POOL}/subject/",
        ),
        given.binding_to_old_subject,
        inputs=NO_WAITING,
    ),
    "no such account": Case(
        "service-account",
        ("(HTTP 404)", "gcloud iam service-accounts list --project=eigenoid-dev"),
        given.deleted_account,
    ),
    "IAM's API is not enabled": Case(
        "service-account",
        ("gcloud services enable iamcredentials.googleapis.com",),
        given.iam_disabled,
    ),
    # Service account keys
    "a deleted key": Case(
        "service-account-key",
        ("Invalid JWT Signature", "gcloud iam service-accounts keys list --iam-account="),
        given.deleted_key,
    ),
    "a key of a deleted account": Case(
        "service-account-key", ("the service account was deleted",), given.key_without_account
    ),
    "a key of a disabled account": Case(
        "service-account-key",
        ("gcloud iam service-accounts enable eigenoid-sample-publisher@",),
        given.key_of_disabled_account,
    ),
    "a damaged key": Case(
        "service-account-key",
        ("The private key in credentials-json, of", "cannot be read"),
        given.damaged_key,
    ),
    "a key and a provider": Case(
        "inputs",
        ("is given beside workload-identity-provider",),
        given.key_beside_provider,
        exit_status=2,
    ),
}
