"""Many differences in few lines."""

from collections.abc import Iterable

from dist_actions.distributions.differences.difference import Cause, Difference


def summarise(differences: Iterable[Difference]) -> tuple[str, ...]:
    """One line for each distribution and cause, in the order in which they were found.

    `sample-1.0.tar.gz: mtime in 12 members, such as sample-1.0/PKG-INFO: … and …`
    """
    groups: dict[tuple[str, Cause], list[Difference]] = {}
    for difference in differences:
        groups.setdefault((difference.file, difference.cause), []).append(difference)
    return tuple(_line(group) for group in groups.values())


def _line(group: list[Difference]) -> str:
    first = group[0]
    if len(group) == 1:
        return str(first)
    where = "members" if all(one.member for one in group) else "places"
    example = f"{first.shown_member}: {first.text}" if first.member else first.text
    return f"{first.file}: {first.cause} in {len(group):,} {where}, such as {example}"
