"""Which packages a run is about; pure."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from dist_actions.errors import InputError
from dist_actions.pipeline.packages import Package


def select_packages(packages: Sequence[Package], name: str, path: str) -> tuple[Package, ...]:
    """The packages that the inputs `package` and `package-path` leave over.

    Args:
        packages: Those of the settings; empty where the repository holds only one.
        name: The input `package`, in any spelling; empty for all.
        path: The input `package-path`; `.` for all.

    Raises:
        InputError: There is no such package, or the two name different ones.
    """
    chosen = tuple(packages)
    if name:
        chosen = tuple(one for one in chosen if one.name == canonicalize_name(name))
    wanted = str(PurePosixPath(path))
    if packages and wanted != ".":
        chosen = tuple(one for one in chosen if one.path == wanted)
    if not chosen and (name or packages):
        raise _no_package(packages, name, wanted)
    return chosen


def _no_package(packages: Sequence[Package], name: str, path: str) -> InputError:
    given = [f"package is {name!r}"] if name else []
    given += [f"package-path is {path!r}"] if path != "." else []
    known = ", ".join(f"{one.name} in {one.path}" for one in packages)
    return InputError(
        f"The input {' and '.join(given)}, but the settings have no such package.",
        why=f"they list {known}." if known else "they list no packages at all.",
        fix="correct the input, or add the package to .github/dist-actions.toml.",
        anchor="packages",
    )
