"""Read YAML that somebody else wrote, such as workflows; pure.

What is nested too deeply for a program to follow is refused as an error of the file, as on GitHub.
"""

from ruamel.yaml import YAML

#: As deep as GitHub reads a workflow.
_MOST_LEVELS = 100


def exact_reader() -> YAML:
    """Make a reader that keeps comments, order and places."""
    return _limited(YAML())


def value_reader() -> YAML:
    """Make a reader of nothing but values, of the kinds that JSON has, and dates."""
    return _limited(YAML(typ="safe", pure=True))


def _limited(yaml: YAML) -> YAML:
    yaml.max_depth = _MOST_LEVELS
    return yaml
