"""A value that never prints itself."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Secret:
    """A credential; `str`, `repr` and formatting show `***`.

    Its length means nothing: token formats change without notice.
    """

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the value itself, for the one place that sends it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "Secret(***)"
