"""Work out the tags that a push stands for, offline and without a secret.

The job holds the App's key, so nothing of the project runs here: versions are read from files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.abbreviation import short_sha
from dist_actions.auto_tag.inputs import AutoTagInputs
from dist_actions.auto_tag.planning import Candidate, UnversionedCandidate
from dist_actions.errors import DistActionsError, InputError
from dist_actions.pipeline.environments import Environment
from dist_actions.pipeline.packages import (
    Package,
    PackageFolder,
    folder_of,
    other_project_name,
)
from dist_actions.pipeline.settings import Settings
from dist_actions.pipeline.tags import TagFormat
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.versions import (
    ProjectFiles,
    VersionSource,
    find_deriver,
    find_name,
    read_version,
    require_releasable,
    require_tellable,
)
from dist_actions.versions.project_files import normalised


@dataclass(frozen=True)
class Push:
    """A pushed commit, and the settings that apply to it."""

    workspace: Path
    environment: Environment
    settings: Settings
    commit_sha: str

    @property
    def production(self) -> str:
        """Return the environment's name if it is production, otherwise an empty text."""
        environment = self.environment
        return environment.name if environment == self.settings.environments.production else ""


def find_candidates(
    push: Push, inputs: AutoTagInputs, git: Git
) -> tuple[Candidate | UnversionedCandidate, ...]:
    """Find the tags of all packages that this run is about.

    There are none where no package has come to this branch yet.

    Raises:
        InputError: A version is missing or must not be tagged; nothing at all is tagged then.
    """
    _require_checked_out(git.head_commit(), push.commit_sha)
    packages = select_packages(push.settings.packages, inputs.package, inputs.package_path)
    source = inputs.version_source
    if not packages:
        project = ProjectFiles(push.workspace, inputs.package_path)
        folder = PackageFolder(inputs.package_path)
        tree_sha = git.tree(push.commit_sha)
        tag_format = push.settings.tag_format
        pushed = _PushedPackage(push, project, source, tag_format, folder, tree_sha)
        return _require_derived([pushed.find_candidate(inputs)], inputs)
    if not inputs.package:
        packages = _present(packages, push)
    if len(packages) > 1 and source != VersionSource():
        raise _one_version_for_all(packages)
    pushed_packages = [_read_package(push, package, source, git) for package in packages]
    return _require_derived(_find_all(pushed_packages, inputs), inputs)


def select_packages(packages: Sequence[Package], name: str, path: str) -> tuple[Package, ...]:
    """Select the packages that the inputs `package` and `package-path` name.

    Args:
        packages: Those of the settings; empty where the repository holds only one.
        name: The input `package`, in any spelling; empty for all.
        path: The input `package-path`; `.` for all.

    Raises:
        InputError: There is no such package, or the two name different ones.
    """
    path = str(PurePosixPath(path))
    selected = tuple(
        package
        for package in packages
        if (not name or package.name == canonicalize_name(name)) and path in {".", package.path}
    )
    if not selected and (name or packages):
        raise _no_package(packages, name, path)
    return selected


def _require_derived(
    candidates: Sequence[Candidate | UnversionedCandidate], inputs: AutoTagInputs
) -> tuple[Candidate | UnversionedCandidate, ...]:
    """Refuse the input `bump` where no version is derived from tags; one by hand wins over it."""
    declared = [candidate for candidate in candidates if isinstance(candidate, Candidate)]
    if inputs.bump and not inputs.version_source.version and len(declared) == len(candidates) > 0:
        raise _not_derived(declared[0], inputs.bump)
    return tuple(candidates)


def _require_checked_out(head: str, commit_sha: str) -> None:
    """Refuse a checkout whose version may be another one than the pushed commit's."""
    if head != commit_sha:
        raise InputError(
            f"The checkout is at {short_sha(head)}, but this run is for {short_sha(commit_sha)}.",
            why="a step before checked out another commit, so the version may be another one.",
            fix="leave out `ref:` in actions/checkout, or give the commit as the input sha.",
            anchor="checkout",
        )


def _present(packages: tuple[Package, ...], push: Push) -> tuple[Package, ...]:
    """Leave out packages without a folder: a promotion of one package brings no other along.

    In the first environment, where packages come from, a folder that is missing is a mistake.
    """
    if push.settings.environments.before(push.environment) is None:
        return packages
    return tuple(package for package in packages if (push.workspace / package.path).is_dir())


@dataclass(frozen=True)
class _PushedPackage:
    """One package of a push, before its version is read; the only package has no name yet."""

    push: Push
    project: ProjectFiles
    source: VersionSource
    tag_format: str
    folder: PackageFolder
    tree_sha: str
    name: NormalizedName | None = None

    def find_candidate(self, inputs: AutoTagInputs) -> Candidate | UnversionedCandidate:
        """Read the version, and form the package's tag.

        Raises:
            InputError: The version is missing or must not be tagged.
        """
        environment, environments = self.push.environment, self.push.settings.environments
        position = (self.push.commit_sha, self.tree_sha, self.folder)
        explicit = self.source.version or self.source.file
        deriver = None if explicit else find_deriver(self.project)
        previous = environments.before(environment)
        if deriver and (previous or inputs.bump):
            require_tellable(deriver)
            name = self.name or normalised(find_name(self.project))
            tags = TagFormat(self.tag_format, name, environments.suffixes)
            return UnversionedCandidate(
                deriver, environment, previous, tags, *position, bump=inputs.bump
            )
        version = read_version(self.project, self.source, find_matches)
        require_releasable(
            version, allow_prerelease=inputs.allow_prerelease, environment=self.push.production
        )
        if self.name and version.name and version.name != self.name:
            location = self.project.location("pyproject.toml")
            raise other_project_name(self.name, version.name, location)
        version = replace(version, name=self.name or version.name)
        tags = TagFormat(self.tag_format, version.name, environments.suffixes)
        tag = tags.format(version.version, environment.suffix)
        return Candidate(environment, version, tag, *position)


def _read_package(push: Push, package: Package, source: VersionSource, git: Git) -> _PushedPackage:
    """Collect what is known of one package of several; the inputs win over its settings."""
    folder = folder_of(package, push.settings.packages)
    return _PushedPackage(
        push,
        ProjectFiles(push.workspace, package.path),
        source if source != VersionSource() else package.version_source,
        package.tag_format,
        folder,
        git.subtree(push.commit_sha, folder.compared, without=folder.without),
        package.name,
    )


def _find_all(
    packages: Sequence[_PushedPackage], inputs: AutoTagInputs
) -> list[Candidate | UnversionedCandidate]:
    """Read every package before refusing any, so that one run shows all that is wrong."""
    candidates: list[Candidate | UnversionedCandidate] = []
    errors: list[tuple[str, DistActionsError]] = []
    for package in packages:
        try:
            candidates.append(package.find_candidate(inputs))
        except DistActionsError as error:
            errors.append((package.name or "", error))
    if errors:
        raise _join_errors(errors)
    return candidates


def _join_errors(errors: Sequence[tuple[str, DistActionsError]]) -> DistActionsError:
    """Add to the first package's error what is wrong with the others."""
    joined = errors[0][1]
    joined.what = " ".join(f"Package {name}: {error.what}" for name, error in errors)
    joined.why = " ".join(dict.fromkeys(error.why for _, error in errors))
    fixes = " ".join(dict.fromkeys(error.fix for _, error in errors))
    joined.fix = f"{fixes} Until then no package is tagged."
    return joined


def _not_derived(candidate: Candidate, bump: str) -> InputError:
    location = candidate.version.location
    return InputError(
        f"The input bump is {bump}, but {location} says the version itself: "
        f"{candidate.version.version}.",
        why="bump proposes the version of a project that derives it from git tags; here the file "
        "decides, and a build would still have its version.",
        fix="leave bump out and raise the version in that file; or derive it from tags, as the "
        "starter examples/setuptools-scm does.",
        location=location,
        anchor="bump",
    )


def _no_package(packages: Sequence[Package], name: str, path: str) -> InputError:
    inputs = [f"package is {name!r}"] if name else []
    inputs += [f"package-path is {path!r}"] if path != "." else []
    listing = ", ".join(f"{package.name} in {package.path}" for package in packages)
    return InputError(
        f"The input {' and '.join(inputs)}, but the settings have no such package.",
        why=f"they list {listing}." if listing else "they list no packages at all.",
        fix="correct the input, or add the package to .github/dist-actions.toml.",
        anchor="packages",
    )


def _one_version_for_all(packages: Sequence[Package]) -> InputError:
    names = ", ".join(package.name for package in packages)
    return InputError(
        "The inputs version, version-file and version-pattern are for one package, "
        f"but this run is about {len(packages)}: {names}.",
        why="each package has a version of its own.",
        fix="name one by the input package, or set version-file for each in the settings.",
        anchor="packages",
    )
