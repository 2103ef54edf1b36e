"""Every way in which an identity or an index refuses, as the action's user sees it.

One case prepares the sandbox by its control interface, runs the real entrypoint, and looks at the
annotation, the summary and the link. That no secret is in either is looked at after every run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from documentation.pages import page, slug
from scenarios.publish import error_preparations as given
from scenarios.publish.conftest import Publisher

NO_WRITER = "roles/artifactregistry.writer"
HEADINGS = {slug(heading) for heading in page("docs/troubleshooting.md").headings(3)}
LINK = "https://github.com/eigenoid/dist-actions/blob/v1/docs/troubleshooting.md#"
#: What is shown of a job wherever federation or a publisher refuses it.
CLAIMS = (
    "sub=repo:eigenoid/",
    "repository=eigenoid/eigenoid-sample",
    "ref=refs/tags/v0.1.0-dev",
    "environment=dev",
    "workflow_ref=eigenoid/eigenoid-sample/.github/workflows/release.yml@refs/tags/v0.1.0-dev",
)
POOL = "projects/100000000001/locations/global/workloadIdentityPools/github"
PROVIDER = f"{POOL}/providers/github-actions"
DESCRIBE = f"gcloud iam workload-identity-pools providers describe {PROVIDER}"
FORM = "Owner `eigenoid`, Repository name `eigenoid-sample`, Workflow name `release.yml`, "


@dataclass(frozen=True)
class Case:
    """One refusal.

    Attributes:
        anchor: Heading of docs/troubleshooting.md.
        said: What the annotation says, in any order.
        prepare: Brings the sandbox into the state that refuses.
        inputs: Changes of what the workflow gives.
        options: How the runner starts the action.
        exit_status: 1 refused, 2 bad input, 3 not available.
    """

    anchor: str
    said: tuple[str, ...]
    prepare: Callable[[Publisher], Mapping[str, str] | None] = given.nothing
    inputs: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    exit_status: int = 1


PYPI = {"index": "pypi"}
#: For what may be over soon, and is waited for otherwise.
AT_ONCE = {"max-wait": "2s"}
#: A binding may be on its way, which is waited for.
NO_WAITING = {"max-wait": "2s"}
NO_IDENTITY = {"permissions": {"contents": "read"}}

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
        options={**NO_IDENTITY, **given.FORK},
    ),
    "a pull request of the repository itself": Case(
        "id-token", ("no `id-token: write`",), options={**NO_IDENTITY, **given.NO_FORK}
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
    # Artifact Registry
    "may read and not write": Case(
        "upload-403",
        (
            "nothing was uploaded anywhere",
            "gcloud artifacts repositories add-iam-policy-binding eigenoid-python "
            "--project=eigenoid-dev --location=us-central1 --role=roles/artifactregistry.writer "
            '--member="serviceAccount:eigenoid-sample-publisher@eigenoid-dev.iam.',
        ),
        given.reader_only,
    ),
    "another location": Case(
        "upload-403",
        ("or the location is wrong", "gcloud artifacts repositories list --project=eigenoid-dev"),
        inputs={"location": "europe-west1"},
    ),
    "an upload without permission": Case(
        "upload-403", ("(HTTP 403)", NO_WRITER), given.upload_forbidden
    ),
    "may not even read": Case(
        "index-unreadable", ("HTTP 403: Permission", "includes reading"), given.no_bindings
    ),
    "an upload with an unknown token": Case(
        "upload-401", ("Unauthenticated", "with federation, run the job again"), given.upload_401
    ),
    "a file that Artifact Registry does not accept": Case(
        "upload-refused", ("Invalid metadata (HTTP 400)",), given.upload_400
    ),
    "other bytes under the same name": Case(
        "conflict", ("with sha256", "ours has", "raise the version"), given.other_bytes
    ),
    "a file that is too large": Case(
        "file-size", ("Request Entity Too Large (HTTP 413)",), given.small_repository
    ),
    "a quota": Case(
        "service-unavailable",
        ("HTTP 429", "a rerun is safe"),
        given.quota,
        inputs=AT_ONCE,
        exit_status=3,
    ),
    "a virtual repository": Case(
        "repository-kind",
        ("the standard repository behind it",),
        given.virtual_repository,
        inputs={"repository": "everything"},
    ),
    "a remote repository": Case(
        "repository-kind",
        ("mirrors another index",),
        given.remote_repository,
        inputs={"repository": "mirror"},
    ),
    "bytes that nothing tells": Case(
        "unknown-bytes", ("nothing tells with which bytes", "reader"), given.unknown_bytes
    ),
    "a page that is none": Case(
        "index-unreadable", ("cannot be read", "a proxy answered"), given.page_is_html
    ),
    "an index that redirects": Case(
        "index-redirects", ("redirects to https://elsewhere.example.com/simple/",), given.moved_page
    ),
    "a repository that redirects": Case(
        "index-redirects", ("HTTP 308", "credentials are sent nowhere else"), given.moved_upload
    ),
    # Trusted Publishing
    "Trusted Publishing is off": Case(
        "trusted-publishing-off",
        ("PyPI gave no upload token", "API token as password"),
        given.trusted_publishing_off,
        inputs=PYPI,
    ),
    "not-enabled": Case(
        "trusted-publishing-off", ("not-enabled",), given.mint_not_enabled, inputs=PYPI
    ),
    "invalid-payload": Case(
        "trusted-publishing-token",
        ("invalid-payload: unknown trusted publishing issuer", "https://ghes.example.com"),
        given.another_issuer,
        inputs=PYPI,
    ),
    "invalid-token": Case(
        "trusted-publishing-token",
        ("invalid-token: malformed or invalid token", *CLAIMS),
        given.expired_token,
        inputs=PYPI,
    ),
    "invalid-reuse-token": Case(
        "trusted-publishing-token", ("already used",), given.used_token, inputs=PYPI
    ),
    "invalid-pending-publisher": Case(
        "trusted-publishing-pending",
        ("project already exists", f"{FORM}Environment name `dev`"),
        given.late_pending_publisher,
        inputs=PYPI,
    ),
    "invalid-publisher": Case(
        "trusted-publishing-publisher",
        (
            f"{FORM}Environment name `dev`",
            "/pypi/manage/account/publishing/",
            *CLAIMS,
        ),
        given.publisher(environment="production"),
        inputs=PYPI,
    ),
    "invalid-publisher, and no environment": Case(
        "trusted-publishing-publisher",
        (
            "Why: the job has no `environment:`",
            "where the publisher has an environment, add `environment: NAME`",
            f"{FORM}Environment name (empty)",
        ),
        given.publisher(environment="production"),
        inputs=PYPI,
        options={"environment": ""},
    ),
    "TestPyPI is another index": Case(
        "trusted-publishing-publisher",
        ("TestPyPI gave no upload token", "/testpypi/manage/account/publishing/"),
        given.no_publisher_on_testpypi,
        inputs={"index": "testpypi"},
    ),
    "a pending publisher with a name like another": Case(
        "project-name", ("too similar to an existing project",), given.similar_pending, inputs=PYPI
    ),
    "a pending publisher with another name": Case(
        "trusted-publishing-pending",
        ("cannot create new projects", "write the same name"),
        given.publisher(project="eigenoid-other"),
        inputs=PYPI,
    ),
    "a reusable workflow": Case(
        "reusable-workflow",
        ("shared/.github/workflows/upload.yml", "workflow_ref=eigenoid/eigenoid-sample/", *CLAIMS),
        given.reusable_workflow,
        inputs=PYPI,
    ),
    # PyPI's rules
    "a burnt name": Case(
        "burnt-name", ("has since been deleted", "raise the version"), given.burnt_name, inputs=PYPI
    ),
    "a release of 15 days ago": Case(
        "closed-release", ("older than 14 days",), given.old_release, inputs=PYPI
    ),
    "a name like another": Case(
        "project-name", ("too similar", "choose another name"), given.similar_name, inputs=PYPI
    ),
    "a name that nobody may have": Case(
        "project-name", ("isn't allowed",), given.prohibited_name, inputs=PYPI
    ),
    "a file that is too large for PyPI": Case(
        "file-size", ("File too large",), given.small_index("file_size_limit_bytes"), inputs=PYPI
    ),
    "a project that is too large for PyPI": Case(
        "file-size",
        ("Project size too large", "delete old releases"),
        given.small_index("project_size_limit_bytes"),
        inputs=PYPI,
    ),
    "a token of another project": Case(
        "foreign-project", ("is not valid for project",), given.foreign_token, inputs=PYPI
    ),
    "somebody else's project": Case(
        "foreign-project", ("ask an owner",), given.foreign_project, inputs=PYPI
    ),
    "a token that PyPI does not know": Case(
        "upload-401",
        ("Invalid or non-existent authentication information", "share no tokens"),
        inputs={**PYPI, "password": "pypi-mistyped-or-deleted"},
    ),
    "a user's password": Case(
        "upload-401",
        ("no longer supported", "leave username out"),
        inputs={**PYPI, "username": "developer", "password": "a-password-of-a-person"},
    ),
    "attestations that PyPI does not accept": Case(
        "attestations",
        ("Invalid attestations supplied during upload", "set attestations to false"),
        given.refused_attestation,
        inputs=PYPI,
    ),
    "an index that repeats the password": Case(
        "upload-refused",
        ("The token *** cannot upload this (HTTP 400)",),
        given.password_said_back,
        inputs=PYPI,
    ),
    # Any repository
    "a repository without index-url": Case(
        "index-url", ("set index-url",), given.any_repository(index_url=False), exit_status=2
    ),
    "a repository without password": Case(
        "password",
        ("The input password or username", "forks get none"),
        given.any_repository(password=False),
        exit_status=2,
    ),
    "a repository that does not know the password": Case(
        "index-unreadable",
        ("HTTP 401", "check username and password"),
        given.wrong_password,
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_refusal_says_what_happened_why_and_what_to_do(publisher: Publisher, name: str) -> None:
    case = CASES[name]
    more = case.prepare(publisher) or {}
    result = publisher({**case.inputs, **more}, **case.options)
    errors = [one for one in result.annotations if one.level == "error"]
    assert len(errors) == 1, result.log
    message = errors[0].message
    assert result.exit_status == case.exit_status, message
    assert [text for text in case.said if text not in message] == [], message
    starts = [line.partition(" ")[0] for line in message.splitlines()]
    assert starts[1:] == ["Why:", "Fix:", "See"], message
    assert message.endswith(f"{LINK}{case.anchor}")
    assert f"[More on this]({LINK}{case.anchor})" in result.summary
    assert case.anchor in HEADINGS
    require_commands_can_be_copied(message, result.summary)


def require_commands_can_be_copied(message: str, summary: str) -> None:
    """Assert that a command stands in the summary as it is, as code."""
    pieces = message.partition("\nFix: ")[2].split("`")[1::2]
    assert [piece for piece in pieces if f"`{piece}`" not in summary] == []


def test_every_refusal_of_an_identity_or_index_is_shown() -> None:
    """Those of the checks of files have tests of their own."""
    assert {case.anchor for case in CASES.values()} >= given.PUBLISHING_ANCHORS
