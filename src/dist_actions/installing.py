"""How a release is installed safely from its index; pure.

Never by a second index beside a public one: an installer takes the highest version from either, so
whoever registers the name publicly would be installed.
"""

from packaging.utils import NormalizedName
from packaging.version import Version


def install_commands(project: NormalizedName, version: Version, index_url: str) -> str:
    """Markdown that shows how to install exactly this release."""
    return (
        "Install it from this index alone; credentials come from keyring or `.netrc`:\n\n"
        "```console\n"
        f"pip install --index-url {index_url} {project}=={version}\n"
        f"uv pip install --default-index {index_url} {project}=={version}\n"
        "```\n"
    )
