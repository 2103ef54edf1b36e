"""The publish stage from environment variables to exit status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dist_actions.dist_folder import load_manifest
from dist_actions.distribution_checks import check_distributions
from dist_actions.distributions import Distribution, scan_folder
from dist_actions.edges.clock import SystemClock
from dist_actions.edges.retries import DEFAULT_MAX_WAIT, Retries
from dist_actions.edges.runner import Runner
from dist_actions.endpoints import GoogleEndpoints
from dist_actions.errors import EXIT_DONE
from dist_actions.event import Event, refuse_untrusted
from dist_actions.inputs import InputReader
from dist_actions.installing import InstallSource, install_commands
from dist_actions.manifest import MANIFEST_NAME
from dist_actions.markdown import code, table
from dist_actions.publish.planning import IndexPlan, refuse_conflicts
from dist_actions.publish.publication import Publication, describe_plan
from dist_actions.publish.target import ArtifactRegistryTarget, read_target, require_target
from dist_actions.stage import run_stage

_TITLE = "publish"


@dataclass(frozen=True)
class Inputs:
    """The action's inputs; each is described in `action.yml`."""

    dist: str
    manifest_sha256: str
    target: ArtifactRegistryTarget
    dry_run: bool
    max_wait: timedelta

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Inputs":
        """Read them.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        reader.choice("index", ("artifact-registry",))
        inputs = cls(
            dist=reader.relative_path("dist", "dist"),
            manifest_sha256=reader.text("manifest-sha256").lower(),
            target=read_target(reader),
            dry_run=reader.boolean("dry-run", default=False),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs


def main(environ: Mapping[str, str]) -> int:
    """Run the stage in this environment and return its exit status."""
    return run_stage(_TITLE, environ, lambda runner: _run(environ, runner))


def _run(environ: Mapping[str, str], runner: Runner) -> int:
    refuse_untrusted(Event.from_environ(environ))
    inputs = Inputs.from_environ(environ)
    require_target(inputs.target, "")
    endpoints = GoogleEndpoints.from_environ(environ)

    def warn(text: str) -> None:
        runner.annotate("warning", text, title=_TITLE)

    folder = Path(environ.get("GITHUB_WORKSPACE", "."), inputs.dist)
    if inputs.manifest_sha256:
        load_manifest(folder, inputs.manifest_sha256, warn)
    distributions = scan_folder(folder, besides=[MANIFEST_NAME])
    if not inputs.manifest_sha256:
        for text in check_distributions(folder, distributions):
            warn(text)
    retries = Retries(SystemClock(), runner.log, inputs.max_wait)
    index = inputs.target.open(endpoints, environ, retries, runner)
    publication = Publication(index, folder, distributions[0].project, distributions, retries)
    plan = publication.plan()
    refuse_conflicts([plan])
    runner.log(describe_plan(plan))
    if not inputs.dry_run:
        publication.carry_out(plan)
        publication.read_back()
    _finish(runner, distributions, plan, index.index_url)
    return EXIT_DONE


def _finish(
    runner: Runner, distributions: tuple[Distribution, ...], plan: IndexPlan, index_url: str
) -> None:
    runner.set_outputs(
        {
            "index-urls": index_url,
            "files": "\n".join(dist.name for dist in distributions),
            "uploaded": str(len(plan.with_action("upload"))),
        }
    )
    rows = [
        [code(file.name), "new" if file.action == "upload" else "was there", code(file.sha256)]
        for file in plan.files
    ]
    first = distributions[0]
    source = InstallSource("Artifact Registry", index_url, "artifact-registry")
    runner.add_summary(
        f"### 📦 {code(f'{first.project} {first.version}')}\n\n"
        f"In {code(index_url)}\n\n{table(['file', 'state', 'sha256'], rows)}\n\n"
        f"{install_commands(first.project, first.version, [source])}"
    )
