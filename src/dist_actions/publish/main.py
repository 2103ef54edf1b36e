"""The publish stage, from environment variables to exit status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dist_actions.distributions.checks.whole_release import check_distributions
from dist_actions.distributions.files import Distribution, scan_folder
from dist_actions.distributions.folder import load_manifest
from dist_actions.distributions.manifest import MANIFEST_NAME
from dist_actions.errors import EXIT_DONE
from dist_actions.identity.secret import Secret
from dist_actions.indexes.connecting import IndexConnector
from dist_actions.indexes.target_inputs import (
    read_targets,
    refuse_foreign_inputs,
    require_targets,
)
from dist_actions.indexes.targets import Target, warnings_of
from dist_actions.job.event import Event, refuse_untrusted
from dist_actions.job.inputs import InputReader
from dist_actions.markdown import code, table
from dist_actions.publish.index_plans import install_sources, plan_publications, project_url
from dist_actions.publish.installing import InstallSource, install_commands
from dist_actions.publish.planning import IndexPlan
from dist_actions.publish.project_pages import refuse_project_pages
from dist_actions.publish.publication import Publications
from dist_actions.release_plan.agreement import require_of_run
from dist_actions.release_plan.carrying import ARTIFACTS, PlanInputs
from dist_actions.release_plan.job_environment import require_job_environment
from dist_actions.release_plan.run_planning import RunPlanner
from dist_actions.services.clock import SYSTEM_CLOCK, Clock
from dist_actions.services.github.session import GitHubSession
from dist_actions.services.retries import DEFAULT_MAX_WAIT, Retries
from dist_actions.services.runner import Runner
from dist_actions.stage import run_stage

_TITLE = "publish"


@dataclass(frozen=True)
class PublishInputs:
    """The action's inputs; each is described in `action.yml`."""

    dist: str
    manifest_sha256: str
    plan_inputs: PlanInputs
    github_token: Secret
    targets: tuple[Target, ...]
    dry_run: bool
    max_wait: timedelta

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "PublishInputs":
        """Read the inputs from the job's environment.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        refuse_foreign_inputs(reader)
        inputs = cls(
            dist=reader.relative_path("dist", "dist"),
            manifest_sha256=reader.text("manifest-sha256").lower(),
            plan_inputs=PlanInputs(
                tag=reader.text("tag"),
                artifacts=reader.choice("artifacts", ARTIFACTS),
                package_path=reader.relative_path("package-path", "."),
                tag_format=reader.text("tag-format"),
                environments=reader.block("environments"),
            ),
            github_token=reader.token("github-token"),
            targets=read_targets(reader),
            dry_run=reader.boolean("dry-run", default=False),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs


def main(environ: Mapping[str, str], clock: Clock = SYSTEM_CLOCK) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(_TITLE, environ, lambda runner: publish(environ, runner, clock))


def publish(environ: Mapping[str, str], runner: Runner, clock: Clock) -> int:
    """Publish as the inputs in the environment say, and return the exit status.

    Raises:
        DistActionsError: Something refuses; a rerun finishes what was begun.
    """
    event = Event.from_environ(environ)
    refuse_untrusted(event)
    inputs = PublishInputs.from_environ(environ)
    require_targets(inputs.targets, "")

    def warn(text: str) -> None:
        runner.annotate("warning", text, title=_TITLE)

    folder = Path(environ.get("GITHUB_WORKSPACE", "."), inputs.dist)
    retries = Retries.of_run(environ, runner, inputs.max_wait, clock)
    if inputs.manifest_sha256:
        manifest = load_manifest(folder, inputs.manifest_sha256, warn)
        refuse_project_pages(inputs.targets, manifest.project)
        client = GitHubSession.from_environ(environ, runner, retries).as_job(inputs.github_token)
        # Which branches the workflow has, and further environments, is for its author to know.
        run = RunPlanner(event, inputs.plan_inputs, client).plan(checks_branch=False)
        digests = manifest.digests  # of the files that lie there: the manifest was held to them
        distributions = scan_folder(folder, besides=[MANIFEST_NAME], digests=digests)
        require_of_run(manifest, run, folder, distributions)
        require_job_environment(environ, run.plan, retries, runner, others_allowed=True)
    else:
        distributions = scan_folder(folder, besides=[MANIFEST_NAME])
        for text in check_distributions(folder, distributions):
            warn(text)
        refuse_project_pages(inputs.targets, distributions[0].project)
    for text in warnings_of(inputs.targets, distributions):
        warn(text)
    connector = IndexConnector(environ, retries, runner)
    publications = plan_publications(connector, inputs.targets, folder, distributions)
    if not inputs.dry_run:
        publications.require_upload_permissions()
        publications.carry_out()
    sources = install_sources(environ, inputs.targets)
    _report(runner, distributions, publications, sources)
    first = distributions[0]
    page = project_url(environ, inputs.targets, first.project, first.version)
    runner.set_outputs({"project-url": page})
    return EXIT_DONE


def _report(
    runner: Runner,
    distributions: tuple[Distribution, ...],
    publications: Publications,
    sources: tuple[InstallSource, ...],
) -> None:
    """Set the stage's outputs, and show which index has which file."""
    runner.set_outputs(
        {
            "index-urls": "\n".join(source.index_url for source in sources),
            "files": "\n".join(dist.name for dist in distributions),
            "uploaded": str(publications.uploads),
        }
    )
    first = distributions[0]
    runner.add_summary(
        f"### 📦 {code(f'{first.project} {first.version}')}\n\n"
        f"{_files_table(publications.plans)}\n\n"
        f"{install_commands(first.project, first.version, sources)}"
    )


def _files_table(plans: tuple[IndexPlan, ...]) -> str:
    """Show which index has which file: one line for each file, one column for each index."""
    rows = []
    for files in zip(*(plan.files for plan in plans), strict=True):
        states = ("new" if file.action == "upload" else "was there" for file in files)
        rows.append([code(files[0].name), *states, code(files[0].sha256)])
    return table(["file", *(code(plan.label) for plan in plans), "sha256"], rows)
