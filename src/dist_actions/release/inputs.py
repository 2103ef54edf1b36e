"""The release action's inputs, as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from dist_actions.dependencies.reported_versions import ReportedVersions, parse_reported_versions
from dist_actions.distributions.files import KINDS, Kinds
from dist_actions.identity.credentials import WriterCredentials, read_credentials
from dist_actions.identity.secret import Secret
from dist_actions.indexes.target_inputs import read_index_address, read_targets
from dist_actions.indexes.targets import Target
from dist_actions.job.inputs import InputReader
from dist_actions.release_plan.carrying import (
    ARTIFACTS,
    VERIFY_REBUILD,
    Artifacts,
    PlanInputs,
    VerifyRebuild,
)
from dist_actions.services.retries import DEFAULT_MAX_WAIT
from dist_actions.versions import VersionSource

Phase = Literal["all", "version", "plan", "build", "collect", "publish"]
_PHASES: tuple[Phase, ...] = ("all", "version", "plan", "build", "collect", "publish")


@dataclass(frozen=True)
class ReleaseInputs:
    """The action's inputs; each is described in `release/action.yml`."""

    phase: Phase
    tag: str
    commit_sha: str
    artifacts: Artifacts
    carried_manifest_sha256: str
    manifest_sha256: str
    distributions: Kinds
    dist: str
    package_path: str
    normalise: bool
    verify_rebuild: VerifyRebuild
    version_source: VersionSource
    tag_format: str
    environments: str
    credentials: WriterCredentials
    github_token: Secret
    targets: tuple[Target, ...]
    previous_index: str
    tested_with: ReportedVersions
    major_tag: bool
    dry_run: bool
    max_wait: timedelta

    @property
    def plan_inputs(self) -> PlanInputs:
        """Return those that a plan depends on."""
        return PlanInputs(
            tag=self.tag,
            artifacts=self.artifacts,
            package_path=self.package_path,
            tag_format=self.tag_format,
            environments=self.environments,
        )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "ReleaseInputs":
        """Read the inputs from the job's environment.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        # Bad inputs are listed in the order in which they are read.
        phase = reader.choice("phase", _PHASES)
        artifacts = reader.choice("artifacts", ARTIFACTS)
        distributions = reader.choice("distributions", KINDS)
        verify_rebuild = reader.choice("verify-rebuild", VERIFY_REBUILD)
        if phase == "all" and distributions != "all":
            reader.refuse(
                "distributions",
                f"is {distributions!r}, and the phase all publishes whole releases",
                "use the phases build and collect, or leave it empty",
            )
        if phase == "collect" and verify_rebuild != "off":
            reader.refuse(
                "verify-rebuild",
                "compares a build with another, and the phase collect builds nothing",
                "give it to the phase build",
            )
        github_token = reader.token("github-token")
        inputs = cls(
            phase=phase,
            tag=reader.text("tag"),
            commit_sha=reader.commit_sha("commit-sha"),
            artifacts=artifacts,
            distributions=distributions,
            carried_manifest_sha256=reader.text("carried-manifest-sha256").lower(),
            manifest_sha256=reader.text("manifest-sha256").lower(),
            dist=reader.relative_path("dist", "dist"),
            package_path=reader.relative_path("package-path", "."),
            normalise=reader.boolean("normalise", default=False),
            verify_rebuild=verify_rebuild,
            version_source=VersionSource(
                file=reader.relative_path("version-file", ""),
                pattern=reader.text("version-pattern"),
            ),
            tag_format=reader.text("tag-format"),
            environments=reader.block("environments"),
            credentials=read_credentials(reader, github_token),
            github_token=github_token,
            targets=read_targets(reader),
            previous_index=read_index_address(reader, "previous-index"),
            tested_with=parse_reported_versions(reader.block("tested-with")),
            major_tag=reader.boolean("major-tag", default=False),
            dry_run=reader.boolean("dry-run", default=False),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs
