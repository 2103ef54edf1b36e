"""Write tags from a template of name, version and suffix, and read them back."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from packaging.version import Version

from dist_actions.errors import InputError
from dist_actions.pipeline.tag_shapes import TagShape, find_clash

DEFAULT_TAG_FORMAT = "v{version}{suffix}"

_FIELD = re.compile(r"\{([^{}]*)\}")
_VERSION_FIELD = re.compile(r"version(?::([_-]))?")
_LITERAL = re.compile(r"[A-Za-z0-9._@/+-]*", re.ASCII)


@dataclass(frozen=True)
class ParsedTag:
    """A tag taken apart."""

    version: Version
    suffix: str


@dataclass(frozen=True)
class TagFormat:
    """How tags of one project are written. One that could be read in two ways is refused.

    Attributes:
        template: Text with `{version}`, `{suffix}` and, where wanted, `{name}`. `{version:_}` and
            `{version:-}` write the version's dots as that character: `rel_2_0_52`.
        name: The project's normalised name, for `{name}`.
        suffixes: Every suffix that a tag can have.
    """

    template: str
    name: str
    suffixes: tuple[str, ...]

    def __post_init__(self) -> None:
        if problem := find_problem(self.template, self.name, self.suffixes):
            raise InputError(
                f"The tag-format {self.template!r} cannot be used: {problem}.",
                why="a tag must tell version and environment, and nothing else.",
                fix=HOW_TO_WRITE,
                anchor="tag-format",
            )

    def format(self, version: Version, suffix: str) -> str:
        """Write the tag of a version in the environment with this suffix.

        Raises:
            InputError: The version is a local one, or so long that the tag is no ref name.
        """
        tag = _shape(self.template, self.name, suffix).write(version)
        if version.local or not is_ref_name(tag):
            raise InputError(
                f"The version {str(version)[:100]} has no tag.",
                why="it is a local version, or longer than a tag's name should be.",
                fix="shorten the version, and leave out what follows a +.",
                anchor="version",
            )
        return tag

    def parse(self, tag: str) -> ParsedTag | None:
        """Take a tag apart; None where it is not one that `format` writes."""
        if not is_ref_name(tag):
            return None
        for suffix, shape in self.shapes.items():
            version = shape.read(tag)
            if version is not None:
                return ParsedTag(version, suffix)
        return None

    @property
    def prefix(self) -> str:
        """Return what all tags start with, before the version."""
        return _shape(self.template, self.name, "").prefix

    @cached_property
    def shapes(self) -> dict[str, TagShape]:
        """Map each suffix to what stands around the version."""
        return {suffix: _shape(self.template, self.name, suffix) for suffix in self.suffixes}


#: The advice of every refusal of a tag-format.
HOW_TO_WRITE = "write a template such as v{version}{suffix} or {name}-v{version}{suffix}."


def find_problem(template: str, name: str, suffixes: tuple[str, ...]) -> str:
    """Say why a template cannot be used; empty where it can."""
    return (
        _find_bad_field(template, name, suffixes)
        or _find_bad_name(template, name, suffixes)
        or _find_ambiguity(template, name, suffixes)
    )


def _find_bad_field(template: str, name: str, suffixes: tuple[str, ...]) -> str:
    placeholders = _FIELD.findall(template)
    fields = ["version" if _VERSION_FIELD.fullmatch(field) else field for field in placeholders]
    unknown = [field for field in fields if field not in {"name", "version", "suffix"}]
    repeated = [field for field in fields if fields.count(field) > 1]
    checks = (
        (unknown, f"{{{''.join(unknown[:1])}}} is no field of it"),
        (repeated, f"{{{''.join(repeated[:1])}}} stands there twice"),
        ("version" not in fields, "{version} is missing"),
        (
            "suffix" not in fields and any(suffixes),
            "{suffix} is missing, so environments share tags",
        ),
        (
            {"suffix", "version"} <= set(fields)
            and fields.index("suffix") < fields.index("version"),
            "{suffix} must follow {version}",
        ),
        ("name" in fields and not name, "the project has no name for {name}"),
        (
            not _LITERAL.fullmatch(_FIELD.sub("", template)),
            "it holds a character that tags should not hold",
        ),
    )
    return next((problem for applies, problem in checks if applies), "")


def _find_bad_name(template: str, name: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        tag = _shape(template, name, suffix).write(Version("1.0"))
        if not is_ref_name(tag):
            return f"git refuses tags of this form, such as {tag!r}"
    return ""


def _find_ambiguity(template: str, name: str, suffixes: tuple[str, ...]) -> str:
    for pair in combinations(dict.fromkeys(suffixes), 2):
        shapes = _shape(template, name, pair[0]), _shape(template, name, pair[1])
        clash = find_clash(*shapes)
        if clash is None:
            continue
        if clash[0] == clash[1]:
            readings = " and ".join(
                f"version {shape.read(clash[0])} with {suffix or 'no suffix'}"
                for shape, suffix in zip(shapes, pair, strict=True)
            )
            return f"the tag {clash[0]} would be both {readings}"
        return f"git cannot hold the tags {clash[0]} and {clash[1]} side by side"
    return ""


def _shape(template: str, name: str, suffix: str) -> TagShape:
    """Work out what a template, whose fields are good, puts around the version."""
    values = {"name": name, "suffix": suffix}
    texts, separator = [""], "."
    for index, part in enumerate(_FIELD.split(template)):
        version = _VERSION_FIELD.fullmatch(part) if index % 2 else None
        if version:
            separator = version[1] or "."
            texts.append("")
        else:
            texts[-1] += values[part] if index % 2 else part
    prefix, postfix = texts
    return TagShape(prefix, separator, postfix)


def is_ref_name(name: str) -> bool:
    """Tell whether git accepts `refs/tags/NAME`, and GitHub shows it without surprises.

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
