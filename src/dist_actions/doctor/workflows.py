"""Workflow files as doctor sees them, with the line of everything that it may speak of; pure.

Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from dist_actions.doctor.findings import Problem
from dist_actions.doctor.yaml import exact_reader
from dist_actions.errors import Location

#: Every permission that a short form such as `write-all` gives.
ALL = "*"
ARTIFACT_REGISTRY = "artifact-registry"
_PYPI = frozenset({"pypi", "testpypi"})
_OWN_ACTION = re.compile(r"eigenoid/dist-actions(?:/(?P<folder>[\w-]+))?@(?P<ref>.+)")
_SHORT_FORMS: Mapping[str, Mapping[str, str]] = {
    "read-all": {ALL: "read"},
    "write-all": {ALL: "write"},
}
_RANKS = {"none": 0, "read": 1, "write": 2}


@dataclass(frozen=True)
class Place:
    """A part of a workflow file, and the lines on which its keys stand."""

    file: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)

    def at(self, key: str = "") -> Location:
        """Return where a key stands; the part's begin where it has no such key."""
        return Location(self.file, self.lines.get(key, self.line))


@dataclass(frozen=True)
class Permissions:
    """What a job's token may do.

    Attributes:
        granted: Access by permission, `*` for all; None where the workflow does not say.
        location: Where it is said.
    """

    granted: Mapping[str, str] | None
    location: Location

    def allow(self, name: str, access: str) -> bool:
        """Tell whether they give at least this access."""
        granted = self.granted or {}
        return _RANKS.get(granted.get(name, granted.get(ALL, "none")), 0) >= _RANKS[access]


@dataclass(frozen=True)
class Step:
    """One step of a job; what it does not have is empty."""

    uses: str
    run: str
    inputs: Mapping[str, str]
    place: Place

    @property
    def action(self) -> str | None:
        """Return the action of ours that it uses; `publish` for the root, None for others."""
        match = _OWN_ACTION.fullmatch(self.uses)
        return (match["folder"] or "publish") if match else None

    @property
    def phase(self) -> str:
        """Return the phase of `release`; `all` where none is given."""
        return self.inputs.get("phase") or ("all" if self.action == "release" else "")

    @property
    def is_checkout(self) -> bool:
        """Tell whether it checks out a repository."""
        return self.uses.startswith("actions/checkout@")

    @property
    def publishes(self) -> bool:
        """Tell whether it uploads to an index."""
        return self.action == "publish" or (
            self.action == "release" and self.phase in {"all", "publish"}
        )

    @property
    def indexes(self) -> tuple[str, ...]:
        """List what it publishes to."""
        lines = (line.strip() for line in self.inputs.get("index", "").splitlines())
        return tuple(filter(None, lines)) or (ARTIFACT_REGISTRY,)

    @property
    def is_trusted_publisher(self) -> bool:
        """Tell whether it uploads to PyPI or TestPyPI without a token."""
        indexes = frozenset(self.indexes)
        # Beside the address of another index, the password is that one's.
        has_address = bool(indexes - {*_PYPI, ARTIFACT_REGISTRY})
        has_token = bool(self.inputs.get("password")) and not has_address
        return self.publishes and bool(indexes & _PYPI) and not has_token

    def runs_project_code(self) -> bool:
        """Tell whether code of the project runs in it."""
        return bool(self.run) or (
            self.action == "release" and self.phase in {"all", "build", "version"}
        )


@dataclass(frozen=True)
class Job:
    """One job of a workflow.

    Attributes:
        id: Its key.
        permissions: The job's own, else the workflow's.
        environment: The GitHub Environment, maybe an expression; empty for none.
        calls: The reusable workflow that it is; empty for a job with steps.
        is_limited: Whether it has `timeout-minutes`.
        steps: Its steps.
        place: Where it stands.
    """

    id: str
    permissions: Permissions
    environment: str
    calls: str
    is_limited: bool
    steps: tuple[Step, ...]
    place: Place

    def uses_own(self, action: str) -> Iterator[Step]:
        """Yield the steps that use one of our actions."""
        return (step for step in self.steps if step.action == action)


@dataclass(frozen=True)
class Workflow:
    """One workflow file.

    Attributes:
        path: Below the repository's root.
        triggers: Filters by the name of the event.
        cancels: Whether a new run ends the one before; None where runs stand side by side.
        jobs: Its jobs.
        place: Where its keys stand.
        trigger_place: Where its events stand.
        document: All that the file holds.
    """

    path: str
    triggers: Mapping[str, Mapping[str, Any]]
    cancels: bool | None
    jobs: tuple[Job, ...]
    place: Place
    trigger_place: Place
    document: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """Return the file's name."""
        return self.path.rpartition("/")[2]

    def steps_of(self, action: str) -> Iterator[tuple[Job, Step]]:
        """Yield the steps that use one of our actions, with their jobs."""
        return ((job, step) for job in self.jobs for step in job.uses_own(action))

    @property
    def publishing_steps(self) -> Iterator[tuple[Job, Step]]:
        """Yield the steps that upload to an index, with their jobs."""
        return ((job, step) for job in self.jobs for step in job.steps if step.publishes)

    @property
    def tags(self) -> bool:
        """Tell whether it makes tags."""
        return any(step.inputs.get("dry-run") != "true" for _, step in self.steps_of("auto-tag"))

    @property
    def releases(self) -> bool:
        """Tell whether it publishes."""
        return any(True for _ in self.publishing_steps)

    @property
    def promotes(self) -> bool:
        """Tell whether it opens promotion pull requests."""
        return any(True for _ in self.steps_of("promote"))

    @property
    def is_ours(self) -> bool:
        """Tell whether it uses an action of ours."""
        return any(step.action is not None for job in self.jobs for step in job.steps)


def parse_workflow(path: str, text: str) -> Workflow | Problem:
    """Read a workflow file; a problem where GitHub could not read it."""
    try:
        document = exact_reader().load(text)
        jobs, triggers = document["jobs"], document["on"]
        events = {event: _mapping(filters) for event, filters in _events(triggers).items()}
        shared = _permissions(document, path, None)
        return Workflow(
            path=path,
            triggers=events,
            cancels=_cancels([document, *jobs.values()]),
            jobs=tuple(_job(path, jobs, job_id, shared) for job_id in jobs),
            place=_place(path, document, 1),
            trigger_place=_place(path, triggers, _line_of(document, "on")),
            document=document,
        )
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _unreadable(path, str(error.problem), mark.line + 1 if mark else 0)
    except (YAMLError, RecursionError):
        return _unreadable(path, "it is no YAML", 0)
    except (AttributeError, KeyError, TypeError, ValueError):
        return _unreadable(path, "`on` or `jobs` is missing, or a job or step is no mapping", 0)


def _unreadable(path: str, problem: str, line: int) -> Problem:
    return Problem(
        f"{path} is no workflow: {problem}.",
        "GitHub does not run a file that it cannot read, and says so only on the Actions page.",
        "correct the file; `actionlint` shows what else is wrong with it.",
        Location(path, line),
    )


def _events(triggers: Any) -> Mapping[str, Any]:
    if isinstance(triggers, dict):
        return triggers
    return dict.fromkeys([triggers] if isinstance(triggers, str) else list(triggers))


def _job(path: str, jobs: Any, job_id: str, shared: Permissions) -> Job:
    job, line = jobs[job_id], _line_of(jobs, job_id)
    environment = job.get("environment")
    name = environment.get("name") if isinstance(environment, dict) else environment
    return Job(
        id=str(job_id),
        permissions=_permissions(job, path, shared),
        environment=str(name or ""),
        calls=str(job.get("uses") or ""),
        is_limited="timeout-minutes" in job,
        steps=tuple(_step(path, step) for step in job.get("steps") or ()),
        place=_place(path, job, line),
    )


def _step(path: str, step: Any) -> Step:
    inputs, place = _mapping(step.get("with")), _place(path, step, step.lc.line + 1)
    lines = {**place.lines, **_lines(inputs)}
    return Step(
        uses=str(step.get("uses") or ""),
        run=str(step.get("run") or ""),
        inputs={str(name): _text(value) for name, value in inputs.items()},
        place=Place(path, place.line, lines),
    )


def _permissions(part: Any, path: str, shared: Permissions | None) -> Permissions:
    location = Location(path, _line_of(part, "permissions"))
    if "permissions" not in part:
        return shared or Permissions(None, Location(path, 1))
    value = part["permissions"]
    if isinstance(value, str):
        return Permissions(_SHORT_FORMS.get(value, {}), location)
    granted = {str(name): str(access) for name, access in _mapping(value).items()}
    return Permissions(granted, location)


def _cancels(parts: Sequence[Any]) -> bool | None:
    """Tell whether a run of the workflow, or of a job of it, is ended by a newer one."""
    concurrency = [part["concurrency"] for part in parts if part.get("concurrency")]
    if not concurrency:
        return None
    return any(_mapping(entry).get("cancel-in-progress") is True for entry in concurrency)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str("" if value is None else value)


def _place(path: str, node: Any, line: int) -> Place:
    return Place(path, line, _lines(node))


def _lines(node: Any) -> dict[str, int]:
    if not isinstance(node, dict) or not hasattr(node, "lc"):
        return {}
    return {str(key): _line_of(node, key) for key in node}


def _line_of(node: Any, key: Any) -> int:
    try:
        return int(node.lc.key(key)[0]) + 1
    except (AttributeError, KeyError, TypeError):
        return 1
