"""What the flows work on, each in a sandbox of its own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.distributions.builders import write_release, write_wheel
from support.faults.flows import Flow
from support.projects.checkouts import ProjectCheckout
from support.projects.declared import DERIVED
from support.projects.releases import tag_version
from support.promotion.project import PromotedProject
from support.publishing.job import PublishingJob
from support.sandbox.fixtures import Sandbox, clone, import_commits
from support.stages.running import RunningStage, StageRunner, app_inputs

#: Those whose every request meets every fault.
FLOWS = (
    "auto-tag",
    "release",
    "pypi",
    "promote direct",
    "promote link",
    "promote stitch",
    "promote and merge",
)

#: Commits that GitHub lists on a page.
_PAGE = 100
_Prepared = tuple[Any, Callable[..., RunningStage]]


def open_flow(name: str, sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> Flow:
    """Make one of the flows in a fresh sandbox, with what it has on disk below a folder."""
    return Flow(name, sandbox, *_PREPARATIONS[name](sandbox, run_stage, folder))


def _tag(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
    package = ProjectCheckout(clone(sandbox, folder / "tagging"))
    package.set_version("1.0.0")
    package.push()

    def start(inputs: Mapping[str, str], **options: Any) -> RunningStage:
        described = {"workspace": package.folder, **options}
        return run_stage.start("auto-tag", {**app_inputs(sandbox), **inputs}, **described)

    return package, start


def _bump(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
    """Leave the version to the commits since 1.1.0, of which GitHub lists the last on page two."""
    package, start = _tag(sandbox, run_stage, folder)
    package.commit("pyproject.toml", DERIVED)
    package.push_tag("v1.0.0-dev")
    package.commit("module.py", "1\n", "feat: count")
    package.push_tag("v1.1.0-dev")
    import_commits(package.folder, [f"chore: tidy {number}" for number in range(_PAGE)])
    package.commit("module.py", "2\n", "feat: count to two")
    package.push()

    def bump(inputs: Mapping[str, str], **options: Any) -> RunningStage:
        return start({"bump": "conventional", **inputs}, **options)

    return package, bump


def _release(version: str = "0.1.0", previous: str = "") -> Callable[..., _Prepared]:
    """Release a version in dev, where a previous one may be out."""

    def prepare(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
        checkout = clone(sandbox, folder / "releasing")
        if previous:
            tag_version(run_stage, checkout, folder, previous, "dev").publish()
        tagged = tag_version(run_stage, checkout, folder, version, "dev")

        def start(inputs: Mapping[str, str], **options: Any) -> RunningStage:
            all_inputs = {**tagged.inputs(), **inputs}
            return run_stage.start("release", all_inputs, **tagged.options(**options))

        return tagged, start

    return prepare


def _release_immutable(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
    sandbox.control("POST", "repository", {"immutable_releases": True})
    return _release()(sandbox, run_stage, folder)


def _publish(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
    write_release(folder / "job" / "dist")
    return _publisher(sandbox, run_stage, folder)


def _publish_wheels(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
    """Publish six files, of which several are sent at once."""
    for minor in range(9, 15):
        tag, content = f"cp3{minor}-none-any", f"# {minor}\n"
        write_wheel(folder / "job" / "dist", tag=tag, content=content)
    return _publisher(sandbox, run_stage, folder)


def _publisher(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
    publisher = PublishingJob(sandbox, run_stage, folder / "job")

    def start(inputs: Mapping[str, str], **options: Any) -> RunningStage:
        return publisher.start({"index": "artifact-registry\npypi", **inputs}, **options)

    return publisher, start


def _promote(given: Mapping[str, str]) -> Callable[..., _Prepared]:
    def prepare(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
        project = _project(sandbox, run_stage, folder)
        project.develop("0.1.0", {"a.txt": "a\n"})
        return project, _starter(project, {"version": "0.1.0", **given})

    return prepare


def _promote_again(*, hotfix: bool) -> Callable[..., _Prepared]:
    """Promote once by a squash, so that the next promotion has to join both histories."""

    def prepare(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> _Prepared:
        project = _project(sandbox, run_stage, folder)
        project.develop("0.1.0", {"a.txt": "a\n"})
        project.merge(project.promote({"version": "0.1.0"}).outputs["pr-number"], "squash")
        if hotfix:
            project.commit("qa", "hotfix.txt", "1\n", "Fix the first")
        project.develop("0.2.0", {"a.txt": "aa\n"})
        return project, _starter(project, {"version": "0.2.0"})

    return prepare


def _project(sandbox: Sandbox, run_stage: StageRunner, folder: Path) -> PromotedProject:
    promoting = folder / "promoting"
    promoting.mkdir()
    return PromotedProject(sandbox, run_stage, clone(sandbox, folder / "promoted"), promoting)


def _starter(project: PromotedProject, given: Mapping[str, str]) -> Callable[..., RunningStage]:
    def start(inputs: Mapping[str, str], **options: Any) -> RunningStage:
        return project.start({**given, **inputs}, **options)

    return start


_PREPARATIONS: Mapping[str, Callable[[Sandbox, StageRunner, Path], _Prepared]] = {
    "auto-tag": _tag,
    "auto-tag bump": _bump,
    "release": _release(),
    "release again": _release("0.2.0", previous="0.1.0"),
    "release of an epoch": _release("1!2.0"),
    "release immutable": _release_immutable,
    "pypi": _publish,
    "pypi, six wheels": _publish_wheels,
    "promote direct": _promote({"labels": "promotion"}),
    "promote link": _promote_again(hotfix=False),
    "promote stitch": _promote_again(hotfix=True),
    "promote and merge": _promote({"mode": "auto-merge"}),
}
