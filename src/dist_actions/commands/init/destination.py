"""Find out where a project is published, as far as its files tell; pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from dist_actions.versions.project_files import normalised

Index = Literal["Artifact Registry", "PyPI"]

#: What publishes to an index, by what a workflow holds of it.
_TOOLS = (
    (r"pypa/gh-action-pypi-publish", "pypa/gh-action-pypi-publish"),
    (r"\btwine upload\b", "twine upload"),
    (r"\b(?:uv|poetry|flit|hatch|pdm|maturin) publish\b", "{}"),
    (r"\bmaturin upload\b", "maturin upload"),
    (r"setup\.py (?:\w+ )*upload\b", "setup.py upload"),
)
#: An index that is named to one of them: as an input, a variable, or an option of the command.
_NAMED_INDEX = re.compile(
    r"(?:repository[-_]url|publish[-_]url|TWINE_REPOSITORY|FLIT_INDEX_URL|HATCH_INDEX_REPO"
    r"|PDM_PUBLISH_REPO|MATURIN_REPOSITORY)\s*[:= ]\s*['\"]?(?P<value>[^\s'\"},]+)"
    r"|(?:publish|upload)\b[^\n|&;]*?\s(?:--repository|--index|-r)[ =]['\"]?(?P<option>[^\s'\"]+)",
    re.IGNORECASE,
)
_PUBLIC = re.compile(r"pypi|testpypi|https://(?:upload|test)\.pypi\.org/legacy/?", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.M)
_CONTINUATION = re.compile(r"\\\n\s*")
#: Pages and badges of PyPI, with the name of the project.
_PYPI_PAGE = re.compile(
    r"(?:\bpypi\.org/(?:project|p)|\bpypi\.python\.org/pypi|\bimg\.shields\.io/pypi/\w+"
    r"|\bbadge\.fury\.io/py)/(?P<name>[A-Za-z0-9._-]+?)(?:\.svg)?(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"
)
_ARTIFACT_REGISTRY = re.compile(r"-python\.pkg\.dev/")
#: PyPI refuses every project that has such a classifier.
_PRIVATE = re.compile(r"^\s*['\"]?Private ::|['\"]Private ::", re.M)


@dataclass(frozen=True)
class IndexSign:
    """What tells that a project is published to an index.

    Attributes:
        index: The index.
        seen: What tells it, for a person.
    """

    index: Index
    seen: str


def find_publishing(workflow: str) -> str:
    """Find what publishes to an index in a workflow; empty where nothing does."""
    for pattern, name in _TOOLS:
        match = re.search(pattern, workflow)
        if match:
            return name.format(match[0])
    return ""


def find_index(
    workflows: Mapping[str, str], texts: Mapping[str, str], names: Iterable[str]
) -> IndexSign | None:
    """Find the index that a project is published to; None where nothing tells it.

    What speaks for the private index comes first: nobody can take back what PyPI has.

    Args:
        workflows: The texts of workflows, by the names of their files.
        texts: What a project says of itself, its README and settings, by the names of the files.
        names: The names of what it releases.
    """
    by_workflow = [
        IndexSign(index, f"{name} publishes there by {find_publishing(text)}")
        for name, text in workflows.items()
        if (index := _index_of(text))
    ]
    own_names = {normalised(name) for name in names if name}
    pages = [
        IndexSign("PyPI", f"{name} names its page there")
        for name, text in texts.items()
        if own_names & {normalised(match["name"]) for match in _PYPI_PAGE.finditer(text)}
    ]
    private = [
        IndexSign("Artifact Registry", f"{name} {what}")
        for name, text in texts.items()
        for pattern, what in (
            (_PRIVATE, "has a classifier Private ::"),
            (_ARTIFACT_REGISTRY, "names an index there"),
        )
        if pattern.search(text)
    ]
    signs = [*private, *by_workflow, *pages]
    signs.sort(key=lambda sign: sign.index != "Artifact Registry")
    return next(iter(signs), None)


def _index_of(workflow: str) -> Index | None:
    """Find the index that a workflow publishes to; None for none, and for one that is unknown."""
    text = _CONTINUATION.sub(" ", _COMMENT.sub("", workflow))
    uses = sum(len(re.findall(pattern, text)) for pattern, _ in _TOOLS)
    named = [match["value"] or match["option"] for match in _NAMED_INDEX.finditer(text)]
    if uses and any("pkg.dev" in name for name in named):
        return "Artifact Registry"
    # Without a name all of them take PyPI; a variable may name another index for all of them.
    is_public = all(map(_PUBLIC.fullmatch, named))
    if is_public and (uses > len(named) or any("test" not in name for name in named)):
        return "PyPI"
    return None
