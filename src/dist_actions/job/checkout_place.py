"""Find the checkout of a job: the workspace itself, or the folder that its `path:` names."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class CheckoutPlace:
    """Where a checkout is.

    Attributes:
        repository: Its root.
        package_path: The package's folder below the root; `.` for the root itself.
    """

    repository: Path
    package_path: str


def find_checkout(workspace: Path, package_path: str) -> CheckoutPlace:
    """Find the repository that holds a package.

    Args:
        package_path: Below the workspace, or below the root of the repository there.
    """
    if (workspace / ".git").exists():
        return CheckoutPlace(workspace, package_path)
    path = PurePosixPath(package_path)
    for folder in reversed((path, *path.parents)):
        if (workspace / folder / ".git").exists():
            return CheckoutPlace(workspace / folder, path.relative_to(folder).as_posix())
    return CheckoutPlace(workspace, package_path)
