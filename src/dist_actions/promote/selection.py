"""Chooses what a run promotes: from where to where, which package, and by which tags; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.errors import InputError
from dist_actions.pipeline.environments import Environment, EnvironmentMap
from dist_actions.pipeline.packages import Package
from dist_actions.pipeline.tags import ParsedTag, TagFormat
from dist_actions.promote.promotion import Promotion

#: The input `package` for the whole repository.
ALL = "all"


@dataclass(frozen=True)
class Wish:
    """What a run is asked for.

    Attributes:
        tag: The tag that it is for; empty where it is for none.
        from_name: The input `from`, and so on.
        allow_skip: Whether environments between both ends may be left out.
    """

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
        """The newest version that is tagged in the target, and its tag of this very version."""
        if self.tag_format is None or self.version is None:
            return None, ""
        tags = tuple(tags)
        wanted = ParsedTag(self.version, self.target.suffix)
        same = (tag for tag in tags if self.tag_format.parse(tag) == wanted)
        return newest_tag(self.tag_format, self.target, tags), next(same, "")

    def promotion(self, tag: str, commit_sha: str) -> Promotion:
        """The promotion of the commit of one of its tags."""
        label = self.label or f"all-{commit_sha[:7]}"
        return Promotion(self.version, tag, self.source, self.target, self.package, label)


def find_package(
    packages: Sequence[Package], tag: str, suffixes: tuple[str, ...]
) -> tuple[Package, ParsedTag] | None:
    """The package that a tag belongs to, and what the tag says; None for a tag of none."""
    parsed = ((package, package.tags(suffixes).parse(tag)) for package in packages)
    return next(((package, found) for package, found in parsed if found), None)


def select_version(
    wish: Wish, tag_format: TagFormat, environments: EnvironmentMap, released: Sequence[str]
) -> Selection | None:
    """What a run promotes in a repository of one package; None where it is in production already.

    Args:
        wish: What it is asked for.
        tag_format: Of the project's tags.
        environments: The chain.
        released: Tags of published releases, for the newest version.

    Raises:
        InputError: An environment does not exist or is skipped, or no version is found.
    """
    of_run = tag_format.parse(wish.tag) if wish.tag else None
    source, target = _route(wish, environments, of_run)
    if target is None:
        return None
    if wish.version:
        version = Version(wish.version)
    elif of_run and of_run.suffix == source.suffix:
        version = of_run.version
    else:
        version = _require_newest(newest_tag(tag_format, source, released), source)[0]
    tag = tag_format.format(version, source.suffix)
    return Selection(source, target, (tag,), version, None, f"v{version}", tag_format)


def select_packages(
    wish: Wish,
    packages: Sequence[Package],
    environments: EnvironmentMap,
    released: Sequence[str],
    tags: Mapping[str, str],
) -> Selection | None:
    """What a run promotes in a repository of several packages.

    Args:
        wish: What it is asked for.
        packages: All of them.
        environments: The chain.
        released: Tags of published releases; the newest ones are enough.
        tags: Every tag with its commit, for packages whose release is older than those.

    Raises:
        InputError: An environment or package does not exist, or cannot be promoted like this.
    """
    suffixes = environments.suffixes
    of_run = find_package(packages, wish.tag, suffixes)
    source, target = _route(wish, environments, of_run[1] if of_run else None)
    package = _choose_package(wish, packages, of_run[0] if of_run else None)
    if target is None:
        return None
    of_source = bool(of_run and of_run[1].suffix == source.suffix)
    if package is None:
        newest = (_newest_of(one, environments, source, released, tags) for one in packages)
        every = (wish.tag,) if of_source else tuple(found[1] for found in newest if found)
        return _select_all(wish, source, target, every)
    tag_format = package.tags(suffixes)
    if wish.version:
        version = Version(wish.version)
        tag = _tag_of(tag_format, version, source, tags)
    elif of_run and of_source and of_run[0] == package:
        version, tag = of_run[1].version, wish.tag
    else:
        found = _newest_of(package, environments, source, released, tags)
        version, tag = _require_newest(found, source, package)
    single = None if package.path == "." else package
    label = tag_format.format(version, "")
    return Selection(source, target, (tag,), version, single, label, tag_format)


def _select_all(
    wish: Wish, source: Environment, target: Environment, tags: tuple[str, ...]
) -> Selection:
    if wish.version:
        raise _version_of_all(wish.version)
    if not tags:
        _require_newest(None, source)
    return Selection(source, target, tags, None, None, "")


def newest_tag(
    tag_format: TagFormat, environment: Environment, tags: Iterable[str]
) -> tuple[Version, str] | None:
    """The newest version of an environment among tags, with its tag; None where it has none."""
    parsed = ((tag, tag_format.parse(tag)) for tag in tags)
    found = [(one.version, tag) for tag, one in parsed if one and one.suffix == environment.suffix]
    return max(found, default=None)


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
    """The tag of a version as it was written: `4.2.0` may stand there for `4.2`."""
    wanted = ParsedTag(version, source.suffix)
    spelled = (tag for tag in tags if tag_format.parse(tag) == wanted)
    return next(spelled, tag_format.format(version, source.suffix))


def _route(
    wish: Wish, environments: EnvironmentMap, of_run: ParsedTag | None
) -> tuple[Environment, Environment | None]:
    if wish.from_name:
        source = _named(environments, wish.from_name, "from")
    elif of_run:
        source = environments.of_suffix(of_run.suffix)
    else:
        source = environments.stages[0]
    target = environments.after(source)
    if wish.to_name:
        wanted = _named(environments, wish.to_name, "to")
        skipped = environments.between(source, wanted)
        if wanted != target and not (wish.allow_skip and skipped):
            raise _skips(source, wanted, target)
        target = wanted
    return source, target


def _choose_package(
    wish: Wish, packages: Sequence[Package], of_run: Package | None
) -> Package | None:
    """The package that is promoted; None for all."""
    if wish.package:
        name = canonicalize_name(wish.package)
        chosen = next((one for one in packages if one.name == name), None)
        if chosen is None and name != ALL:
            raise no_package(wish.package, packages)
    else:
        chosen = of_run
    if chosen and chosen.path == "." and len(packages) > 1:
        raise InputError(
            f"{chosen.name} cannot be promoted alone.",
            why="it lies in the repository's root, around all other packages.",
            fix=f"write `package: {ALL}`.",
            anchor="packages",
        )
    return chosen


def no_package(name: str, packages: Sequence[Package]) -> InputError:
    """Why a name that was given as `package` cannot be used."""
    known = ", ".join(one.name for one in packages)
    return InputError(
        f"The input package is {name!r}, which is no package of this repository.",
        why=f"the settings list {known}." if known else "its settings list no packages.",
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


def _named(environments: EnvironmentMap, name: str, label: str) -> Environment:
    found = environments.named(name)
    if found is None:
        known = ", ".join(stage.name for stage in environments.stages)
        raise InputError(
            f"The input {label} is {name!r}, which is no environment.",
            why=f"the environments are {known}.",
            fix=f"give one of them as {label}, or leave it out.",
            anchor="environments",
        )
    return found


def _skips(source: Environment, wanted: Environment, after: Environment | None) -> InputError:
    return InputError(
        f"{wanted.name} does not follow {source.name}.",
        why=f"what follows is {after.name if after else 'nothing'}; a stage that is skipped "
        "would never have tested the version.",
        fix="leave out the input to, and promote step by step; for an emergency, a stage ahead can "
        "be named together with allow-skip.",
        anchor="environments",
    )


def _require_newest(
    found: tuple[Version, str] | None, source: Environment, package: Package | None = None
) -> tuple[Version, str]:
    if found is None:
        of_package = f" of {package.name}" if package else ""
        raise InputError(
            f"No version{of_package} was released in {source.name} yet.",
            why="there is no published GitHub release with a tag of that environment.",
            fix=f"push to {source.branch} first, or give the inputs from and version.",
            anchor="promote-nothing",
        )
    return found
