"""Puts Google's refusals of a federated job into words that say what to change; pure.

Spec: https://cloud.google.com/iam/docs/troubleshooting-workload-identity-federation
"""

from collections.abc import Mapping
from typing import Any

from dist_actions.errors import IdentityError

_EXCHANGE = (
    (
        "attribute condition",
        "the provider {provider} has an attribute condition that these claims do not meet: "
        "{claims}.",
        "compare the claims with the condition: gcloud iam workload-identity-pools providers "
        "describe {name} --workload-identity-pool={pool} --location=global --project={project}. "
        "If `environment` is absent, add `environment:` to the job.",
    ),
    (
        "target service indicated by the",
        "the provider {provider} does not exist, or is disabled or deleted.",
        "compare it with: gcloud iam workload-identity-pools providers list "
        "--workload-identity-pool={pool} --location=global --project={project}",
    ),
    (
        'invalid value for "audience"',
        "{provider!r} is not the full name of a provider.",
        "write projects/PROJECT_NUMBER/locations/global/workloadIdentityPools/POOL/providers/"
        "PROVIDER: the project's number, not its ID, and the provider, not the pool.",
    ),
    (
        "does not match the expected",
        "the provider {provider} expects another issuer or audience than this token has.",
        "set the provider's issuer URI to the address of GitHub's ID tokens, and leave its "
        "allowed audiences empty.",
    ),
    (
        "127 bytes",
        "a claim is mapped to an attribute and longer than Google allows.",
        "shorten the ref, or map a shorter claim: {claims}.",
    ),
)


def explain_exchange_refusal(
    code: str, description: str, *, provider: str, claims: str
) -> IdentityError:
    """The error for what Google's token exchange answers.

    Args:
        code: Its `error`.
        description: Its `error_description`.
        provider: Full name of the workload identity provider.
        claims: The ID token's claims in words; never the token.
    """
    why, fix = next(
        ((why, fix) for text, why, fix in _EXCHANGE if text in description.lower()),
        ("the ID token has these claims: {claims}.", "check the provider {provider}."),
    )
    parts = provider.split("/")
    values = {
        "provider": provider,
        "claims": claims,
        "name": parts[-1],
        "pool": parts[5] if len(parts) > 5 else "POOL",
        "project": parts[1] if len(parts) > 1 else "PROJECT",
    }
    return IdentityError(
        f"Google refused the ID token: {code}: {description}",
        why=why.format_map(_Formattable(values)),
        fix=fix.format_map(_Formattable(values)),
        anchor="token-exchange",
    )


def explain_impersonation_refusal(
    status: int, service_account: str, provider: str, claims: Mapping[str, Any]
) -> IdentityError:
    """The error for a federated job that may not act as the service account."""
    what = f"Google refused to let this job act as {service_account} (HTTP {status})."
    if status == 404:
        return IdentityError(
            what,
            why="there is no such service account.",
            fix="check service-account: gcloud iam service-accounts list.",
            anchor="service-account",
        )
    pool = provider.rpartition("/providers/")[0]
    member = f"principalSet://iam.googleapis.com/{pool}/attribute.repository_id/" + str(
        claims.get("repository_id", "REPOSITORY_ID")
    )
    return IdentityError(
        what,
        why="the account does not exist, or its policy has no binding for this repository; "
        "a new binding takes up to 5 minutes.",
        fix=f"gcloud iam service-accounts add-iam-policy-binding {service_account} "
        f'--role=roles/iam.workloadIdentityUser --member="{member}"',
        anchor="service-account",
    )


_KEY = (
    (
        "account not found",
        "the service account was deleted.",
        "create a new account and key, or, better, use workload identity federation, which "
        "needs no key.",
    ),
    (
        "disabled",
        "the service account is disabled.",
        "enable it: gcloud iam service-accounts enable {email}",
    ),
    (
        "signature",
        "the key was deleted or replaced, or another account's private key is in the secret.",
        "list the account's keys: gcloud iam service-accounts keys list --iam-account={email}; "
        "make a new one, or use workload identity federation, which needs none.",
    ),
    (
        "short-lived token",
        "the runner's clock is wrong.",
        "set the clock of the self-hosted runner.",
    ),
    (
        "private key in it is damaged",
        "the secret was cut or its line ends were changed.",
        "store the key file again, whole; base64 survives every form.",
    ),
)


def explain_key_refusal(code: str, description: str, email: str) -> IdentityError:
    """The error for what Google's token service answers to a service account's key.

    Args:
        code: Its `error`.
        description: Its `error_description`.
        email: The service account.
    """
    why, fix = next(
        ((why, fix) for text, why, fix in _KEY if text in description.lower()),
        (
            "the key is not valid any more.",
            "list the account's keys: gcloud iam service-accounts keys list --iam-account={email}",
        ),
    )
    return IdentityError(
        f"Google refused the key of {email}: {code}: {description}",
        why=why,
        fix=fix.format(email=email),
        anchor="service-account-key",
    )


class _Formattable(dict[str, str]):
    """Leaves a field that is not known as it is."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"
