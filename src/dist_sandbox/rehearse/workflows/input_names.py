"""Find inputs that an action does not have, and what was probably meant. It is pure."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

#: What other actions call an input of ours.
_ELSEWHERE = {
    "app-id": "client-id",
    "packages-dir": "dist",
    "repository-url": "index",
    "user": "username",
    "api-token": "password",
}
#: How alike two names must be, from 0 to 1.
_ALIKE = 0.6


@dataclass(frozen=True)
class UnknownInputs:
    """The inputs of a step that its action does not have.

    Attributes:
        job_id: The job of the step.
        uses: The step's action.
        names: The inputs that are unknown.
        given: All inputs of the step.
        declared: All inputs of the action.
    """

    job_id: str
    uses: str
    names: tuple[str, ...]
    given: frozenset[str]
    declared: tuple[str, ...]

    def nearest(self, name: str) -> str:
        """Find the input that was probably meant; empty where none is like it."""
        return nearest_name(name, [other for other in self.declared if other not in self.given])

    @property
    def warning(self) -> str:
        """Write GitHub's warning, with the inputs that were probably meant."""
        meant = ((name, self.nearest(name)) for name in self.names)
        guesses = [f"{name}: did you mean {near}?" for name, near in meant if near]
        unexpected = f"Unexpected input(s) {', '.join(self.names)}"
        valid = f"valid inputs: {', '.join(self.declared)}"
        return f"{self.job_id}: {self.uses}: {'; '.join([unexpected, *guesses, valid])}"


def nearest_name(name: str, candidates: Sequence[str]) -> str:
    """Find the name that is most like another; empty where none is."""
    elsewhere = _ELSEWHERE.get(name.lower().replace("_", "-"))
    if elsewhere in candidates:
        return str(elsewhere)
    by_form = {_plain(candidate): candidate for candidate in candidates}
    close = difflib.get_close_matches(_plain(name), by_form, n=1, cutoff=_ALIKE)
    return by_form[close[0]] if close else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
