"""Tag names: a template of name, version and suffix, and its exact inverse."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.errors import InputError

DEFAULT_TAG_FORMAT = "v{version}{suffix}"

_FIELD = re.compile(r"\{([^{}]*)\}")
#: What the normal form of a public PEP 440 version can hold, and nothing that a suffix starts with.
_VERSION = r"(?:[0-9]+!)?[0-9]+[0-9a-z.]*"
_LITERAL = re.compile(r"[A-Za-z0-9._@/+-]*", re.ASCII)


@dataclass(frozen=True)
class ParsedTag:
    """A tag taken apart.

    Attributes:
        suffix: One of the suffixes that the format was given.
    """

    version: Version
    suffix: str


@dataclass(frozen=True)
class TagFormat:
    """How tags of one project are written.

    Attributes:
        template: Text with `{version}`, `{suffix}` and, where wanted, `{name}`.
        name: The project's normalised name, for `{name}`.
        suffixes: Every suffix that a tag can have.
    """

    template: str
    name: str
    suffixes: tuple[str, ...]

    def __post_init__(self) -> None:
        fields = _FIELD.findall(self.template)
        unknown = sorted(set(fields) - {"name", "version", "suffix"})
        repeated = sorted({field for field in fields if fields.count(field) > 1})
        if unknown:
            raise _unusable(self.template, f"{{{unknown[0]}}} is no field of it")
        if repeated:
            raise _unusable(self.template, f"{{{repeated[0]}}} stands there twice")
        if "version" not in fields:
            raise _unusable(self.template, "{version} is missing")
        if "suffix" not in fields and any(self.suffixes):
            raise _unusable(self.template, "{suffix} is missing, so environments share tags")
        if "suffix" in fields and fields.index("suffix") < fields.index("version"):
            raise _unusable(self.template, "{suffix} must follow {version}")
        if not _LITERAL.fullmatch(_FIELD.sub("", self.template)):
            raise _unusable(self.template, "it holds a character that tags should not hold")
        if not is_ref_name(self.format(Version("1.0"), "")):
            raise _unusable(self.template, "git refuses tags of this form")

    def format(self, version: Version, suffix: str) -> str:
        """The tag of a version in the environment with this suffix."""
        values = {"name": self.name, "version": str(version), "suffix": suffix}
        return _FIELD.sub(lambda found: values[found[1]], self.template)

    def parse(self, tag: str) -> ParsedTag | None:
        """Take a tag apart; None where it is not of this form."""
        found = self._pattern().fullmatch(tag)
        if not found:
            return None
        try:
            version = Version(found["version"])
        except ValueError:  # also for numbers that are too long
            return None
        return ParsedTag(version, found.groupdict().get("suffix") or "")

    def _pattern(self) -> re.Pattern[str]:
        return _compile_pattern(self.template, self.name, self.suffixes)


def _compile_pattern(template: str, name: str, suffixes: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(suffixes, key=len, reverse=True)
    fields = {
        "name": re.escape(name),
        "version": f"(?P<version>{_VERSION})",
        "suffix": f"(?P<suffix>{'|'.join(map(re.escape, longest_first))})",
    }
    parts = re.split(_FIELD, template)
    return re.compile(
        "".join(fields[part] if index % 2 else re.escape(part) for index, part in enumerate(parts)),
        re.ASCII,
    )


def is_ref_name(name: str) -> bool:
    """Whether git accepts `refs/tags/NAME`, and GitHub shows it without surprises.

    Spec: https://git-scm.com/docs/git-check-ref-format
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@/+!-]{0,200}", name, re.ASCII):
        return False
    return not (
        ".." in name
        or "//" in name
        or "/." in name
        or name.endswith((".", "/", ".lock"))
        or ".lock/" in name
    )


def _unusable(template: str, problem: str) -> InputError:
    return InputError(
        f"The tag-format {template!r} cannot be used: {problem}.",
        why="a tag must tell version and environment, and nothing else.",
        fix="write a template such as v{version}{suffix} or {name}-v{version}{suffix}.",
        anchor="tag-format",
    )
