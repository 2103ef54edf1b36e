"""The starters in `examples/`: which workflows each has."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from dist_actions.errors import DistActionsError

#: The workflows of the starter that has no folder of its own.
BASE = ("auto-tag.yml", "release.yml", "promote.yml", "pull-request.yml")
#: Starters that fit a kind of project, which its files tell; the others a person chooses.
BY_KIND = frozenset(
    {"monorepo", "setuptools-scm", "computed-version", "legacy-setup-py", "cibuildwheel", "maturin"}
)
#: By which a person chooses the starter without a name, whatever the files tell.
ARTIFACT_REGISTRY = "artifact-registry"
#: Starters of one environment, whose name is that of the GitHub Environment that publishes.
ONE_ENVIRONMENT = {"pypi": "pypi"}


def starters_folder() -> Path:
    """Find the starters: a package brings them along, a checkout has them in `examples`.

    Raises:
        DistActionsError: They are not there.
    """
    package = Path(str(files("dist_actions")))
    for folder in (package / "starters", package.parents[1] / "examples"):
        if (folder / BASE[0]).is_file():
            return folder
    raise DistActionsError(
        "The starters of dist-actions are not on this machine.",
        why="they come with the package, or stand in examples/ of a checkout.",
        fix="install dist-actions anew.",
    )


def read_starters(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Read the workflows of every starter by its name; the base has no name.

    A starter of several repositories has the same workflows in each.
    """
    starters = {"": _read(folder, BASE)}
    patterns = ("*/.github/workflows", "*/*/.github/workflows")
    for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
        names = tuple(sorted(file.name for file in path.glob("*.y*ml")))
        starters[path.relative_to(folder).parts[0]] = _read(path, names)
    return starters


def _read(folder: Path, names: tuple[str, ...]) -> Mapping[str, str]:
    return {
        name: (folder / name).read_text(encoding="utf-8")
        for name in names
        if (folder / name).is_file()
    }
