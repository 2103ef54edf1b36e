"""Read inputs that give each environment a value of its own; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dist_actions.job.inputs import InputReader

_LINE = re.compile(r"(?P<environment>[\w.-]+)\s*=\s*(?P<value>.*)", re.ASCII)


@dataclass(frozen=True)
class EnvironmentValues:
    """A value for each environment.

    Attributes:
        common: What every environment has that is not named; empty for nothing.
        named: By the environment's name.
    """

    common: str = ""
    named: Mapping[str, str] = field(default_factory=dict)

    def of(self, environment: str) -> str:
        """Return an environment's value; empty where it has none."""
        return self.named.get(environment, self.common)

    def __bool__(self) -> bool:
        return bool(self.common or self.named)


def read_environment_values(inputs: InputReader, name: str) -> EnvironmentValues:
    """Read an input of one value for all environments, or of lines such as `dev = VALUE`.

    What cannot be read is refused through `inputs`.
    """
    common, named = "", {}
    for line in inputs.lines(name):
        match = _LINE.fullmatch(line)
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
