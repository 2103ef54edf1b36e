"""How messages say why a service refused, and what mends it; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Cause:
    """A likely cause.

    Attributes:
        why: A sentence, which may name values in braces: `the provider {provider} is disabled`.
        fix: One action, likewise; commands stand between backticks.
        anchor: Heading of `docs/troubleshooting.md`.
    """

    why: str
    fix: str
    anchor: str

    def filled(self, values: Mapping[str, str]) -> "Cause":
        """The cause with its values; what is in a value is never taken for a name."""
        known = _Known(values)
        return replace(self, why=self.why.format_map(known), fix=self.fix.format_map(known))


def find_cause(rows: Iterable[tuple[str, Cause]], said: str) -> Cause | None:
    """The first cause whose text a service said; None where it said none of them.

    Args:
        rows: Text in lower case, and the cause that it means.
        said: What the service answered.
    """
    lower = said.lower()
    return next((cause for text, cause in rows if text in lower), None)


class _Known(dict[str, str]):
    """Leaves a name that has no value as it is."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
