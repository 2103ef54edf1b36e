"""States of Google Cloud and of the job's ID token that refuse a publication.

Each returns the inputs that go with it, None where there are none. What no simulator does by itself
is a fault, with the real service's words.
"""

import json
from typing import Any

from support.error_catalogue.case import Inputs, Preparation
from support.publishing.job import PublishingJob


def provider(**settings: Any) -> Preparation:
    """Prepare the provider of dev with other settings."""

    def prepare(publisher: PublishingJob) -> None:
        publisher.sandbox.control("PATCH", "google/providers/dev", settings)

    return prepare


def deleted_provider(publisher: PublishingJob) -> None:
    """Prepare no provider."""
    publisher.sandbox.control("DELETE", "google/providers/dev")


def disabled_pool(publisher: PublishingJob) -> None:
    """Prepare a provider in a pool that is disabled."""
    publisher.sandbox.control("PATCH", "google/pools/dev", {"enabled": False})


def condition_on_old_subject(publisher: PublishingJob) -> None:
    """Prepare a condition from before the subjects had numbers."""
    publisher.sandbox.control("PATCH", "oidc", {"subject_form": "numeric-ids"})
    condition = "assertion.sub == 'repo:eigenoid/eigenoid-sample:environment:dev'"
    provider(attribute_condition=condition)(publisher)


def _exchange(publisher: PublishingJob, error: str, description: str) -> None:
    body = json.dumps({"error": error, "error_description": description})
    publisher.fault(path="^/sts/", status=400, body=body)


def audience_refused(publisher: PublishingJob) -> None:
    """Prepare a provider's name that the inputs let pass, and Google does not."""
    _exchange(
        publisher,
        "invalid_request",
        'Invalid value for "audience". This value should be the full resource name of the '
        "Identity Provider.",
    )


def exchange_new(publisher: PublishingJob) -> None:
    """Prepare a refusal in words that nobody knows."""
    _exchange(publisher, "invalid_grant", "Something new.")


def impersonators(*members: str) -> Preparation:
    """Prepare other members in the account's binding."""

    def prepare(publisher: PublishingJob) -> None:
        publisher.sandbox.control(
            "PUT", "google/service-accounts/dev/impersonators", {"members": list(members)}
        )

    return prepare


def binding_to_old_subject(publisher: PublishingJob) -> None:
    """Prepare a binding from before the subjects had numbers."""
    publisher.sandbox.control("PATCH", "oidc", {"subject_form": "numeric-ids"})
    pool = publisher.environment.workload_identity_provider.partition("/providers/")[0]
    subject = "repo:eigenoid/eigenoid-sample:environment:dev"
    impersonators(f"principal://iam.googleapis.com/{pool}/subject/{subject}")(publisher)


def deleted_account(publisher: PublishingJob) -> None:
    """Prepare no service account."""
    publisher.sandbox.control("DELETE", "google/service-accounts/dev")


def iam_disabled(publisher: PublishingJob) -> None:
    """Prepare a project of the provider in which the API is not enabled."""
    message = (
        "IAM Service Account Credentials API has not been used in project 100000000001 before or "
        "it is disabled."
    )
    body = json.dumps({"error": {"code": 403, "message": message, "status": "PERMISSION_DENIED"}})
    publisher.fault(path="^/iam-credentials/", status=403, body=body)


# Keys of service accounts


def _key(publisher: PublishingJob) -> dict[str, str]:
    key: dict[str, str] = publisher.sandbox.control("POST", "google/service-accounts/dev/keys", {})
    publisher.sandbox.credentials.values.add(key["private_key"])
    return key


def _with_key(key: dict[str, str], **changes: str) -> dict[str, str]:
    return {
        "workload-identity-provider": "",
        "service-account": "",
        "credentials-json": json.dumps({**key, **changes}),
    }


def deleted_key(publisher: PublishingJob) -> Inputs:
    """Prepare a key that is deleted."""
    key = _key(publisher)
    publisher.sandbox.control("DELETE", f"google/service-accounts/dev/keys/{key['private_key_id']}")
    return _with_key(key)


def key_without_account(publisher: PublishingJob) -> Inputs:
    """Prepare a key whose account is deleted."""
    key = _key(publisher)
    deleted_account(publisher)
    return _with_key(key)


def key_of_disabled_account(publisher: PublishingJob) -> Inputs:
    """Prepare a key whose account is disabled."""
    key = _key(publisher)
    publisher.sandbox.control("PATCH", "google/service-accounts/dev", {"enabled": False})
    return _with_key(key)


def damaged_key(publisher: PublishingJob) -> Inputs:
    """Prepare a key that lost its second half."""
    key = _key(publisher)
    half = key["private_key"][: len(key["private_key"]) // 2]
    publisher.sandbox.credentials.values.add(half)
    return _with_key(key, private_key=half)


def key_beside_provider(publisher: PublishingJob) -> Inputs:
    """Prepare two identities at once."""
    return {"credentials-json": json.dumps(_key(publisher))}


def id_token_refused(publisher: PublishingJob) -> None:
    """Prepare a GitHub that does not know the job's bearer."""
    publisher.fault(path="^/oidc/token", status=401, times=2)
