"""Show as Markdown how a release is installed safely from its index; pure.

Only two ways are ever shown: one index alone, or an index that serves this project and no other.
Never a second index beside a public one: an installer takes the highest version from either, so
whoever registers the name publicly would be installed.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from packaging.utils import NormalizedName
from packaging.version import Version

from dist_actions.errors import DOCUMENTATION
from dist_actions.indexes.index_names import choose_index_name
from dist_actions.markdown import escape

#: What an index is to an installer.
IndexKind = Literal["artifact-registry", "pypi", "testpypi", "private"]

GUIDE = f"{DOCUMENTATION}/installing.md"

#: What an address keeps: no space, quote, backtick or backslash, so that it ends neither a shell
#: word nor a TOML string nor a code block.
_URL_CHARACTERS = "/:?&=%[]~+,@!*$;"


@dataclass(frozen=True)
class InstallSource:
    """An index that holds the release.

    Attributes:
        label: How messages name it; shown as text where there are several.
        index_url: Where installers read it; of no meaning for `pypi`, which they know.
        kind: What decides which commands are safe.
    """

    label: str
    index_url: str
    kind: IndexKind

    @property
    def name(self) -> str:
        """Choose the name by which uv and poetry know it: the repository's, or the host's.

        Both also take credentials from variables with this name in upper case and `_` for `-`.
        """
        if self.kind == "testpypi":
            return "testpypi"
        in_artifact_registry = self.kind == "artifact-registry"
        return choose_index_name(self.index_url, in_artifact_registry=in_artifact_registry)


def install_commands(
    project: NormalizedName, version: Version, indexes: Sequence[InstallSource]
) -> str:
    """Show how pip, uv and poetry install exactly this release from each index.

    The Markdown ends with a line feed; without an index there is none.
    """
    parts = []
    for source in indexes:
        if len(indexes) > 1:
            parts.append(f"#### {escape(source.label)}\n")
        parts.append(_commands(project, f"{project}=={version}", source))
    return "\n".join(parts)


def _commands(project: NormalizedName, requirement: str, source: InstallSource) -> str:
    quoted = shlex.quote(requirement)
    if source.kind == "pypi":
        return _console(f"pip install {quoted}", f"uv add {quoted}", f"poetry add {quoted}")
    return (
        f"{_with_installer(quoted, source)}\n"
        "In a project of uv, its `pyproject.toml` takes this project alone from that index:\n\n"
        f"{_uv_settings(project, requirement, source)}\n"
        f"In a project of poetry:\n\n{_with_poetry(quoted, source)}\n"
        f"Credentials, and why no second index: [Installing]({GUIDE}).\n"
    )


def _with_installer(requirement: str, source: InstallSource) -> str:
    """Show commands for an environment, where pip and uv know no index for one project alone."""
    url = shlex.quote(_address(source))
    if source.kind == "testpypi":
        with_pip = _console(
            f"pip install --no-deps --index-url {url} {requirement}", f"pip install {requirement}"
        )
        with_uv = _console(
            f"uv pip install --no-deps --default-index {url} {requirement}",
            f"uv pip install {requirement}",
        )
        return (
            "Take this project alone from TestPyPI, where anyone may register the names of its "
            "dependencies. The second command finds it installed, and fetches what it needs from "
            f"PyPI.\n\n{with_pip}\nWith uv:\n\n{with_uv}"
        )
    commands = _console(
        f"pip install --index-url {url} {requirement}",
        f"uv pip install --default-index {url} {requirement}",
    )
    return (
        "Install from this index alone. It has to serve the dependencies too, as a virtual "
        f"repository does.\n\n{commands}"
    )


def _uv_settings(project: NormalizedName, requirement: str, source: InstallSource) -> str:
    return (
        "```toml\n"
        "[project]\n"
        f'dependencies = ["{requirement}"]\n\n'
        "[[tool.uv.index]]\n"
        f'name = "{source.name}"\n'
        f'url = "{_address(source)}"\n'
        "explicit = true\n\n"
        "[tool.uv.sources]\n"
        f'{project} = {{ index = "{source.name}" }}\n'
        "```\n"
    )


def _with_poetry(requirement: str, source: InstallSource) -> str:
    return _console(
        f"poetry source add --priority=explicit {source.name} {shlex.quote(_address(source))}",
        f"poetry add --source {source.name} {requirement}",
    )


def _address(source: InstallSource) -> str:
    return quote(source.index_url, safe=_URL_CHARACTERS, errors="replace")


def _console(*commands: str) -> str:
    return "\n".join(["```console", *commands, "```", ""])
