"""The tools that derive a version from git tags, and how each is told one instead.

A release knows its version from its tag. Left alone, these tools would look for it in git, where
suffixed tags, several tags on one commit and shallow clones mislead them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.errors import Location

_SETUPTOOLS_SCM = (
    # The global form: hatch-vcs and flit-scm do not tell setuptools-scm the project's name, so it
    # never looks for the form `…_FOR_NAME`.
    # Spec: https://setuptools-scm.readthedocs.io/en/latest/overrides/
    "SETUPTOOLS_SCM_PRETEND_VERSION",
    # What setuptools-scm 10 is made of; other tools on top of it read this name alone.
    "VCS_VERSIONING_PRETEND_VERSION",
)
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "setuptools-scm": _SETUPTOOLS_SCM,
    "hatch-vcs": _SETUPTOOLS_SCM,
    "flit-scm": _SETUPTOOLS_SCM,
    # The second is of pdm-pep517, as pdm-backend was called before.
    # Spec: https://backend.pdm-project.org/metadata/#get-the-version-with-scm
    "pdm-backend": ("PDM_BUILD_SCM_VERSION", "PDM_PEP517_SCM_VERSION"),
    # Spec: https://github.com/mtkennerly/poetry-dynamic-versioning#environment-variables
    "poetry-dynamic-versioning": ("POETRY_DYNAMIC_VERSIONING_BYPASS",),
    # Spec: https://github.com/ninoseki/uv-dynamic-versioning/blob/main/docs/tips.md
    "uv-dynamic-versioning": ("UV_DYNAMIC_VERSIONING_BYPASS",),
    # Spec: https://docs.openstack.org/pbr/latest/user/packagers.html
    "pbr": ("PBR_VERSION",),
}
#: Variables of the job that say a version for one project, and win over those above.
_STRONGER = (
    "SETUPTOOLS_SCM_PRETEND_",
    "SETUPTOOLS_SCM_OVERRIDES",
    "VCS_VERSIONING_PRETEND_",
    "VCS_VERSIONING_OVERRIDES",
    "POETRY_DYNAMIC_VERSIONING_OVERRIDE",
)


@dataclass(frozen=True)
class Deriver:
    """The tool that derives a project's version from git tags.

    Attributes:
        tool: Its name, as on its page: `setuptools-scm`.
        location: Where the project asks for it.
        tag_prefix: What stands before the version in the tags that it looks for. It matters to
            tools without variables, which are told by the only tag of a repository of its own.
        obstacle: Why it would build another version whatever it is told; empty where it would
            not. An obstacle has a `remedy`.
    """

    tool: str
    location: Location
    tag_prefix: str = "v"
    obstacle: str = ""
    remedy: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        """List the environment variables by which it is told a version, if it has any."""
        return _VARIABLES.get(self.tool, ())


def pin_variables(version: Version) -> dict[str, str]:
    """Tell every tool that has a variable for it: the version is this one."""
    names = (name for variables in _VARIABLES.values() for name in variables)
    return dict.fromkeys(names, str(version))


def without_stronger_pins(environ: Mapping[str, str]) -> dict[str, str]:
    """Drop those variables of a job that would win over `pin_variables`."""
    return {key: value for key, value in environ.items() if not key.startswith(_STRONGER)}
