"""What installers are given of a job's variables and of pip's configuration files; pure.

Only where packages come from: the index, and the proxy, certificates and password by which it is
reached. As every package is checked by its hash, none of this changes what is installed. All other
settings of installers, which can send packages elsewhere or stop them, are left outside.
"""

import configparser
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

#: Settings of pip that are honoured, by their names in its configuration files.
_PIP_SETTINGS = (
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host"),
    *("cert", "client-cert", "proxy", "default-timeout", "timeout", "retries"),
)
_PASSED = re.compile(
    r"UV_((DEFAULT_|EXTRA_)?INDEX(_URL)?|INDEX_\w+_(USERNAME|PASSWORD)|FIND_LINKS|NO_INDEX)|"
    r"UV_(INSECURE_HOST|HTTP_TIMEOUT|NATIVE_TLS|SYSTEM_CERTS)|"
    r"SSL_(CERT_FILE|CERT_DIR|CLIENT_CERT)|(REQUESTS|CURL)_CA_BUNDLE|NETRC|"
    r"(https?|all|no)_proxy|(HTTPS?|ALL|NO)_PROXY|"
    # What the interpreter itself was started with.
    r"(DY)?LD_LIBRARY_PATH|LANG|LC_\w+|TZ",
    re.ASCII,
)
_PATHS = re.compile(r"PIP_(CLIENT_)?CERT|SSL_\w+|\w+_CA_BUNDLE|NETRC", re.ASCII)
_NUMBERS = frozenset({"PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "UV_HTTP_TIMEOUT"})
#: What pip takes for "no configuration file at all".
_NO_FILE = "/dev/null"
#: Where uv looks for what pip's settings say, if its own do not.
_OF_UV = {
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_FIND_LINKS": "PIP_FIND_LINKS",
    "UV_NO_INDEX": "PIP_NO_INDEX",
    "UV_INSECURE_HOST": "PIP_TRUSTED_HOST",
    "SSL_CERT_FILE": "PIP_CERT",
    "SSL_CLIENT_CERT": "PIP_CLIENT_CERT",
    "HTTPS_PROXY": "PIP_PROXY",
}


def pip_configuration_files(environ: Mapping[str, str]) -> list[Path]:
    """List the files that pip would read, those that count most last.

    Spec: https://pip.pypa.io/en/stable/topics/configuration/#location
    """
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == _NO_FILE:
        return []
    home = Path(environ.get("HOME") or "/nonexistent")
    shared = environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    own = environ.get("XDG_CONFIG_HOME") or str(home / ".config")
    files = [Path(folder, "pip", "pip.conf") for folder in shared.split(":") if folder]
    files += [Path("/Library/Application Support/pip/pip.conf"), Path("/etc/pip.conf")]
    if named:
        return [*files, Path(named)]
    files += [home / ".pip" / "pip.conf", home / "Library/Application Support/pip/pip.conf"]
    return [*files, Path(own, "pip", "pip.conf")]


def choose_settings(
    environ: Mapping[str, str], configurations: Iterable[str], folder: Path
) -> dict[str, str]:
    """Return the variables that installers get.

    Args:
        configurations: The texts of pip's configuration files, those that count most last.
        folder: The workspace, against which relative paths of certificates are meant.
    """
    settings = _read_settings(environ, configurations)
    for name in _NUMBERS & settings.keys():
        if not re.fullmatch("[0-9]{1,4}", settings[name]):
            del settings[name]
    for name in settings:
        if _PATHS.fullmatch(name):
            settings[name] = str(folder / settings[name])
    for installer in ("PIP", "UV"):
        _leave_out_links_into(folder, settings, installer)
    netrc = Path(environ.get("HOME") or "/nonexistent", ".netrc")
    return {"NETRC": str(netrc), **settings}


def settings_for_uv(settings: Mapping[str, str]) -> dict[str, str]:
    """Tell uv what only pip's settings say."""
    return {**_translate(settings), **settings}


def variables_for_uv(
    environ: Mapping[str, str], configurations: Iterable[str], folder: Path
) -> dict[str, str]:
    """Return what uv must be told beside a job's variables, so that it installs as pip would.

    Args:
        configurations: The texts of pip's configuration files, those that count most last.
        folder: Where installers are run, against which relative paths are meant.
    """
    of_pip = _read_settings(environ, configurations)
    links = [_absolute(link, folder) for link in _links(of_pip, "PIP")]
    if links:
        of_pip["PIP_FIND_LINKS"] = " ".join(links)
    for name in ("PIP_CERT", "PIP_CLIENT_CERT"):
        if name in of_pip:
            of_pip[name] = str(folder / of_pip[name])
    translated = {
        name: value for name, value in _translate(of_pip).items() if not environ.get(name)
    }
    if "UV_EXTRA_INDEX_URL" in translated:
        # pip takes the highest version of all indexes, uv otherwise that of the first.
        translated["UV_INDEX_STRATEGY"] = environ.get("UV_INDEX_STRATEGY") or "unsafe-best-match"
    return translated


def _translate(settings: Mapping[str, str]) -> dict[str, str]:
    names_index = any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX")) for name in settings)
    translated = {
        name: settings[of_pip]
        for name, of_pip in _OF_UV.items()
        if of_pip in settings and not (names_index and "INDEX" in name)
    }
    if "UV_FIND_LINKS" in translated:
        translated["UV_FIND_LINKS"] = ",".join(translated["UV_FIND_LINKS"].split())
    return translated


def _read_settings(environ: Mapping[str, str], configurations: Iterable[str]) -> dict[str, str]:
    """Join what pip's files and the variables say; variables win."""
    settings = {
        name: value for text in configurations for name, value in _read_configuration(text).items()
    }
    variables = {f"PIP_{name.upper().replace('-', '_')}" for name in _PIP_SETTINGS}
    return settings | {
        name: value
        for name, value in environ.items()
        if value and (name in variables or _PASSED.fullmatch(name))
    }


def _read_configuration(text: str) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except (configparser.Error, ValueError):
        return {}
    return {
        f"PIP_{name.upper().replace('-', '_')}": " ".join(parser[section][name].split())
        for section in ("global", "install")
        if section in parser
        for name in _PIP_SETTINGS
        if parser[section].get(name)
    }


def _leave_out_links_into(folder: Path, settings: dict[str, str], installer: str) -> None:
    """Leave out folders of wheels in the workspace; where no other is named, an index is needed."""
    links = _links(settings, installer)
    settings.pop(f"{installer}_FIND_LINKS", None)
    elsewhere = [
        link
        for link in links
        if link.startswith(("/", "https:")) and not Path(link).is_relative_to(folder)
    ]
    if elsewhere:
        settings[f"{installer}_FIND_LINKS"] = (" " if installer == "PIP" else ",").join(elsewhere)
    else:
        settings.pop(f"{installer}_NO_INDEX", None)


def _links(settings: Mapping[str, str], installer: str) -> list[str]:
    words = re.split(r"[\s,]+", settings.get(f"{installer}_FIND_LINKS", ""))
    return [word for word in words if word]


def _absolute(link: str, folder: Path) -> str:
    """Resolve a folder of wheels; an address stays as it is."""
    return link if "://" in link else str(folder / link)
