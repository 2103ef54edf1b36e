"""Sections of a project's `setup.cfg`, and the lines that their options stand on.

Spec: https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

from collections.abc import Mapping
from functools import lru_cache

from dist_actions.versions.project_files import ProjectFiles

SETUP_CFG = "setup.cfg"

Sections = Mapping[str, Mapping[str, str]]


def read_setup_cfg(project: ProjectFiles) -> Sections:
    """The sections of `setup.cfg`; empty where there is none, or it cannot be parsed.

    Raises:
        InputError: It is not UTF-8, very large, or outside the repository.
    """
    return _parse(project.text(SETUP_CFG) or "")


def line_of_option(text: str, section: str, option: str = "") -> int:
    """The line of an option, or of its section, from 1; 0 where there is none."""
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            inside = line.partition("]")[0] == f"[{section}"
            if inside and not option:
                return number
        elif inside and line.partition("=")[0].strip().lower() == option:
            return number
    return 0


@lru_cache(maxsize=4)
def _parse(text: str) -> Sections:
    if not text:
        return {}
    import configparser  # noqa: PLC0415 - few projects have this file

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {section: dict(parser.items(section)) for section in parser.sections()}
