"""Refuse options that would do nothing; pure."""

from dist_actions.errors import InputError


def refuse_without(companion: str, option: str, *, given: object, effect: str) -> None:
    """Refuse an option that has no effect without another one, where it is given.

    Args:
        effect: What the option does, as a clause: `it names an image`.

    Raises:
        InputError: It is given.
    """
    if given:
        raise InputError(
            f"{option} has no effect without {companion}.",
            why=f"{effect}.",
            fix=f"add {companion}, or leave {option} out.",
        )


def refuse_beside(other: str, option: str, *, given: object, effect: str) -> None:
    """Refuse an option that has no effect beside another one, where both are given.

    Raises:
        InputError: They are.
    """
    if given:
        raise InputError(
            f"{option} has no effect beside {other}.",
            why=f"{effect}.",
            fix="leave one of the two out.",
        )
