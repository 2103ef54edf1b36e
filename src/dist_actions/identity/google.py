"""How a job authenticates with Google Cloud: by federation, or by a service account's key; pure.

Spec: https://cloud.google.com/iam/docs/keys-create-delete
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dist_actions.identity.secret import Secret

#: The user name that makes Artifact Registry take an access token as password.
#: Spec: https://cloud.google.com/artifact-registry/docs/python/authentication
ACCESS_TOKEN_USER = "oauth2accesstoken"  # noqa: S105 - a user name
_FIELDS = ("client_email", "private_key", "private_key_id")
#: What other files of Google Cloud say they are, and what to do with them.
_OTHER_TYPES = {
    "external_account": "a credential configuration of workload identity federation",
    "authorized_user": "a person's own login",
    "impersonated_service_account": "a person's login that acts as an account",
}


@dataclass(frozen=True)
class Federation:
    """A workload identity provider, and whom to act as.

    Attributes:
        provider: Full name of the workload identity provider, `projects/NUMBER/…/providers/NAME`.
        service_account: Whom to act as; empty to use the federated token itself.
    """

    provider: str
    service_account: str

    @property
    def pool(self) -> str:
        """Name in full the provider's pool, which bindings name."""
        return self.provider.rpartition("/providers/")[0]

    def member(self, repository_id: str) -> str:
        """Name whom it acts as, as an IAM binding does.

        Args:
            repository_id: The numeric ID of the job's repository; empty where it is not known.
        """
        if self.service_account:
            return f"serviceAccount:{self.service_account}"
        repository = f"attribute.repository_id/{repository_id or 'REPOSITORY_ID'}"
        return f"principalSet://iam.googleapis.com/{self.pool}/{repository}"


@dataclass(frozen=True)
class ServiceAccountKey:
    """A key with which a job authenticates as a service account.

    Attributes:
        email: The account.
        info: Every field of the file.
    """

    email: str
    info: Mapping[str, Any] = field(repr=False)

    @property
    def private_key(self) -> Secret:
        """Return the PEM text, which must be masked."""
        return Secret(str(self.info["private_key"]))


class UnusableKeyError(ValueError):
    """A text that is no key of a service account; it says what it looks like."""


def parse_service_account_key(secret: Secret) -> ServiceAccountKey:
    """Read a key file, raw or base64.

    Raises:
        UnusableKeyError: It is something else.
    """
    text = secret.reveal().strip()
    info = _json_object(text if text.startswith("{") else _decoded(text))
    kind = str(info.get("type", ""))
    if kind in _OTHER_TYPES:
        raise UnusableKeyError(f"holds {_OTHER_TYPES[kind]}, not a service account's key")
    if kind != "service_account":
        raise UnusableKeyError("holds JSON without `type: service_account`")
    missing = [name for name in _FIELDS if not isinstance(info.get(name), str) or not info[name]]
    if missing:
        raise UnusableKeyError(f"lacks {', '.join(missing)}")
    return ServiceAccountKey(info["client_email"], info)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise UnusableKeyError("is neither JSON nor base64 of JSON") from error


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        info = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableKeyError("is no JSON; perhaps a part of the file is missing") from error
    if not isinstance(info, dict):
        raise UnusableKeyError("is no JSON object")
    return info
