"""The release stage, from environment variables to exit status."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dist_actions.distributions.files import scan_folder
from dist_actions.distributions.manifest import MANIFEST_NAME, Manifest
from dist_actions.errors import EXIT_DONE, InputError
from dist_actions.identity.credentials import require_credentials
from dist_actions.indexes.target_inputs import require_targets
from dist_actions.job.checkout_place import find_checkout
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.publish.project_pages import refuse_project_pages
from dist_actions.release.inputs import ReleaseInputs
from dist_actions.release.plan_phase import check_against_github, plan_offline, report_plan
from dist_actions.release_plan.carrying import FileSource, require_planned
from dist_actions.release_plan.earlier_releases import EarlierReleases
from dist_actions.release_plan.planning import ReleasePlan
from dist_actions.services.clock import SYSTEM_CLOCK, Clock
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.history import History
from dist_actions.services.github.refs import Refs
from dist_actions.services.github.releases import Releases
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import Retries
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage


def main(environ: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage("release", environ, lambda runner: _ReleaseRun(environ, runner, clock).run())


class _ReleaseRun:
    """One run of one or all phases."""

    def __init__(self, environ: Mapping[str, str], runner: Runner, clock: Clock) -> None:
        self._environ = environ
        self._runner = runner
        self._event = Event.from_environ(environ)
        refuse_untrusted(self._event)
        inputs = ReleaseInputs.from_environ(environ)
        workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
        place = find_checkout(workspace, inputs.package_path)
        self._inputs = replace(inputs, package_path=place.package_path)
        self._retries = Retries.of_run(environ, runner, self._inputs.max_wait, clock)
        self._session = GitHubSession.from_environ(environ, runner, self._retries)
        self._workspace, self._folder = place.repository, workspace / inputs.dist

    def run(self) -> int:
        """Run what the input `phase` says, and return the exit status."""
        phase = self._inputs.phase
        if phase == "version":
            from dist_actions.release.version_phase import report_version  # noqa: PLC0415

            report_version(self._inputs, self._workspace, self._environ, self._runner)
        elif phase == "plan":
            self._plan()
        elif phase in {"build", "collect"}:
            self._build_planned()
        elif phase == "publish":
            self._publish_built()
        else:
            self._run_all()
        return EXIT_DONE

    def _run_all(self) -> None:
        """Run all phases; whatever setting is missing is found before anything is built."""
        self._warn(_ALL_IN_ONE_JOB)
        plan, source, earlier_releases = self._plan()
        self._require_settings(plan.environment.github_environment)
        inputs = self._inputs
        refuse_project_pages(inputs.targets, plan.declared.name, inputs.previous_index)
        self._publish(self._prepare_files(plan, source, earlier_releases).sha256)

    def _require_settings(self, github_environment: str) -> None:
        """Name what the job was not given; all of a target's settings come from one place."""
        require_targets(self._inputs.targets, github_environment)
        require_credentials(self._inputs.credentials, "create releases")

    def _plan_offline(self) -> ReleasePlan:
        return plan_offline(self._inputs, self._event, self._workspace, self._environ)

    def _plan(self) -> tuple[ReleasePlan, FileSource, EarlierReleases]:
        plan = self._plan_offline()
        tags = check_against_github(plan, Refs(self._connect()))
        earlier_releases = self._earlier_releases(plan)
        source = earlier_releases.find_source(self._inputs.artifacts, tags)
        if source.doubtful:
            self._warn(f"{plan.tag} is built anew, because {source.reason}.")
        report_plan(plan, source, self._workspace, self._environ, self._runner)
        return plan, source, earlier_releases

    def _build_planned(self) -> None:
        """Decide again, so that the jobs need to trust nothing but GitHub."""
        plan = self._plan_offline()
        earlier_releases = self._earlier_releases(plan)
        source = (
            FileSource(reason="it is for a pull request")
            if self._event.previews_merge
            else earlier_releases.find_source(self._inputs.artifacts)
        )
        require_planned(source, self._inputs.carried_manifest_sha256)
        self._prepare_files(plan, source, earlier_releases)

    def _earlier_releases(self, plan: ReleasePlan) -> EarlierReleases:
        client = self._connect()
        return EarlierReleases(plan, Refs(client), Releases(client), History(client))

    def _connect(self) -> GitHubClient:
        return self._session.as_job(self._inputs.github_token)

    # A phase is imported where it runs, because each has libraries that take long to load.

    def _prepare_files(
        self, plan: ReleasePlan, source: FileSource, earlier_releases: EarlierReleases
    ) -> Manifest:
        """Carry, collect or build the files, and compare them with other builds where asked to."""
        from dist_actions.release.build_phase import BuildRequest, build, carry, report_build  # noqa: PLC0415
        from dist_actions.release.collect_phase import collect, refuse_part  # noqa: PLC0415
        from dist_actions.release.rebuild import BuildComparison  # noqa: PLC0415

        phase, kinds = self._inputs.phase, self._inputs.distributions
        is_part = phase == "build" and kinds != "all"
        if is_part:
            refuse_part(source, plan.tag)
        earlier = source.carried or source.compared
        request = BuildRequest(
            plan,
            self._workspace,
            self._environ,
            self._runner.log,
            # What is to have the bytes of an earlier build is built as that one was.
            normalise=earlier.manifest.normalised if earlier else self._inputs.normalise,
            epoch=earlier.manifest.source_date_epoch if earlier else None,
            kinds=kinds,
        )
        packing = None
        if source.carried:
            manifest = carry(
                request, source.carried, source.reason, earlier_releases, folder=self._folder
            )
        elif phase == "collect":
            targets = self._inputs.targets
            manifest, packing = collect(request, source.reason, targets, folder=self._folder)
        else:
            manifest, packing = build(request, source.reason, folder=self._folder)
        report_build(request, manifest, packing, self._runner, is_part=is_part)
        verify = self._inputs.verify_rebuild
        comparison = BuildComparison(manifest, self._folder, self._runner, verify == "strict")
        if source.compared and not is_part:
            comparison.compare_with_release(source.compared, earlier_releases)
        if verify != "off":
            comparison.compare_with_rebuild(request)
        return manifest

    def _publish_built(self) -> None:
        if not self._inputs.manifest_sha256:
            raise _missing_manifest_digest()
        self._publish(self._inputs.manifest_sha256)

    def _warn(self, text: str) -> None:
        self._runner.annotate("warning", text, title="release")

    def _publish(self, manifest_sha256: str) -> None:
        """Publish what lies in the folder, once it was held against the run."""
        from dist_actions.distributions.folder import load_manifest  # noqa: PLC0415
        from dist_actions.indexes.connecting import IndexConnector  # noqa: PLC0415
        from dist_actions.release.github_release.major_tag import MajorTag  # noqa: PLC0415
        from dist_actions.release.publish_phase import PublishRun  # noqa: PLC0415
        from dist_actions.release_plan.agreement import require_of_run  # noqa: PLC0415
        from dist_actions.release_plan.job_environment import require_job_environment  # noqa: PLC0415
        from dist_actions.release_plan.run_planning import RunPlanner  # noqa: PLC0415

        require_credentials(self._inputs.credentials, "create releases")
        manifest = load_manifest(self._folder, manifest_sha256, self._warn)
        inputs = self._inputs
        refuse_project_pages(inputs.targets, manifest.project, inputs.previous_index)
        run = RunPlanner(self._event, self._inputs.plan_inputs, self._connect()).plan()
        digests = manifest.digests  # of the files that lie there: the manifest was held to them
        distributions = scan_folder(self._folder, besides=[MANIFEST_NAME], digests=digests)
        require_of_run(manifest, run, self._folder, distributions)
        github_environment = run.plan.environment.github_environment
        require_job_environment(self._environ, run.plan, self._retries, self._runner)
        require_targets(self._inputs.targets, github_environment)
        connector = IndexConnector(self._environ, self._retries, self._runner)
        PublishRun(run, manifest, self._folder, self._inputs, self._session, connector).publish()
        if inputs.major_tag:
            MajorTag(manifest, inputs, self._session, self._runner).move()


_ALL_IN_ONE_JOB = (
    "The phase is all, so the build runs in the job that holds the credentials.\n"
    "Why: the project, its build backend and their requirements can read these, and publish "
    "anything.\n"
    "Fix: use the phases plan, build and publish, each in a job of its own, as "
    "examples/release.yml does."
)


def _missing_manifest_digest() -> InputError:
    return InputError(
        "The input manifest-sha256 is empty.",
        why="it proves that the artifact is the one that the build job made.",
        fix="give the build job's output: manifest-sha256: "
        "${{ needs.build.outputs.manifest-sha256 }}",
        anchor="manifest",
    )
