"""Read inputs that give each environment a value of its own; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dist_actions.job.inputs import InputReader

_LINE = re.compile(r"(?P<environment>[\w.-]+)\s*=\s*(?P<value>.*)", re.ASCII)
#: With spaces around the sign, because a password can end with one: base64 does.
_SECRET_LINE = re.compile(r"(?P<environment>[\w.-]+)\s+=\s+(?P<value>.+)", re.ASCII)


@dataclass(frozen=True)
class EnvironmentValues:
    """A value for each environment.

    Attributes:
        common: What every environment has that is not named; empty for nothing.
        named: By the environment's name.
    """

    common: str = field(default="", repr=False)
    named: Mapping[str, str] = field(default_factory=dict, repr=False)

    def of(self, environment: str) -> str:
        """Return an environment's value; empty where it has none."""
        return self.named.get(environment, self.common)

    def __bool__(self) -> bool:
        return bool(self.common or self.named)


def read_environment_values(
    inputs: InputReader, name: str, *, secret: bool = False
) -> EnvironmentValues:
    """Read an input of one value for all environments, or of lines such as `dev = VALUE`.

    What cannot be read is refused through `inputs`.

    Args:
        secret: Whether the value may hold any character; then spaces around `=` make a line.
    """
    pattern = _SECRET_LINE if secret else _LINE
    common, named = "", {}
    for line in inputs.lines(name):
        match = pattern.fullmatch(line)
        environment = match["environment"] if match else ""
        if (match and (environment in named or not match["value"])) or (not match and common):
            inputs.refuse(
                name,
                f"has more than one value, or none, for {environment or 'all environments'}",
                "write one value, or one line for each environment, such as dev = VALUE",
            )
        elif match:
            named[environment] = match["value"]
        else:
            common = line
    return EnvironmentValues(common, named)
