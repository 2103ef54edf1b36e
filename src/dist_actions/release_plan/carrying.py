"""Decide whether a release carries the files of an earlier environment or builds them; pure.

One version is one set of bytes: what an earlier environment released under this version is taken
over unchanged, and another tree under the same version is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dist_actions.abbreviation import short_sha
from dist_actions.distributions.manifest import MANIFEST_NAME, CarriedFrom, FirstBuild, Manifest
from dist_actions.errors import ReleaseError
from dist_actions.markdown import code, escape
from dist_actions.pipeline.environments import Environment
from dist_actions.release_plan.planning import ReleasePlan, Trees

Artifacts = Literal["auto", "carry", "build"]
ARTIFACTS: tuple[Artifacts, ...] = ("auto", "carry", "build")
VerifyRebuild = Literal["off", "warn", "strict"]
VERIFY_REBUILD: tuple[VerifyRebuild, ...] = ("off", "warn", "strict")


@dataclass(frozen=True)
class PlanInputs:
    """The inputs that a plan depends on, as in `release/action.yml`."""

    tag: str
    artifacts: Artifacts
    package_path: str
    tag_format: str
    environments: str


@dataclass(frozen=True)
class EarlierVersion:
    """This version as an earlier environment has it.

    `lacking` says in words what its release lacks; it is empty where the release has all.
    """

    environment: Environment
    tag: str
    commit_sha: str
    trees: Trees
    lacking: str = ""


@dataclass(frozen=True)
class EarlierRelease(EarlierVersion):
    """An earlier environment's release with its manifest, and the digest of these bytes."""

    manifest: Manifest = field(kw_only=True)
    manifest_sha256: str = field(kw_only=True)


@dataclass(frozen=True)
class FileSource:
    """Where the files of a release come from, and why.

    Attributes:
        reason: Why, in words.
        carried: The release whose files are carried; None where they are built.
        compared: A release of this version that a build is compared with.
        doubtful: Whether an earlier environment has this version, and nothing of it to carry.
    """

    reason: str
    carried: EarlierRelease | None = None
    compared: EarlierRelease | None = None
    doubtful: bool = False

    @property
    def kind(self) -> Literal["carry", "build"]:
        """Name what is done, as the output `source` does."""
        return "carry" if self.carried else "build"

    @property
    def carried_from(self) -> str:
        """Name the tag of the release that is carried; empty for a build."""
        return self.carried.tag if self.carried else ""

    @property
    def manifest_sha256(self) -> str:
        """Return the digest of the manifest that is carried; empty for a build."""
        return self.carried.manifest_sha256 if self.carried else ""

    def describe(self) -> str:
        """Say in one line of Markdown what is done and why."""
        action = f"carried from {code(self.carried_from)}" if self.carried else "built"
        return f"{action}: {escape(self.reason)}"


def decide(
    plan: ReleasePlan, versions: Sequence[EarlierVersion], artifacts: Artifacts
) -> FileSource:
    """Decide whether to carry or to build.

    Args:
        versions: The version in earlier environments, the nearest first, all with the same tree;
            the last one may be complete, the others lack something.

    Raises:
        ReleaseError: Nothing can be carried and `artifacts` is `carry`.
    """
    release = next((version for version in versions if isinstance(version, EarlierRelease)), None)
    if release and artifacts != "build":
        reason = f"{release.environment.name} released this tree as {plan.version}"
        return FileSource(reason, carried=release)
    if release:
        reason = f"artifacts is build; {release.tag} has files, too"
        return FileSource(reason, compared=release)
    reason = _why_nothing_is_carried(plan, versions)
    if artifacts == "carry":
        raise _nothing_to_carry(plan, reason)
    return FileSource(reason, doubtful=bool(versions))


def require_planned(source: FileSource, planned_sha256: str) -> None:
    """Refuse another decision than that of the phase `plan`.

    Args:
        planned_sha256: Output carried-manifest-sha256 of the plan; empty where it was to build.

    Raises:
        ReleaseError: The release that was to be carried is gone, or another one.
    """
    sha256 = source.manifest_sha256
    if planned_sha256 and sha256 != planned_sha256:
        raise ReleaseError(
            f"The plan was to carry the files of the manifest {planned_sha256}, and "
            f"{f'{source.carried_from} has {sha256}' if sha256 else 'nothing is carried'} now.",
            why="the earlier release was changed or removed while this run was under way, or this "
            "job's input artifacts is another than the plan's.",
            fix="find out who changed it; then run all jobs of the workflow again.",
            anchor="carry",
        )


def carried_manifest(plan: ReleasePlan, release: EarlierRelease, reason: str) -> Manifest:
    """Make the manifest of a release that carries: the same files, for another environment."""
    return replace(
        release.manifest,
        **release_fields(plan),
        built_for=release.manifest.first_build,
        reason=reason,
        carried_from=CarriedFrom(
            release.environment.name,
            release.tag,
            release.commit_sha,
            release.trees.commit,
            release.manifest_sha256,
        ),
    )


def release_fields(plan: ReleasePlan) -> dict[str, Any]:
    """List what a manifest says of the release itself, wherever its files come from."""
    environment, package = plan.environment, plan.package
    return {
        "tag": plan.tag,
        "tag_format": plan.tags.template,
        "suffixes": plan.tags.suffixes,
        "commit_sha": plan.commit_sha,
        "tree_sha": plan.trees.commit,
        "environment": environment.name,
        "github_environment": environment.github_environment,
        "suffix": environment.suffix,
        "prerelease": environment.prerelease,
        "production": plan.production,
        "package_path": package.folder.path if package.folder.several else "",
        "leading": package.leading,
        "package_tree": plan.trees.package,
    }


def first_build(plan: ReleasePlan) -> FirstBuild:
    """Record that files are built for this release."""
    return FirstBuild(plan.environment.name, plan.tag, plan.commit_sha)


def require_manifest_of(plan: ReleasePlan, version: EarlierVersion, manifest: Manifest) -> None:
    """Refuse a manifest that does not describe the release that it is an asset of.

    Raises:
        ReleaseError: It names another project, version, tag, commit or tree.
    """
    checks = {
        "name": (manifest.project, plan.declared.name or manifest.project),
        "version": (str(manifest.version), str(plan.version)),
        "tag": (manifest.tag, version.tag),
        "commit": (manifest.commit_sha, version.commit_sha),
        "tree": (manifest.tree_sha, version.trees.commit),
    }
    problems = [
        f"{field_name} {actual!r} is not {expected!r}"
        for field_name, (actual, expected) in checks.items()
        if actual != expected
    ]
    if problems:
        raise ReleaseError(
            f"{MANIFEST_NAME} of the release {version.tag} is of something else: "
            f"{'; '.join(problems)}.",
            why="the tag was moved after its release, or somebody replaced the manifest.",
            fix="find out who; raise the version.",
            anchor="carry",
        )


def require_same_tree(plan: ReleasePlan, version: EarlierVersion) -> None:
    """Refuse a version that an earlier environment has with other files.

    Raises:
        ReleaseError: It has.
    """
    if plan.trees.package and not version.trees.package:
        return  # nothing tells, so it counts as missing
    if version.trees.compared != plan.trees.compared:
        raise _other_tree(plan, version)


def _why_nothing_is_carried(plan: ReleasePlan, versions: Sequence[EarlierVersion]) -> str:
    if not plan.earlier:
        return f"{plan.environment.name} is the first environment"
    if not versions:
        return f"no earlier environment has {plan.version}"
    return "; ".join(f"{version.tag} {version.lacking}" for version in versions)


def _nothing_to_carry(plan: ReleasePlan, reason: str) -> ReleaseError:
    return ReleaseError(
        f"Nothing can be carried to {plan.tag}: {reason}.",
        why="artifacts is carry, so nothing is built here.",
        fix="release this version in the environment before, with dist-actions; or set "
        "artifacts to auto.",
        anchor="carry",
    )


def _other_tree(plan: ReleasePlan, version: EarlierVersion) -> ReleaseError:
    tree, other_tree = short_sha(plan.trees.compared), short_sha(version.trees.compared)
    folder = plan.package.folder
    subject = f" of {folder.path}" if folder.several else ""
    return ReleaseError(
        f"{plan.version} is in {version.environment.name} already, with other files: {version.tag} "
        f"is {short_sha(version.commit_sha)} with the tree {other_tree}{subject}, {plan.tag} is "
        f"{short_sha(plan.commit_sha)} with {tree}.",
        why="one version is one set of bytes, and its files in "
        f"{plan.environment.name} would be others.",
        fix="raise the version, and release it from the first environment on.",
        anchor="one-version",
    )
