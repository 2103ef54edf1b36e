"""Decides whether a release carries the files of an earlier environment or builds them; pure.

One version is one set of bytes: what an earlier environment released under this version is taken
over unchanged, and another tree under the same version is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, TypeAlias

from dist_actions.distributions.manifest import MANIFEST_NAME, CarriedFrom, FirstBuild, Manifest
from dist_actions.errors import ReleaseError
from dist_actions.markdown import code, escape
from dist_actions.pipeline.environments import Environment
from dist_actions.release.planning import ReleasePlan

Artifacts = Literal["auto", "carry", "build"]
ARTIFACTS: tuple[Artifacts, ...] = ("auto", "carry", "build")
VerifyRebuild = Literal["off", "warn", "strict"]
VERIFY_REBUILD: tuple[VerifyRebuild, ...] = ("off", "warn", "strict")


@dataclass(frozen=True)
class Trees:
    """Trees of one commit, 40 hex digits.

    Attributes:
        whole: Tree of the commit.
        package: Tree of the package's folder, if the repository holds several packages; empty
            otherwise, and where nothing tells it.
    """

    whole: str
    package: str = ""

    @property
    def compared(self) -> str:
        """The tree that decides: the package's own, else that of the whole repository."""
        return self.package or self.whole


@dataclass(frozen=True)
class Earlier:
    """This version as an earlier environment has it.

    Attributes:
        lacking: What its release lacks, in words; empty where it has all.
    """

    environment: Environment
    tag: str
    commit_sha: str
    trees: Trees
    lacking: str = ""


@dataclass(frozen=True)
class Released(Earlier):
    """An earlier environment's release with its manifest.

    Attributes:
        manifest_sha256: Of the bytes of that manifest.
    """

    manifest: Manifest = field(kw_only=True)
    manifest_sha256: str = field(kw_only=True)


@dataclass(frozen=True)
class Carry:
    """The files are those of an earlier release.

    Attributes:
        earlier: That release.
        reason: Why, in words.
    """

    earlier: Released
    reason: str
    kind: ClassVar[str] = "carry"

    @property
    def carried_from(self) -> str:
        """The tag."""
        return self.earlier.tag

    @property
    def manifest_sha256(self) -> str:
        """Digest of the manifest that is carried."""
        return self.earlier.manifest_sha256

    def describe(self) -> str:
        """What is done and why, as Markdown in one line."""
        return f"carried from {code(self.carried_from)}: {escape(self.reason)}"


@dataclass(frozen=True)
class Build:
    """The files are built.

    Attributes:
        reason: Why, in words.
        earlier: A release of this version that the build is compared with.
        doubtful: Whether an earlier environment has this version, and nothing of it to carry.
    """

    reason: str
    earlier: Released | None = None
    doubtful: bool = False
    kind: ClassVar[str] = "build"
    carried_from: ClassVar[str] = ""
    manifest_sha256: ClassVar[str] = ""

    def describe(self) -> str:
        """What is done and why, as Markdown in one line."""
        return f"built: {escape(self.reason)}"


Source: TypeAlias = Carry | Build


def decide(plan: ReleasePlan, found: Sequence[Earlier], artifacts: Artifacts) -> Source:
    """Carry or build.

    Args:
        plan: What is released.
        found: The version in earlier environments, the nearest first, all with the same tree;
            the last one may be complete, the others lack something.
        artifacts: The input of that name.

    Raises:
        ReleaseError: Nothing can be carried and `artifacts` is `carry`.
    """
    complete = next((one for one in found if isinstance(one, Released)), None)
    if complete and artifacts != "build":
        name = complete.environment.name
        return Carry(complete, f"{name} released this tree as {plan.version}")
    if complete:
        return Build(f"artifacts is build; {complete.tag} has files, too", complete)
    reason = _why_nothing(plan, found)
    if artifacts == "carry":
        raise ReleaseError(
            f"Nothing can be carried to {plan.tag}: {reason}.",
            why="artifacts is carry, so nothing is built here.",
            fix="release this version in the environment before, with dist-actions; or set "
            "artifacts to auto.",
            anchor="carry",
        )
    return Build(reason, doubtful=bool(found))


def require_planned(source: Source, planned_sha256: str) -> None:
    """Refuse another decision than that of the phase `plan`.

    Args:
        source: What was decided now.
        planned_sha256: Output carried-manifest-sha256 of the plan; empty where it was to build.

    Raises:
        ReleaseError: The release that was to be carried is gone, or another one.
    """
    if planned_sha256 and source.manifest_sha256 != planned_sha256:
        now = source.manifest_sha256
        raise ReleaseError(
            f"The plan was to carry the files of the manifest {planned_sha256}, and "
            f"{f'{source.carried_from} has {now}' if now else 'nothing is carried'} now.",
            why="the earlier release was changed or removed while this run was under way, or this "
            "job's input artifacts is another than the plan's.",
            fix="find out who changed it; then run all jobs of the workflow again.",
            anchor="carry",
        )


def carried_manifest(plan: ReleasePlan, own: Trees, source: Carry) -> Manifest:
    """The manifest of a release that carries: the same files, for another environment.

    Args:
        plan: What is released.
        own: Trees of its commit.
        source: What is carried.
    """
    earlier, first = source.earlier, source.earlier.manifest
    return replace(
        first,
        **of_release(plan, own),
        built=first.first_build,
        reason=source.reason,
        carried_from=CarriedFrom(
            earlier.environment.name,
            earlier.tag,
            earlier.commit_sha,
            earlier.trees.whole,
            earlier.manifest_sha256,
        ),
    )


def of_release(plan: ReleasePlan, own: Trees) -> dict[str, Any]:
    """What a manifest says of the release itself, wherever its files come from.

    Args:
        plan: What is released.
        own: Trees of its commit.
    """
    return {
        "tag": plan.tag,
        "tag_format": plan.tags.template,
        "suffixes": plan.tags.suffixes,
        "commit_sha": plan.commit_sha,
        "tree_sha": own.whole,
        "environment": plan.environment.name,
        "github_environment": plan.environment.github_environment,
        "suffix": plan.environment.suffix,
        "prerelease": plan.environment.prerelease,
        "production": plan.production,
        "package_path": plan.subject.path if plan.subject.several else "",
        "leading": plan.subject.leading,
        "package_tree": own.package,
    }


def first_build(plan: ReleasePlan) -> FirstBuild:
    """The record of files that are built for this release."""
    return FirstBuild(plan.environment.name, plan.tag, plan.commit_sha)


def require_manifest_of(plan: ReleasePlan, earlier: Earlier, manifest: Manifest) -> None:
    """Refuse a manifest that does not describe the release that it is an asset of.

    Raises:
        ReleaseError: It names another project, version, tag, commit or tree.
    """
    says = {
        "name": (manifest.project, plan.found.name or manifest.project),
        "version": (str(manifest.version), str(plan.version)),
        "tag": (manifest.tag, earlier.tag),
        "commit": (manifest.commit_sha, earlier.commit_sha),
        "tree": (manifest.tree_sha, earlier.trees.whole),
    }
    wrong = [
        f"{what} {said!r} is not {true!r}" for what, (said, true) in says.items() if said != true
    ]
    if wrong:
        raise ReleaseError(
            f"{MANIFEST_NAME} of the release {earlier.tag} is of something else: "
            f"{'; '.join(wrong)}.",
            why="the tag was moved after its release, or somebody replaced the manifest.",
            fix="find out who; raise the version.",
            anchor="carry",
        )


def require_same_tree(plan: ReleasePlan, own: Trees, earlier: Earlier) -> None:
    """Refuse a version that an earlier environment has with other files.

    Raises:
        ReleaseError: It has.
    """
    if own.package and not earlier.trees.package:
        return  # nothing tells, so it counts as missing
    if earlier.trees.compared == own.compared:
        return
    part = f" of {plan.subject.path}" if plan.subject.several else ""
    raise ReleaseError(
        f"{plan.version} is in {earlier.environment.name} already, with other files: {earlier.tag} "
        f"is {earlier.commit_sha[:7]} with the tree {earlier.trees.compared[:7]}{part}, {plan.tag} "
        f"is {plan.commit_sha[:7]} with {own.compared[:7]}.",
        why="one version is one set of bytes, and its files in "
        f"{plan.environment.name} would be others.",
        fix="raise the version, and release it from the first environment on.",
        anchor="one-version",
    )


def _why_nothing(plan: ReleasePlan, found: Sequence[Earlier]) -> str:
    if not plan.earlier:
        return f"{plan.environment.name} is the first environment"
    if not found:
        return f"no earlier environment has {plan.version}"
    return "; ".join(f"{one.tag} {one.lacking}" for one in found)
