"""Which members two archives hold, and in which order; for tars and ZIPs alike."""

from collections.abc import Iterator, Sequence

from dist_actions.distributions.differences.difference import Difference, quoted


def compare_names(file: str, ours: Sequence[str], other: Sequence[str]) -> Iterator[Difference]:
    """Differences in the members' names and in their order.

    Args:
        file: Name of the distribution.
        ours: Names in the order of our archive, each once.
        other: Those of the other one.
    """
    in_ours, in_other = set(ours), set(other)
    for name in other:
        if name not in in_ours:
            yield Difference(file, name, "missing", "only the other build holds it")
    for name in ours:
        if name not in in_other:
            yield Difference(file, name, "additional", "only our build holds it")
    here = [name for name in ours if name in in_other]
    there = [name for name in other if name in in_ours]
    for place, (one, two) in enumerate(zip(here, there, strict=True), start=1):
        if one != two:
            text = f"{quoted(one)} and {quoted(two)} are number {place} of those that both hold"
            yield Difference(file, "", "order", text)
            return
