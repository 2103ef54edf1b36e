"""Find what a job's own settings add as a second index; pure.

An installer that asks two indexes takes the higher version of either, and whoever registers a
private name publicly is installed. A folder of this machine (`file:`) is no such index.
"""

import configparser
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from dist_actions.errors import InputError
from dist_actions.toml import table_at

#: Lists of addresses that installers ask beside their index; uv's may have names.
_VARIABLES = ("PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")
_SUPPLEMENTAL = frozenset({"supplemental", "secondary"})


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
            'poetry with `priority = "explicit"`.',
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
    """Tell whether one of pip's configuration files names another index than ours."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError):
        return []
    values = (
        parser[section].get(key, "")
        for section in parser.sections()
        for key in ("extra-index-url", "extra_index_url")
    )
    if any(_names_another(value, index_url) for value in values):
        return [f"extra-index-url in {path}"]
    return []


def in_project(name: str, tools: Mapping[str, Any], index_url: str) -> list[str]:
    """List what the tables of a project's tools add.

    Args:
        name: The file, for messages.
        tools: The table `tool` of `pyproject.toml`.
    """
    return [
        *in_uv_settings(name, table_at(tools, "uv"), index_url),
        *(
            f"the source {source.get('name')!r} of poetry in {name}"
            for source in _rows(table_at(tools, "poetry").get("source"))
            if str(source.get("priority", "")).lower() in _SUPPLEMENTAL
            and _names_another(str(source.get("url", "")), index_url)
        ),
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
    extra = [
        *_texts(uv.get("extra-index-url")),
        *_texts(table_at(uv, "pip").get("extra-index-url")),
    ]
    if any(_names_another(value, index_url) for value in extra):
        indexes.append(f"extra-index-url of uv in {name}")
    return indexes


def _names_another(value: str, index_url: str) -> bool:
    """Tell whether one of the addresses in a value is reached over the network, and not ours."""
    addresses = (re.sub(r"^[\w.-]+=", "", word) for word in re.split(r"[\s,]+", value) if word)
    return any(
        address.startswith(("https://", "http://")) and _plain(address) != _plain(index_url)
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
