"""Find what a job's own settings add as a second index; pure.

An installer that asks two indexes takes the higher version of either, and whoever registers a
private name publicly is installed. A folder of this machine (`file:`) is no such index.
"""

import configparser
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dist_actions.errors import InputError
from dist_actions.toml import table_at

#: Lists of addresses that installers ask beside their index; uv's may have names.
_VARIABLES = (
    *("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"),
    *("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"),
)
#: What takes the place of a login's variables, where a project sets it for its commands.
_OVERRIDING = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
_OPTIONS = ("extra-index-url", "find-links")
_IN_REQUIREMENTS = re.compile(
    r"^[ \t]*(?:-[if]|--(?:extra-index|index|find-links|pypi-url)[\w-]*)[ \t=]*(\S+)", re.MULTILINE
)
_PRIMARY = frozenset({"", "primary", "default"})


def refuse_second_indexes(places: Iterable[str], index_url: str) -> None:
    """Refuse settings that were found.

    Raises:
        InputError: There are some.
    """
    listed = ", ".join(dict.fromkeys(places))
    if listed:
        raise InputError(
            f"This job's own settings add a second index: {listed}.",
            why="an installer that asks two indexes takes the higher version of either, so a "
            "stranger who registers a private name publicly is installed in its place.",
            fix=f"remove it, so that {index_url} is the only one. For public packages, join both "
            "in a virtual repository; an index of uv is safe with `explicit = true`, a source of "
            'poetry with `priority = "explicit"`, one of pdm with `exclude_packages`.',
            anchor="second-index",
        )


def in_variables(environ: Mapping[str, str], index_url: str) -> list[str]:
    """List the variables that name another index than ours."""
    return [
        f"the variable {name}"
        for name in _VARIABLES
        if _names_another(environ.get(name, ""), index_url)
    ]


def in_pip_configuration(path: str, text: str, index_url: str) -> list[str]:
    """Tell which settings in one of pip's configuration files name another index than ours."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError):
        return []
    settings = (
        (key.replace("_", "-").lstrip("-"), value)
        for section in parser.sections()
        for key, value in parser[section].items()
    )
    return [
        f"{key} in {path}"
        for key, value in settings
        if key in _OPTIONS and _names_another(value, index_url)
    ]


def in_requirements(path: str, text: str, index_url: str) -> list[str]:
    """Tell whether a file of requirements names another index; by hashes it can do no harm."""
    is_hashed = "--hash" in text
    values = _IN_REQUIREMENTS.findall(text)
    is_safe = is_hashed or not any(_names_another(value, index_url) for value in values)
    return [] if is_safe else [f"an option in {path}"]


def in_project(name: str, tools: Mapping[str, Any], index_url: str) -> list[str]:
    """List what the tables of a project's tools add.

    Args:
        name: The file, for messages.
        tools: The table `tool` of `pyproject.toml`.
    """
    return [
        *in_uv_settings(name, table_at(tools, "uv"), index_url),
        *_in_poetry_sources(name, _rows(table_at(tools, "poetry").get("source")), index_url),
        *_in_pdm_sources(name, _rows(table_at(tools, "pdm").get("source")), index_url),
        *in_hatch_settings(name, table_at(tools, "hatch"), index_url),
    ]


def in_uv_settings(name: str, uv: Mapping[str, Any], index_url: str) -> list[str]:
    """List what settings of uv add; an index is safe where it is explicit, or the default one."""
    indexes = [
        f"the index {index.get('name')!r} of uv in {name}"
        for index in _rows(uv.get("index"))
        if not index.get("explicit")
        and not index.get("default")
        and _names_another(str(index.get("url", "")), index_url)
    ]
    options = [
        f"{option} of uv in {name}"
        for option in _OPTIONS
        for values in (uv, table_at(uv, "pip"))
        if any(_names_another(value, index_url) for value in _texts(values.get(option)))
    ]
    return [*indexes, *options]


def in_pdm_settings(name: str, values: Mapping[str, Any], index_url: str) -> list[str]:
    """List the sources that a `pdm.toml` adds; its own address gives way to the variable."""
    return [
        f"the source {source!r} of pdm in {name}"
        for source, table in table_at(values, "pypi").items()
        if isinstance(table, dict) and _names_another(str(table.get("url", "")), index_url)
    ]


def in_hatch_settings(name: str, hatch: Mapping[str, Any], index_url: str) -> list[str]:
    """List the variables by which environments of hatch leave our index."""
    return [
        f"the variable {variable} of hatch in {name}"
        for environment in table_at(hatch, "envs").values()
        for variable, value in _env_vars(environment).items()
        if variable in (*_VARIABLES, *_OVERRIDING) and _names_another(str(value), index_url)
    ]


def uv_configuration_files(environ: Mapping[str, str]) -> list[Path]:
    """List the files of user and machine that uv would read.

    Spec: https://docs.astral.sh/uv/concepts/configuration-files/
    """
    home = Path(environ.get("HOME") or "/nonexistent")
    own = environ.get("XDG_CONFIG_HOME") or str(home / ".config")
    shared = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    folders = [*(Path(folder, "uv") for folder in (*shared, own) if folder), Path("/etc/uv")]
    named = environ.get("UV_CONFIG_FILE")
    return [*([Path(named)] if named else []), *(folder / "uv.toml" for folder in folders)]


def _in_poetry_sources(
    name: str, sources: Sequence[Mapping[str, Any]], index_url: str
) -> Iterator[str]:
    """List what poetry asks beside ours: PyPI, too, where it is named or no source is primary."""
    asked = [source for source in sources if _priority(source) != "explicit"]
    if asked and not any(_priority(source) in _PRIMARY for source in asked):
        yield f"PyPI, which poetry asks first where no source in {name} is primary"
    if len(asked) == 1 and _priority(asked[0]) in _PRIMARY:
        return
    for source in asked:
        is_pypi = not source.get("url") and str(source.get("name", "")).lower() == "pypi"
        if is_pypi or _names_another(str(source.get("url", "")), index_url):
            yield f"the source {source.get('name')!r} of poetry in {name}"


def _in_pdm_sources(
    name: str, sources: Sequence[Mapping[str, Any]], index_url: str
) -> Iterator[str]:
    """List what pdm asks beside ours, unless patterns keep private names from it."""
    others = [source for source in sources if _names_another(str(source.get("url", "")), index_url)]
    ours_alone = any(source.get("include_packages") for source in sources if source not in others)
    for source in others:
        if not ours_alone and not source.get("exclude_packages"):
            yield f"the source {source.get('name')!r} of pdm in {name}"


def _priority(source: Mapping[str, Any]) -> str:
    return str(source.get("priority", "")).lower()


def _env_vars(environment: Any) -> Mapping[str, Any]:
    return table_at(environment, "env-vars") if isinstance(environment, dict) else {}


def _names_another(value: str, index_url: str) -> bool:
    """Tell whether one of the addresses in a value is reached over the network, and not ours."""
    addresses = (re.sub(r"^[\w.-]+=", "", word) for word in re.split(r"[\s,]+", value) if word)
    return any(
        address.lower().startswith(("https://", "http://")) and _plain(address) != _plain(index_url)
        for address in addresses
    )


def _plain(url: str) -> tuple[str, str]:
    """Leave out what does not tell indexes apart: user, password and the last slash."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2].lower(), parts.path.rstrip("/")


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
