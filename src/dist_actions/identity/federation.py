"""How a job becomes known to Google Cloud; pure."""

from dataclasses import dataclass


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
        """Full name of the provider's pool, which bindings name."""
        return self.provider.rpartition("/providers/")[0]
