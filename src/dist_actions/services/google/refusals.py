"""Put Google's refusals of a job into words that say what to change; pure.

Spec: https://cloud.google.com/iam/docs/troubleshooting-workload-identity-federation
"""

import json
from collections.abc import Mapping
from typing import Any

from dist_actions.abbreviation import quote_answer
from dist_actions.errors import IdentityError, UploadError
from dist_actions.identity.claims import (
    describe_absent_environment,
    describe_claims,
    describe_numbered_subject,
)
from dist_actions.services.refusals import Explanation, find_explanation

_DESCRIBE = "`gcloud iam workload-identity-pools providers describe {provider}`"
_UPDATE = "`gcloud iam workload-identity-pools providers update-oidc {provider} "
_SUBJECT = "a condition or mapping that compares `sub` or `google.subject`"

_EXCHANGE = {
    "attribute condition": Explanation(
        why="{lead}{the} provider's attribute condition is not true for these "
        "claims: {claims}. {subject}The provider: {provider}.",
        fix="{mend}compare the condition with the claims: " + _DESCRIBE,
        anchor="attribute-condition",
    ),
    "target service indicated by the": Explanation(
        why="the provider {provider} does not exist, or it or its pool is disabled or deleted.",
        fix="take the name of one whose state is ACTIVE: `gcloud iam workload-identity-pools "
        "providers list --workload-identity-pool={pool} --location=global --show-deleted`",
        anchor="provider-not-found",
    ),
    'invalid value for "audience"': Explanation(
        why="{provider!r} is not the full name of a provider.",
        fix="write projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/POOL/"
        "providers/PROVIDER: the project's number, not its ID, and the provider, not the pool.",
        anchor="provider-name",
    ),
    "issuer in id token": Explanation(
        why="the provider {provider} expects the ID tokens of another issuer than {issuer}.",
        fix=_UPDATE + "--issuer-uri={issuer}`",
        anchor="provider-issuer",
    ),
    "audience in id token": Explanation(
        why="the provider {provider} has allowed audiences, and its own name is not one of them.",
        fix="empty them: " + _UPDATE + '--allowed-audiences=""`',
        anchor="provider-issuer",
    ),
    "stale to sign-in": Explanation(
        why="the ID token had expired when it came there: it lasts five minutes, and this machine "
        "or the network was held up, or a clock is wrong.",
        fix="run the job again; if it comes back on a runner of your own, set its clock.",
        anchor="token-exchange",
    ),
    "127 bytes": Explanation(
        why="the provider maps a claim to google.subject that is longer than Google allows: "
        "{claims}.",
        fix="shorten the tag or the environment's name, or map a shorter claim to "
        "google.subject; the mapping is shown by " + _DESCRIBE,
        anchor="mapped-attribute",
    ),
}
_OTHER_EXCHANGE = Explanation(
    why="Google does not accept this ID token; its claims: {claims}. {subject}",
    fix="run the job again; if it comes back, look at the provider: " + _DESCRIBE,
    anchor="token-exchange",
)


def explain_exchange_refusal(
    code: str,
    description: str,
    *,
    provider: str,
    claims: Mapping[str, Any],
    reads: bool = False,
) -> IdentityError:
    """Explain what Google's token exchange answers.

    Args:
        code: Its `error`.
        description: Its `error_description`.
        provider: Full name of the workload identity provider.
        reads: Whether the job only reads, so that neither tag nor environment is asked of it.
    """
    environment = "" if reads else describe_absent_environment(claims)
    branch = "" if reads else _describe_branch(claims, "This" if environment else "this")
    lead = environment + branch
    explanation = (find_explanation(_EXCHANGE, description) or _OTHER_EXCHANGE).fill(
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
    return explanation.error(
        IdentityError, f"Google refused the ID token: {code}: {quote_answer(description)}"
    )


def _describe_branch(claims: Mapping[str, Any], this: str) -> str:
    if claims.get("ref_type") != "branch":
        return ""
    return f"{this} run is for {claims.get('ref')}, which is no tag. "


def explain_impersonation_refusal(
    status: int, body: str, *, service_account: str, provider: str, claims: Mapping[str, Any]
) -> IdentityError:
    """Explain that a federated job may not act as the service account.

    Args:
        body: The answer, JSON where it comes from Google.
        provider: Full name of the workload identity provider.
    """
    message = _message(body)
    pool = provider.rpartition("/providers/")[0]
    by_status = _NO_ACCOUNT if status == 404 else _NO_BINDING
    explanation = (find_explanation(_IMPERSONATION, message) or by_status).fill(
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
    return explanation.error(
        IdentityError,
        f"Google refused to let this job act as {service_account}"
        f"{f': {message}' if message else ''} (HTTP {status}).",
    )


_IMPERSONATION = {
    "has not been used in project": Explanation(
        why="the IAM Service Account Credentials API is not enabled in the provider's project.",
        fix="`gcloud services enable iamcredentials.googleapis.com --project={number}`",
        anchor="service-account",
    ),
}
_NO_ACCOUNT = Explanation(
    why="there is no such service account.",
    fix="compare service-account with `gcloud iam service-accounts list "
    "--project={account_project}`",
    anchor="service-account",
)
_NO_BINDING = Explanation(
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
    """Explain that an account does not hold the permission to upload.

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


def explain_unreadable_repository(
    resource: str, member: str, status: int, message: str
) -> IdentityError:
    """Explain that a reader's account may not read a repository.

    Args:
        resource: `projects/PROJECT/locations/LOCATION/repositories/NAME`.
        member: Who reads, as bindings write it: `serviceAccount:EMAIL`.
        message: What Google answered; empty where it says nothing.
    """
    parts = resource.split("/")
    values = {
        "project": parts[1],
        "location": parts[3],
        "repository": parts[5],
        "member": member,
    }
    explanation = find_explanation(_READING, message) or _NO_READER
    said = f": {quote_answer(message).rstrip('.')}" if message else ""
    return explanation.fill(values).error(
        IdentityError,
        f"This job may not read the repository {values['repository']} in {values['project']}{said} "
        f"(HTTP {status}).",
    )


_READING = {
    "has not been used in project": Explanation(
        why="the Artifact Registry API is not enabled in that project.",
        fix="`gcloud services enable artifactregistry.googleapis.com --project={project}`",
        anchor="login-reader",
    ),
}
_NO_READER = Explanation(
    why="{member} lacks the role roles/artifactregistry.reader there, or there is no such "
    "repository, or the location is wrong: Google answers all three alike. Behind a virtual "
    "repository, each of its upstreams has to be readable, too.",
    fix="`gcloud artifacts repositories add-iam-policy-binding {repository} --project={project} "
    '--location={location} --role=roles/artifactregistry.reader --member="{member}"`',
    anchor="login-reader",
)


_KEY = {
    "account not found": Explanation(
        why="the service account was deleted.",
        fix="use workload identity federation, which needs no key; or create an account and a "
        "key anew.",
        anchor="service-account-key",
    ),
    "disabled": Explanation(
        why="the service account is disabled.",
        fix="`gcloud iam service-accounts enable {email}`",
        anchor="service-account-key",
    ),
    "signature": Explanation(
        why="the key was deleted or disabled, or another account's private key is in the secret.",
        fix="look for its key_id in `gcloud iam service-accounts keys list "
        "--iam-account={email}`; make a new key, or use workload identity federation, which "
        "needs none.",
        anchor="service-account-key",
    ),
    "short-lived token": Explanation(
        why="the runner's clock is wrong.",
        fix="set the clock of the self-hosted runner.",
        anchor="service-account-key",
    ),
}
_OTHER_KEY = Explanation(
    why="Google does not accept this key.",
    fix="look for its key_id in `gcloud iam service-accounts keys list --iam-account={email}`",
    anchor="service-account-key",
)


def explain_key_refusal(code: str, description: str, email: str) -> IdentityError:
    """Explain what Google's token service answers to a service account's key.

    Args:
        code: Its `error`.
        description: Its `error_description`.
    """
    explanation = (find_explanation(_KEY, description) or _OTHER_KEY).fill({"email": email})
    return explanation.error(
        IdentityError, f"Google refused the key of {email}: {code}: {quote_answer(description)}"
    )


def explain_damaged_key(email: str) -> IdentityError:
    """Explain that the private key of a key file cannot be read."""
    return IdentityError(
        f"The private key in credentials-json, of {email}, cannot be read.",
        why="the secret was cut, or its line ends were changed.",
        fix="store the key file again, whole; as base64 it survives every form: "
        "`base64 -w0 key.json | gh secret set NAME`",
        anchor="service-account-key",
    )


def _message(body: str) -> str:
    """Read what an error of Google's JSON APIs says; empty where it is none."""
    try:
        message = json.loads(body)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return quote_answer(str(message)).rstrip(".")
