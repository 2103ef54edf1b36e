"""The errors of the checks of distributions, each in three parts."""

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.errors import BuildError, ReleaseError


def quoted(name: str) -> str:
    """Quote a member's name for a message, in one short line."""
    return repr(name if len(name) <= QUOTED_NAME else f"{name[:QUOTED_NAME]}…")


def damaged(file_name: str, finding: str) -> ReleaseError:
    """Refuse an archive that tools cannot read, or that two tools would read differently."""
    return ReleaseError(
        f"{file_name} cannot be read: {finding}.",
        why="the file is damaged, or was altered after the build; pip, uv and the index could "
        "find different files in it.",
        fix="build it again, and publish what the build backend wrote, unchanged.",
        anchor="archives",
    )


def hostile(file_name: str, finding: str) -> ReleaseError:
    """Refuse an archive that could do harm where it is unpacked."""
    return ReleaseError(
        f"{file_name} must not be published: {finding}.",
        why="unpacking it could write outside its folder, replace files or fill the disk.",
        fix="list the archive (`python -m zipfile -l` or `tar -tvzf`), and keep what is named "
        "here out of the build.",
        anchor="archives",
    )


def malformed(file_name: str, finding: str) -> BuildError:
    """Refuse a readable archive that is no valid wheel or sdist."""
    return BuildError(
        f"{file_name} is not valid: {finding}.",
        why="the wheel or sdist was renamed, repacked or edited after the build, or its backend "
        "does not keep to the standard.",
        fix="build it again with `python -m build`; change tags with `wheel tags` and contents "
        "with `wheel unpack` and `wheel pack`, which rewrite RECORD.",
        anchor="wheels-and-sdists",
    )


def holds_credentials(file_name: str, member: str, description: str) -> ReleaseError:
    """Refuse a distribution that would hand somebody's credentials to everybody who installs it."""
    return ReleaseError(
        f"{file_name} holds {member[:QUOTED_NAME]}, {description}.",
        why="files of that name hold credentials; whoever installs the package gets them.",
        fix="remove it from the workspace before the build, exclude it from the distribution, and "
        "revoke the credential if the file was ever public.",
        anchor="credentials-in-a-distribution",
    )
