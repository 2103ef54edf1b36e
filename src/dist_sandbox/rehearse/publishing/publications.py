"""Find what workflows publish: which step, by which tool, to where, with which credential.

It is pure, and reads what is written: actions by their names, commands by the words of their tools.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twine.utils import DEFAULT_REPOSITORY, TEST_REPOSITORY

from dist_sandbox.rehearse.actions.sources import DIST_ACTIONS
from dist_sandbox.rehearse.publishing.scripts import TextReader, expand, no_text
from dist_sandbox.rehearse.workflows.files import WORKFLOW_FOLDER, Workflow, parse_yaml
from dist_sandbox.rehearse.workflows.permissions import job_permissions

PYPI, TESTPYPI, ARTIFACT_REGISTRY = "pypi", "testpypi", "artifact-registry"
#: Where the address is written or comes from a variable.
URL = "url"
GITHUB_RELEASE = "github-release"

_PYPI_PUBLISH = "pypa/gh-action-pypi-publish"
_MATURIN = "pyo3/maturin-action"
#: Actions that make GitHub releases, or add files to them.
_RELEASE_ACTIONS = re.compile(
    r"(softprops/action-gh-release|ncipollo/release-action|svenstaro/upload-release-action"
    r"|actions/(create-release|upload-release-asset)|marvinpinto/action-automatic-releases"
    r"|python-semantic-release/(python-semantic-release|publish-action|upload-to-gh-release)"
    r"|[\w-]+/release-please(-action)?)$"
)
#: Actions of others that upload to PyPI, by what they are called.
_UPLOAD_ACTIONS = re.compile(r"pypi|poetry-publish|publish-python|python-publish")
#: Commands that upload distributions; a dry run is none.
_UPLOADS = re.compile(
    r"\b(uv publish|poetry(?: [-\w]+)*? publish|flit publish|hatch publish"
    r"|pdm publish|rye publish|maturin (?:publish|upload)|setup\.py\b[^\n;|&]*\bupload\b(?!_)"
    r"|twine(?: [-\w]+)* upload)(?![\w-])([^\n;|&]*)"
)
_NO_UPLOAD = re.compile(r"--(dry-run|help)\b")
#: The same where a program starts them with a list of words, as in a noxfile.
_UPLOAD_WORDS = re.compile(
    r"""["'](twine|uv|poetry|flit|hatch|pdm)["']\s*,\s*["'](upload|publish)["']"""
)
_RELEASES = re.compile(r"\bgh release (create|upload)\b|\bsemantic-release (publish|version)\b")
#: Commands and actions after which other workflows start.
_STARTS_OTHERS = re.compile(
    r"\bgit push\b[^\n;|&]*(--tags|--follow-tags|refs/tags/|\btag\b|\$\{?(TAG|VERSION|tag|version))"
    r"|\bgh workflow run\b|\bgit tag\b(?! *(-l|--list|--sort|--points-at|$))"
)
_STARTING_ACTIONS = re.compile(r"github-tag-action|create-tag|auto-tag|workflow-dispatch$")
#: Where a command's target is said: its options, and variables of its environment.
_REPOSITORY_OPTION = re.compile(
    r"(?:--repository-url|--publish-url|--repository|--repo|--index|-r)[ =]+[\"']?([^\s\"';|&]+)"
)
_REPOSITORY_VARIABLE = re.compile(
    r"\b(?:TWINE_REPOSITORY(?:_URL)?|UV_PUBLISH_(?:URL|INDEX)|PDM_PUBLISH_REPOSITORY"
    r"|HATCH_INDEX_REPO|FLIT_INDEX_URL|MATURIN_REPOSITORY(?:_URL)?)[=:] *[\"']?([^\s\"';|&]+)"
)
#: Variables and options that hold a credential; without any of them a tool asks for an ID token.
_CREDENTIAL = re.compile(
    r"TWINE_PASSWORD|UV_PUBLISH_(?:TOKEN|PASSWORD)|POETRY_PYPI_TOKEN|POETRY_HTTP_BASIC"
    r"|HATCH_INDEX_AUTH|FLIT_PASSWORD|PDM_PUBLISH_PASSWORD|MATURIN_(?:PYPI_TOKEN|PASSWORD)"
)
_CREDENTIAL_OPTION = re.compile(r"(?<![\w-])(?:--token|--password|-p)[ =]")
_SECRET = re.compile(r"\bsecrets\.(?!GITHUB_TOKEN\b)")


@dataclass(frozen=True)
class Publication:
    """A step that publishes something.

    Attributes:
        workflow: File name of the workflow that its job is written in.
        job: ID of its job.
        tool: The action or the command that publishes.
        target: `pypi`, `testpypi`, `artifact-registry`, `url` or `github-release`.
        trusted: Whether it has no credential, so that it must be a Trusted Publisher.
        condition: What the `if:` of its step says; empty for none.
        is_certain: Whether the target is sure to be meant: an action of ours names it, without a
            condition.
    """

    workflow: str
    job: str
    tool: str
    target: str
    trusted: bool = False
    condition: str = ""
    is_certain: bool = False


@dataclass(frozen=True)
class ProjectSources:
    """What a project's workflows call inside the project.

    Attributes:
        workflows: Its workflow files.
        read_text: Reads any file of it.
    """

    workflows: tuple[Workflow, ...] = ()
    read_text: TextReader = no_text

    def called_workflow(self, uses: str) -> Workflow | None:
        """Find a reusable workflow of the project by a job's `uses:`."""
        path = uses.removeprefix("./")
        return next((flow for flow in self.workflows if flow.path == path), None)

    def local_steps(self, uses: str) -> list[Mapping[str, Any]]:
        """List the steps of a composite action of the project."""
        folder = uses.removeprefix("./").rstrip("/")
        for name in ("action.yml", "action.yaml"):
            path = f"{folder}/{name}".lstrip("/")
            if text := self.read_text(path):
                metadata = parse_yaml(path, text)
                runs = metadata.get("runs") if isinstance(metadata, dict) else None
                return list((runs or {}).get("steps") or [])
        return []


def find_publications(workflow: Workflow, sources: ProjectSources) -> tuple[Publication, ...]:
    """Find what a workflow publishes itself, or by a reusable workflow that it calls."""
    return tuple(
        publication
        for job_id in workflow.jobs
        for publication in find_in_job(workflow, job_id, sources)
    )


def find_in_job(
    workflow: Workflow, job_id: str, sources: ProjectSources
) -> tuple[Publication, ...]:
    """Find what one job publishes, each target once for each of its tools."""
    job = workflow.jobs[job_id]
    if called := str(job.get("uses") or ""):
        inner = sources.called_workflow(called)
        if inner is workflow:
            return ()
        if inner is not None:
            return find_publications(inner, sources)
        # Its text is not here; its name tells enough to let it take part.
        is_release = re.search(r"publish|release|deploy", called) and "@" in called
        return (Publication(workflow.file_name, job_id, called, URL),) if is_release else ()
    granted = job_permissions(workflow, job_id).get("id-token") == "write"
    environ = {**_texts(workflow.document.get("env")), **_texts(job.get("env"))}
    rows = (
        Publication(
            workflow.file_name,
            job_id,
            tool,
            target,
            trusted=granted and trusted,
            condition=str(step.get("if") or ""),
            is_certain=tool.startswith(DIST_ACTIONS) and "if" not in job and "if" not in step,
        )
        for step in list_steps(job, sources)
        for tool, target, trusted in _read_step(step, environ, sources.read_text)
    )
    return tuple(dict.fromkeys(rows))


def starts_others(workflow: Workflow, sources: ProjectSources) -> bool:
    """Tell whether a workflow tags, or starts other workflows, so that they may publish."""
    for job in workflow.jobs.values():
        for step in list_steps(job, sources):
            action = str(step.get("uses") or "").partition("@")[0]
            if _STARTING_ACTIONS.search(action) or action.startswith(f"{DIST_ACTIONS}/"):
                return True
            command = str(step.get("run") or "")
            if command and _STARTS_OTHERS.search(expand(command, sources.read_text)):
                return True
    return False


def list_steps(job: Mapping[str, Any], sources: ProjectSources) -> Iterator[Mapping[str, Any]]:
    """List the steps of a job, with those of the project's own composite actions."""
    return _all_steps(job.get("steps") or [], sources)


def list_step_targets(
    step: Mapping[str, Any], environs: Iterable[object], read_text: TextReader
) -> list[str]:
    """List where a step publishes to, with the `env:` of its workflow and job."""
    environ = {name: value for values in environs for name, value in _texts(values).items()}
    return [target for _, target, _ in _read_step(step, environ, read_text)]


def _all_steps(
    steps: list[Mapping[str, Any]], sources: ProjectSources, depth: int = 3
) -> Iterator[Mapping[str, Any]]:
    for step in steps:
        if not isinstance(step, Mapping):
            continue
        uses = str(step.get("uses") or "")
        if uses.startswith("./") and WORKFLOW_FOLDER not in uses and depth:
            yield from _all_steps(sources.local_steps(uses), sources, depth - 1)
        yield step


def _read_step(
    step: Mapping[str, Any], environ: Mapping[str, str], read_text: TextReader
) -> Iterator[tuple[str, str, bool]]:
    """List tool, target, and whether it has no credential, of each publication of a step."""
    uses, inputs = str(step.get("uses") or ""), _texts(step.get("with"))
    action = uses.partition("@")[0].lower()
    if action:
        yield from _read_action(action, inputs)
        return
    text = expand(str(step.get("run") or ""), read_text)
    if not text.strip():
        return
    uploads = [match.groups() for match in _UPLOADS.finditer(text)]
    uploads = [row for row in uploads if not _NO_UPLOAD.search(row[1])]
    uploads += [(" ".join(match.groups()), "") for match in _UPLOAD_WORDS.finditer(text)]
    if uploads:
        values = {**environ, **_texts(step.get("env"))}
        settings = "\n".join([*(f"{name}={value}" for name, value in values.items()), text])
        options = "\n".join(rest for _, rest in uploads)
        has_credential = _CREDENTIAL.search(settings) or _CREDENTIAL_OPTION.search(options)
        # A credential that no secret holds is minted in the job, by an ID token.
        trusted = not (has_credential and _SECRET.search(settings))
        for target in _targets(settings, options):
            yield uploads[0][0], target, trusted
    if release := _RELEASES.search(text):
        yield release.group(), GITHUB_RELEASE, False


def _read_action(action: str, inputs: Mapping[str, str]) -> Iterator[tuple[str, str, bool]]:
    if action == _PYPI_PUBLISH:
        url = inputs.get("repository-url") or inputs.get("repository_url") or ""
        yield action, target_of(url), not inputs.get("password")
    elif action == _MATURIN:
        if inputs.get("command") in ("publish", "upload"):
            yield action, _targets("", inputs.get("args", ""))[0], False
    elif action in (DIST_ACTIONS, f"{DIST_ACTIONS}/release"):
        if inputs.get("phase", "all") in ("publish", "all"):
            for target, trusted in read_own_targets(inputs):
                yield action, target, trusted
    elif _RELEASE_ACTIONS.match(action):
        yield action, GITHUB_RELEASE, False
    elif _UPLOAD_ACTIONS.search(action):
        yield action, PYPI, not any("token" in name or "password" in name for name in inputs)


def read_own_targets(inputs: Mapping[str, str]) -> list[tuple[str, bool]]:
    """List where an action of dist-actions publishes, each with whether it has no credential.

    A password is for the address where there is one, else for PyPI.
    """
    index = inputs.get("index") or ARTIFACT_REGISTRY
    lines = [line.strip() for line in index.splitlines() if line.strip()]
    own = (PYPI, TESTPYPI, ARTIFACT_REGISTRY)
    targets = [line if line in own else URL for line in lines]
    without_token = "password" not in inputs or URL in targets
    return [(target, without_token and target in (PYPI, TESTPYPI)) for target in targets]


def target_of(repository: str) -> str:
    """Tell which target a repository's name or upload address means; PyPI where it is empty."""
    text = repository.strip().lower()
    if "${{" in text and not re.search(r"\b(vars|secrets)\.", text):
        return PYPI  # what a run chooses is PyPI where nothing is said
    if not text or text == PYPI or _host(text) in _PYPI_HOSTS:
        return PYPI
    if _host(text) == _host(TEST_REPOSITORY) or re.fullmatch(r"test[-_]?pypi", text):
        return TESTPYPI
    return URL


def _targets(settings: str, options: str) -> list[str]:
    """List the targets that variables and a command's options name; PyPI where there is none."""
    names = [*_REPOSITORY_VARIABLE.findall(settings), *_REPOSITORY_OPTION.findall(options)]
    targets = {target_of(name) for name in names if name.strip("\"'")}
    return sorted(targets) or [PYPI]


def _host(url: str) -> str:
    return urlsplit(url if "//" in url else f"//{url}").hostname or ""


def _texts(values: object) -> dict[str, str]:
    if not isinstance(values, Mapping):
        return {}
    return {str(name): "" if value is None else str(value) for name, value in values.items()}


_PYPI_HOSTS = {_host(DEFAULT_REPOSITORY), _host(DEFAULT_REPOSITORY).removeprefix("upload.")}

#: Finds what a workflow publishes.
Finder = Callable[[Workflow], tuple[Publication, ...]]
