"""What tag a version has in a repository's settings, and what a tag says; pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from packaging.version import Version

from dist_actions.abbreviation import QUOTED_NAME
from dist_actions.errors import InputError
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.settings import Settings, read_settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.versions import ProjectFiles, find_name
from dist_actions.versions.project_files import normalised


@dataclass(frozen=True)
class TagAnswer:
    """A tag and all that it tells; the package is empty where the project's files lack its name."""

    tag: str
    version: str
    environment: str
    suffix: str
    package: str

    def as_dict(self) -> dict[str, object]:
        """Return the answer by key, for JSON."""
        return asdict(self)


class TagQuestions:
    """Answers for the repository that a folder belongs to."""

    def __init__(self, folder: Path) -> None:
        """Read the settings.

        Raises:
            InputError: They cannot be used.
        """
        self._project = find_project(folder)
        self._settings = read_settings(self._project.workspace, self._project.package_path)

    def format(self, version: str, environment: str, package: str) -> TagAnswer:
        """Write the tag of a version.

        Args:
            environment: Name of one of the environments; empty for production.
            package: Name of one of the packages; may be empty where there is no choice.

        Raises:
            InputError: One of them is unknown, or the version is none.
        """
        stage = self._stage(environment)
        name, tags = self._choose(package)
        parsed = _parse_version(version)
        return TagAnswer(
            tags.format(parsed, stage.suffix), str(parsed), stage.name, stage.suffix, name
        )

    def parse(self, tag: str) -> TagAnswer:
        """Read what a tag tells.

        Raises:
            InputError: It is of no package's form.
        """
        formats = tag_formats(self._settings, self._project)
        for name, tags in formats.items():
            parsed = tags.parse(tag)
            if parsed is not None:
                stage = self._settings.environments.of_suffix(parsed.suffix)
                return TagAnswer(tag, str(parsed.version), stage.name, stage.suffix, name)
        suffixes = self._settings.environments.suffixes
        raise InputError(
            f"The tag {tag[:QUOTED_NAME]!r} is not of the form "
            f"{' or '.join(sorted({tags.template for tags in formats.values()}))}.",
            why="the version in it is not in its normal form, or its suffix is none of "
            f"{', '.join(suffix or '(none)' for suffix in suffixes)}.",
            fix="correct the tag, or set tag-format to the form of your tags.",
            anchor="tag-format",
        )

    def _stage(self, name: str) -> Environment:
        environments = self._settings.environments
        stage = environments.named(name) if name else environments.production
        if stage is None:
            raise unknown_name(
                "environment", name, [environment.name for environment in environments.stages]
            )
        return stage

    def _choose(self, package: str) -> tuple[str, TagFormat]:
        formats = tag_formats(self._settings, self._project)
        name: str
        if package:
            name = normalised(package)
        else:
            path = self._project.package_path
            names = (entry.name for entry in self._settings.packages if entry.path == path)
            name = next(names, next(iter(formats)) if len(formats) == 1 else normalised(""))
        if name not in formats:
            raise unknown_name("package", package, list(formats))
        return name, formats[name]


def tag_formats(settings: Settings, project: ProjectFiles) -> dict[str, TagFormat]:
    """List the form of tags of every package by its name."""
    suffixes = settings.environments.suffixes
    if settings.packages:
        return {package.name: package.tags(suffixes) for package in settings.packages}
    name = normalised(find_name(project))
    return {name: TagFormat(settings.tag_format, name, suffixes)}


def find_project(folder: Path) -> ProjectFiles:
    """Find the project in a folder, and the root of the repository that it belongs to.

    Raises:
        InputError: There is no such folder.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {str(folder)[:QUOTED_NAME]!r}.",
            why="settings and projects are read from a folder.",
            fix="name the folder of a project, or leave it out for the current one.",
        )
    roots = (parent for parent in (folder, *folder.parents) if (parent / ".git").exists())
    root = next(roots, folder)
    return ProjectFiles(root, folder.relative_to(root).as_posix())


def _parse_version(text: str) -> Version:
    try:
        version = Version(text)
    except ValueError as error:
        raise _no_version(text, "write a version such as 1.4.0, without a suffix.") from error
    if str(version) != text:
        # A parser takes 0.5.0-dev for the version 0.5.0.dev0, but the environment dev was meant.
        raise _no_version(text, f"write {version}, and name an environment by --environment.")
    return version


def _no_version(text: str, fix: str) -> InputError:
    return InputError(
        f"{text[:QUOTED_NAME]!r} is not a version in its normal form.",
        why="Python packages number their releases by PEP 440, and tags repeat its normal form.",
        fix=fix,
        anchor="version",
    )


def unknown_name(kind: str, name: str, names: Sequence[str]) -> InputError:
    """Refuse a name that an option gives; without any names there is nothing to choose from."""
    return InputError(
        f"{name[:QUOTED_NAME]!r} is no {kind} of this repository."
        if name
        else f"The repository has several {kind}s, and none is named.",
        why=("its settings name others." if names else "its settings list none.")
        if name
        else "each has tags of its own.",
        fix=f"give one of {', '.join(names)} as --{kind}." if names else f"leave --{kind} out.",
        anchor="settings",
    )
