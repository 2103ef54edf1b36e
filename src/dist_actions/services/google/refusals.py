"""Puts Google's refusals of a job into words that say what to change; pure.

Spec: https://cloud.google.com/iam/docs/troubleshooting-workload-identity-federation
"""

import json
from collections.abc import Mapping
from typing import Any

from dist_actions.errors import IdentityError, UploadError
from dist_actions.identity.claims import (
    describe_absent_environment,
    describe_claims,
    describe_numbered_subject,
)
from dist_actions.services.refusals import Cause, find_cause

_SHOWN_CHARACTERS = 300
_DESCRIBE = "`gcloud iam workload-identity-pools providers describe {provider}`"
_UPDATE = "`gcloud iam workload-identity-pools providers update-oidc {provider} "
_SUBJECT = "a condition or mapping that compares `sub` or `google.subject`"

_EXCHANGE = (
    (
        "attribute condition",
        Cause(
            why="{lead}{the} provider's attribute condition is not true for these "
            "claims: {claims}. {subject}The provider: {provider}.",
            fix="{mend}compare the condition with the claims: " + _DESCRIBE,
            anchor="attribute-condition",
        ),
    ),
    (
        "target service indicated by the",
        Cause(
            why="the provider {provider} does not exist, or it or its pool is disabled or deleted.",
            fix="take the name of one whose state is ACTIVE: `gcloud iam workload-identity-pools "
            "providers list --workload-identity-pool={pool} --location=global --show-deleted`",
            anchor="provider-not-found",
        ),
    ),
    (
        'invalid value for "audience"',
        Cause(
            why="{provider!r} is not the full name of a provider.",
            fix="write projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/POOL/"
            "providers/PROVIDER: the project's number, not its ID, and the provider, not the pool.",
            anchor="provider-name",
        ),
    ),
    (
        "issuer in id token",
        Cause(
            why="the provider {provider} expects the ID tokens of another issuer than {issuer}.",
            fix=_UPDATE + "--issuer-uri={issuer}`",
            anchor="provider-issuer",
        ),
    ),
    (
        "audience in id token",
        Cause(
            why="the provider {provider} has allowed audiences, and its own name is not one of "
            "them.",
            fix="empty them: " + _UPDATE + '--allowed-audiences=""`',
            anchor="provider-issuer",
        ),
    ),
    (
        "127 bytes",
        Cause(
            why="the provider maps a claim to google.subject that is longer than Google allows: "
            "{claims}.",
            fix="shorten the tag or the environment's name, or map a shorter claim to "
            "google.subject; the mapping is shown by " + _DESCRIBE,
            anchor="mapped-attribute",
        ),
    ),
)
_OTHER_EXCHANGE = Cause(
    why="Google does not accept this ID token; its claims: {claims}. {subject}",
    fix="run the job again; if it comes back, look at the provider: " + _DESCRIBE,
    anchor="token-exchange",
)


def explain_exchange_refusal(
    code: str, description: str, *, provider: str, claims: Mapping[str, Any]
) -> IdentityError:
    """The error for what Google's token exchange answers.

    Args:
        code: Its `error`.
        description: Its `error_description`.
        provider: Full name of the workload identity provider.
        claims: Of the ID token.
    """
    environment = describe_absent_environment(claims)
    lead = environment + _describe_branch(claims, "This" if environment else "this")
    cause = (find_cause(_EXCHANGE, description) or _OTHER_EXCHANGE).filled(
        {
            "provider": provider,
            "pool": provider.rpartition("/providers/")[0],
            "claims": describe_claims(claims),
            "issuer": str(claims.get("iss", "ISSUER")),
            "lead": lead,
            "the": "The" if lead else "the",
            "subject": describe_numbered_subject(claims, _SUBJECT),
            "mend": "add `environment: NAME` to the job; then " if environment else "",
        }
    )
    return IdentityError(
        f"Google refused the ID token: {code}: {_shortened(description)}",
        why=cause.why.strip(),
        fix=cause.fix,
        anchor=cause.anchor,
    )


def _describe_branch(claims: Mapping[str, Any], this: str) -> str:
    if claims.get("ref_type") != "branch":
        return ""
    return f"{this} run is for {claims.get('ref')}, which is no tag. "


def explain_impersonation_refusal(
    status: int, body: str, *, service_account: str, provider: str, claims: Mapping[str, Any]
) -> IdentityError:
    """The error for a federated job that may not act as the service account.

    Args:
        status: HTTP status.
        body: The answer, JSON where it comes from Google.
        service_account: Its address.
        provider: Full name of the workload identity provider.
        claims: Of the ID token.
    """
    said = _message(body)
    pool = provider.rpartition("/providers/")[0]
    found = find_cause(_IMPERSONATION, said) or (_NO_ACCOUNT if status == 404 else _NO_BINDING)
    cause = found.filled(
        {
            "account": service_account,
            "account_project": service_account.partition("@")[2].partition(".")[0],
            "number": provider.split("/")[1] if "/" in provider else "PROJECT",
            "pool": pool,
            "repository_id": str(claims.get("repository_id", "REPOSITORY_ID")),
            "claims": describe_claims(claims),
            "subject": describe_numbered_subject(
                claims, f"a binding to principal://iam.googleapis.com/{pool}/subject/…"
            ),
        }
    )
    return IdentityError(
        f"Google refused to let this job act as {service_account}"
        f"{f': {said}' if said else ''} (HTTP {status}).",
        why=cause.why,
        fix=cause.fix,
        anchor=cause.anchor,
    )


_IMPERSONATION = (
    (
        "has not been used in project",
        Cause(
            why="the IAM Service Account Credentials API is not enabled in the provider's project.",
            fix="`gcloud services enable iamcredentials.googleapis.com --project={number}`",
            anchor="service-account",
        ),
    ),
)
_NO_ACCOUNT = Cause(
    why="there is no such service account.",
    fix="compare service-account with `gcloud iam service-accounts list "
    "--project={account_project}`",
    anchor="service-account",
)
_NO_BINDING = Cause(
    why="the account has no binding for this repository, or does not exist, or is disabled. "
    "A new binding takes up to 5 minutes. {subject}The claims: {claims}.",
    fix="bind the account to this repository, and run the job again 5 minutes later: `gcloud iam "
    "service-accounts add-iam-policy-binding {account} --role=roles/iam.workloadIdentityUser "
    '--member="principalSet://iam.googleapis.com/{pool}/attribute.repository_id/'
    '{repository_id}"`',
    anchor="service-account",
)


def explain_missing_upload_permission(
    label: str, repository_resource: str, member: str
) -> UploadError:
    """The error for an account that does not hold the permission to upload.

    Args:
        label: How messages name the index.
        repository_resource: `projects/PROJECT/locations/LOCATION/repositories/NAME`.
        member: Who uploads, as bindings write it: `serviceAccount:EMAIL`.
    """
    parts = repository_resource.split("/")
    project, location, repository = parts[1], parts[3], parts[5]
    return UploadError(
        f"This job may not upload to {label}; nothing was uploaded anywhere.",
        why="the account lacks the permission artifactregistry.repositories.uploadArtifacts there, "
        "or there is no such repository, or the location is wrong: Google answers all three alike.",
        fix="look for the repository with `gcloud artifacts repositories list "
        f"--project={project}`; where it is there, grant the role: `gcloud artifacts repositories "
        f"add-iam-policy-binding {repository} --project={project} --location={location} "
        f'--role=roles/artifactregistry.writer --member="{member}"`',
        anchor="upload-403",
    )


_KEY = (
    (
        "account not found",
        Cause(
            why="the service account was deleted.",
            fix="use workload identity federation, which needs no key; or create an account and a "
            "key anew.",
            anchor="service-account-key",
        ),
    ),
    (
        "disabled",
        Cause(
            why="the service account is disabled.",
            fix="`gcloud iam service-accounts enable {email}`",
            anchor="service-account-key",
        ),
    ),
    (
        "signature",
        Cause(
            why="the key was deleted or disabled, or another account's private key is in the "
            "secret.",
            fix="look for its key_id in `gcloud iam service-accounts keys list "
            "--iam-account={email}`; make a new key, or use workload identity federation, which "
            "needs none.",
            anchor="service-account-key",
        ),
    ),
    (
        "short-lived token",
        Cause(
            why="the runner's clock is wrong.",
            fix="set the clock of the self-hosted runner.",
            anchor="service-account-key",
        ),
    ),
)
_OTHER_KEY = Cause(
    why="Google does not accept this key.",
    fix="look for its key_id in `gcloud iam service-accounts keys list --iam-account={email}`",
    anchor="service-account-key",
)


def explain_key_refusal(code: str, description: str, email: str) -> IdentityError:
    """The error for what Google's token service answers to a service account's key.

    Args:
        code: Its `error`.
        description: Its `error_description`.
        email: The service account.
    """
    cause = (find_cause(_KEY, description) or _OTHER_KEY).filled({"email": email})
    return IdentityError(
        f"Google refused the key of {email}: {code}: {_shortened(description)}",
        why=cause.why,
        fix=cause.fix,
        anchor=cause.anchor,
    )


def explain_damaged_key(email: str) -> IdentityError:
    """The error for a key file whose private key cannot be read."""
    return IdentityError(
        f"The private key in credentials-json, of {email}, cannot be read.",
        why="the secret was cut, or its line ends were changed.",
        fix="store the key file again, whole; as base64 it survives every form: "
        "`base64 -w0 key.json | gh secret set NAME`",
        anchor="service-account-key",
    )


def _message(body: str) -> str:
    """What an error of Google's JSON APIs says; empty where it is none."""
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return _shortened(str(message)).rstrip(".")


def _shortened(text: str) -> str:
    return " ".join(text.split())[:_SHOWN_CHARACTERS]
