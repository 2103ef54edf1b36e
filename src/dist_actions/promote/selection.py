"""Choose what a run promotes: from where to where, which package, and by which tags; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.abbreviation import short_sha
from dist_actions.errors import InputError
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.packages import Package
from dist_actions.pipeline.tags import ParsedTag, TagFormat
from dist_actions.promote.promotion import Promotion

#: The input `package` for the whole repository.
ALL = "all"


@dataclass(frozen=True)
class PromotionRequest:
    """What a run is asked for: the tag that it is for, and the inputs; empty for none."""

    tag: str = ""
    from_name: str = ""
    to_name: str = ""
    version: str = ""
    package: str = ""
    allow_skip: bool = False


@dataclass(frozen=True)
class Selection:
    """What is promoted, as far as it can be told before any commit was fetched.

    Attributes:
        source: The environment that the version was released in.
        target: The environment that it is brought to.
        tags: Tags in `source`; what is promoted is the one of their commits that holds all others.
        version: The version; None for all packages of several.
        package: The only package that is promoted.
        label: What the branch is named after; empty where it depends on the commit.
        tag_format: Of the tags of what has one version.
    """

    source: Environment
    target: Environment
    tags: tuple[str, ...]
    version: Version | None
    package: Package | None
    label: str
    tag_format: TagFormat | None = None

    def released_before(self, tags: Iterable[str]) -> tuple[tuple[Version, str] | None, str]:
        """Find the newest version tagged in the target, and the target's tag of this version."""
        if self.tag_format is None or self.version is None:
            return None, ""
        tags = tuple(tags)
        same_version = ParsedTag(self.version, self.target.suffix)
        same = (tag for tag in tags if self.tag_format.parse(tag) == same_version)
        return newest_tag(self.tag_format, self.target, tags), next(same, "")

    def promotion(self, tag: str, commit_sha: str) -> Promotion:
        """Make the promotion of the commit of one of its tags."""
        label = self.label or f"all-{short_sha(commit_sha)}"
        return Promotion(self.version, tag, self.source, self.target, self.package, label)


def find_package(
    packages: Sequence[Package], tag: str, suffixes: tuple[str, ...]
) -> tuple[Package, ParsedTag] | None:
    """Find the package that a tag belongs to, and what the tag says; None for a tag of none."""
    for package in packages:
        if parsed := package.tags(suffixes).parse(tag):
            return package, parsed
    return None


def select_version(
    request: PromotionRequest,
    tag_format: TagFormat,
    environments: EnvironmentMap,
    released: Sequence[str],
) -> Selection | None:
    """Choose what a run promotes in a repository of one package; None where it is in production.

    `released` are the tags of published releases, for the newest version.

    Raises:
        InputError: An environment does not exist or is skipped, or no version is found.
    """
    of_run = tag_format.parse(request.tag) if request.tag else None
    source, target = _route(request, environments, of_run)
    if target is None:
        return None
    if request.version:
        version = Version(request.version)
    elif of_run and of_run.suffix == source.suffix:
        version = of_run.version
    else:
        version = _require_newest(newest_tag(tag_format, source, released), source)[0]
    tag = tag_format.format(version, source.suffix)
    return Selection(source, target, (tag,), version, None, f"v{version}", tag_format)


def select_packages(
    request: PromotionRequest,
    packages: Sequence[Package],
    environments: EnvironmentMap,
    released: Sequence[str],
    tags: Mapping[str, str],
) -> Selection | None:
    """Choose what a run promotes in a repository of several packages.

    `released` are the tags of published releases, of which the newest are enough; `tags` is every
    tag with its commit, for packages whose release is older than those.

    Raises:
        InputError: An environment or package does not exist, or cannot be promoted like this.
    """
    suffixes = environments.suffixes
    of_run = find_package(packages, request.tag, suffixes)
    source, target = _route(request, environments, of_run[1] if of_run else None)
    package = _choose_package(request, packages, of_run[0] if of_run else None)
    if target is None:
        return None
    of_source = bool(of_run and of_run[1].suffix == source.suffix)
    if package is None:
        newest = (_newest_of(member, environments, source, released, tags) for member in packages)
        newest_tags = tuple(version_and_tag[1] for version_and_tag in newest if version_and_tag)
        return _select_all(request, source, target, (request.tag,) if of_source else newest_tags)
    tag_format = package.tags(suffixes)
    if request.version:
        version = Version(request.version)
        tag = _tag_of(tag_format, version, source, tags)
    elif of_run and of_source and of_run[0] == package:
        version, tag = of_run[1].version, request.tag
    else:
        newest_of_package = _newest_of(package, environments, source, released, tags)
        version, tag = _require_newest(newest_of_package, source, package)
    single = None if package.path == "." else package
    label = tag_format.format(version, "")
    return Selection(source, target, (tag,), version, single, label, tag_format)


def _select_all(
    request: PromotionRequest, source: Environment, target: Environment, tags: tuple[str, ...]
) -> Selection:
    if request.version:
        raise _version_of_all(request.version)
    if not tags:
        _require_newest(None, source)
    return Selection(source, target, tags, None, None, "")


def newest_tag(
    tag_format: TagFormat, environment: Environment, tags: Iterable[str]
) -> tuple[Version, str] | None:
    """Find the newest version of an environment among tags, with its tag; None for none."""
    pairs = ((tag_format.parse(tag), tag) for tag in tags)
    versions = (
        (parsed.version, tag)
        for parsed, tag in pairs
        if parsed and parsed.suffix == environment.suffix
    )
    return max(versions, default=None)


def _newest_of(
    package: Package,
    environments: EnvironmentMap,
    source: Environment,
    released: Sequence[str],
    tags: Mapping[str, str],
) -> tuple[Version, str] | None:
    tag_format = package.tags(environments.suffixes)
    return newest_tag(tag_format, source, released) or newest_tag(tag_format, source, tags)


def _tag_of(
    tag_format: TagFormat, version: Version, source: Environment, tags: Mapping[str, str]
) -> str:
    """Find the tag of a version as it was written: `4.2.0` may stand there for `4.2`."""
    parsed = ParsedTag(version, source.suffix)
    same_version = (tag for tag in tags if tag_format.parse(tag) == parsed)
    return next(same_version, tag_format.format(version, source.suffix))


def _route(
    request: PromotionRequest, environments: EnvironmentMap, of_run: ParsedTag | None
) -> tuple[Environment, Environment | None]:
    if request.from_name:
        source = _require_environment(environments, request.from_name, "from")
    elif of_run:
        source = environments.of_suffix(of_run.suffix)
    else:
        source = environments.stages[0]
    target = environments.after(source)
    if request.to_name:
        destination = _require_environment(environments, request.to_name, "to")
        skipped = environments.between(source, destination)
        if destination != target and not (request.allow_skip and skipped):
            raise _skips_environment(source, destination, target)
        target = destination
    return source, target


def _choose_package(
    request: PromotionRequest, packages: Sequence[Package], of_run: Package | None
) -> Package | None:
    """Choose the package that is promoted; None for all."""
    if request.package:
        name = canonicalize_name(request.package)
        package = next((member for member in packages if member.name == name), None)
        if package is None and name != ALL:
            raise no_package(request.package, packages)
    else:
        package = of_run
    if package and package.path == "." and len(packages) > 1:
        raise _root_alone(package)
    return package


def _root_alone(package: Package) -> InputError:
    return InputError(
        f"{package.name} cannot be promoted alone.",
        why="it lies in the repository's root, around all other packages.",
        fix=f"write `package: {ALL}`.",
        anchor="packages",
    )


def no_package(name: str, packages: Sequence[Package]) -> InputError:
    """Explain why a name that was given as `package` cannot be used."""
    names = ", ".join(package.name for package in packages)
    return InputError(
        f"The input package is {name!r}, which is no package of this repository.",
        why=f"the settings list {names}." if names else "its settings list no packages.",
        fix=f"give one of them or `{ALL}`, or let actions/checkout run before this step, so that "
        "the settings can be read.",
        anchor="packages",
    )


def _version_of_all(version: str) -> InputError:
    return InputError(
        f"The input version is {version}, but all packages are to be promoted.",
        why="each package has a version of its own.",
        fix="name the package in the input `package`, or leave out `version`.",
        anchor="packages",
    )


def _require_environment(environments: EnvironmentMap, name: str, label: str) -> Environment:
    environment = environments.named(name)
    if environment is None:
        names = ", ".join(stage.name for stage in environments.stages)
        raise InputError(
            f"The input {label} is {name!r}, which is no environment.",
            why=f"the environments are {names}.",
            fix=f"give one of them as {label}, or leave it out.",
            anchor="environments",
        )
    return environment


def _skips_environment(
    source: Environment, target: Environment, after: Environment | None
) -> InputError:
    return InputError(
        f"{target.name} does not follow {source.name}.",
        why=f"what follows is {after.name if after else 'nothing'}; a stage that is skipped "
        "would never have tested the version.",
        fix="leave out the input to, and promote step by step; for an emergency, a stage ahead can "
        "be named together with allow-skip.",
        anchor="environments",
    )


def _require_newest(
    newest: tuple[Version, str] | None, source: Environment, package: Package | None = None
) -> tuple[Version, str]:
    if newest is None:
        of_package = f" of {package.name}" if package else ""
        raise InputError(
            f"No version{of_package} was released in {source.name} yet.",
            why="there is no published GitHub release with a tag of that environment.",
            fix=f"push to {source.branch} first, or give the inputs from and version.",
            anchor="promote-nothing",
        )
    return newest
