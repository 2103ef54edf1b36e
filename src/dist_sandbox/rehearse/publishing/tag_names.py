"""Choose the tag that a person would push for the next release of a project. It is pure.

Its form is that of the project's last tag, unless no workflow starts for it. Its version is the one
that the project's files say, or else the next one after that tag.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from packaging.version import Version

from dist_actions.versions.parsing import parse_version

_TAG = re.compile(
    r"(?P<prefix>(?:[A-Za-z].*?)?)(?P<version>v?(?<![0-9.])\d+(?:\.\d+)*[0-9A-Za-z.+!-]*)$"
)
#: Where a filter pattern of `on: push: tags:` begins to fit several texts, or a version begins.
_PATTERN_START = re.compile(r"[*?+\[\]!\\0-9]")
_FIRST_VERSION = "0.1.0"
#: What stands between the name of a package and a version.
_SEPARATORS = ("-v", "/v", "-", "/", "@", "==", "_v")


def choose_tag(
    declared: str,
    tags: Iterable[str],
    patterns: Iterable[str],
    starts_for: Callable[[str], bool],
) -> str:
    """Choose the tag's name.

    Args:
        declared: The version as the project's files say it; empty where they do not.
        tags: The project's tags, the newest last.
        patterns: Those of the workflows that publish, of `on: push: tags:`.
        starts_for: Tells whether a workflow that publishes starts for a tag.

    Returns:
        A tag for which one starts; the first choice where none starts for any.
    """
    forms = list(_read_forms(tags))
    prefix = forms[-1][1] if forms else "v"
    prefixes = [prefix, "", "v", *map(_literal_start, patterns)]
    alike = (version for version, other in forms if other == prefix)
    versions = [declared or _next_version(alike)]
    if declared and (final := _final_version(declared)) != declared:
        versions.append(final)
    choices = [f"{prefix}{version}" for version in versions for prefix in dict.fromkeys(prefixes)]
    return next(filter(starts_for, choices), choices[0])


def choose_package_tag(
    versions: Mapping[str, str],
    tags: Iterable[str],
    patterns: Iterable[str],
    starts_for: Callable[[str], bool],
) -> str:
    """Choose the tag of one of several packages: the first whose version has no tag yet.

    Args:
        versions: The version of each package, by normalised name.
        tags: The project's tags, the newest last.
        patterns: Those of the workflows that publish, of `on: push: tags:`.
        starts_for: Tells whether a workflow that publishes starts for a tag.

    Returns:
        A tag for which one starts; where all versions have theirs, that of the newest. It is
        empty where none starts for any package.
    """
    tag_list = [*tags]
    prefixes = [prefix for _, prefix in _read_forms(reversed(tag_list))]
    prefixes += map(_literal_start, patterns)
    choices = []
    for name, version in versions.items():
        similar = [prefix for prefix in prefixes if _subject(prefix) == name]
        usual = [f"{name}{separator}" for separator in _SEPARATORS]
        candidates = [f"{prefix}{version}" for prefix in (*similar, *usual)]
        choices += [tag for tag in candidates if starts_for(tag)][:1]
    untagged = [tag for tag in choices if tag not in tag_list]
    return next(iter(untagged), "") or max(choices, key=tag_list.index, default="")


def _subject(prefix: str) -> str:
    """Return the package that the beginning of a tag names, normalised."""
    text = re.sub(r"[-_/@=.]*v?$", "", prefix)
    return re.sub(r"[-_.]+", "-", text).lower()


def split_tag(tag: str) -> tuple[str, str]:
    """Take a tag apart: what stands before its version, a `v` included, and the version."""
    match = _TAG.match(tag)
    if match is None:
        return "", tag
    version = match["version"].removeprefix("v")
    return tag[: len(tag) - len(version)], version


def next_version(version: str) -> str:
    """Count the last number of a version up; a pre-release becomes the version it leads to."""
    parsed = parse_version(version)
    return version if parsed is None else _next_version([parsed])


def _read_forms(tags: Iterable[str]) -> Iterator[tuple[Version, str]]:
    """Take each tag of a version apart: its version, and what stands before it."""
    for tag in tags:
        match = _TAG.match(tag)
        version = parse_version(match["version"].lstrip("v")) if match else None
        if match and version:
            has_v = match["version"].startswith("v")
            yield version, match["prefix"] + ("v" if has_v else "")


def _next_version(versions: Iterable[Version]) -> str:
    """Count the last number up; a pre-release becomes the version that it leads to."""
    last = max(versions, default=None)
    if last is None:
        return _FIRST_VERSION
    if last.is_prerelease:
        return last.base_version
    *first, number = last.release
    return ".".join(map(str, [*first, number + 1]))


def _final_version(declared: str) -> str:
    """Return the version that a development version leads to."""
    version = parse_version(declared)
    return version.base_version if version and version.is_devrelease else declared


def _literal_start(pattern: str) -> str:
    """Return what every tag begins with that a filter pattern fits."""
    return _PATTERN_START.split(pattern, maxsplit=1)[0]
