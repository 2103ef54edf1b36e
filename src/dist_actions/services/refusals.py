"""How messages explain why a service refused, and what mends it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from dist_actions.errors import DistActionsError

E = TypeVar("E", bound=DistActionsError)


@dataclass(frozen=True)
class Explanation:
    """Why a service refuses, and what mends it.

    Attributes:
        why: A sentence, which may name values in braces: `the provider {provider} is disabled`.
        fix: One action, likewise; commands stand between backticks.
        anchor: Heading of `docs/troubleshooting.md`.
    """

    why: str
    fix: str
    anchor: str

    def fill(self, values: Mapping[str, str]) -> "Explanation":
        """Fill the placeholders; values are not expanded again."""
        mapping = _LenientMapping(values)
        return replace(self, why=self.why.format_map(mapping), fix=self.fix.format_map(mapping))

    def error(self, kind: type[E], message: str) -> E:
        """Make the error of a refusal.

        Args:
            kind: Its class.
            message: What was tried, and what the service answered.
        """
        return kind(message, why=self.why.strip(), fix=self.fix, anchor=self.anchor)


def find_explanation(explanations: Mapping[str, Explanation], answer: str) -> Explanation | None:
    """Find the first explanation whose text stands in an answer; None where none does.

    Args:
        explanations: By text in lower case, in the order of asking.
        answer: What the service answered.
    """
    lower = answer.lower()
    return next((explanation for text, explanation in explanations.items() if text in lower), None)


class _LenientMapping(dict[str, str]):
    """Leaves a name that has no value as it is."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"
