"""Workload identity providers: which tokens of which issuer a pool accepts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dist_sandbox.google.identity.attributes import (
    READERS_MAPPING,
    RECOMMENDED_MAPPING,
    readers_condition,
    recommended_condition,
)
from dist_sandbox.organisation import Organisation, SandboxEnvironment

#: The `audience` of a token exchange. Google takes a project number here, never an ID.
_AUDIENCE = re.compile(
    r"//iam\.googleapis\.com/"
    r"(projects/[0-9]+/locations/global/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+)"
)


@dataclass(frozen=True)
class Provider:
    """A provider of a workload identity pool.

    Attributes:
        resource_name: `projects/NUMBER/locations/global/workloadIdentityPools/…/providers/…`.
        issuer_uri: The only `iss` that is accepted; its keys are fetched from below it.
        attribute_mapping: CEL expressions by target (`google.subject`, `attribute.NAME`).
        attribute_condition: CEL that must be true; empty accepts every token of the issuer.
        allowed_audiences: Accepted `aud` values; where there are none, the resource name with or
            without `https:`.
        enabled: Whether it accepts any token at all.
    """

    resource_name: str
    issuer_uri: str
    attribute_mapping: Mapping[str, str]
    attribute_condition: str
    allowed_audiences: tuple[str, ...] = ()
    enabled: bool = True

    @property
    def pool(self) -> str:
        """Return the resource name of the pool that the provider belongs to."""
        return self.resource_name.partition("/providers/")[0]

    @property
    def accepted_audiences(self) -> tuple[str, ...]:
        """Return the `aud` values that an ID token may have."""
        default = f"//iam.googleapis.com/{self.resource_name}"
        return self.allowed_audiences or (f"https:{default}", default)

    @staticmethod
    def recommended(
        organisation: Organisation, environment: SandboxEnvironment, *, issuer_uri: str
    ) -> "Provider":
        """Create an environment's provider, set up as the documentation tells."""
        return Provider(
            resource_name=environment.workload_identity_provider,
            issuer_uri=issuer_uri,
            attribute_mapping=RECOMMENDED_MAPPING,
            attribute_condition=recommended_condition(organisation, environment),
        )

    @staticmethod
    def for_readers(
        organisation: Organisation, environment: SandboxEnvironment, *, issuer_uri: str
    ) -> "Provider":
        """Create the provider of jobs that only install, set up as the documentation tells."""
        return Provider(
            resource_name=environment.readers_provider,
            issuer_uri=issuer_uri,
            attribute_mapping=READERS_MAPPING,
            attribute_condition=readers_condition(organisation),
        )


def parse_audience(audience: str) -> str | None:
    """Return the provider's resource name in an exchange's `audience`, `None` where malformed."""
    match = _AUDIENCE.fullmatch(audience)
    return match.group(1) if match else None
