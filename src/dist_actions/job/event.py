"""The event that a workflow run is for, as the runner describes it; no network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dist_actions.errors import InputError

_TAGS = "refs/tags/"
_BRANCHES = "refs/heads/"
_MERGE_EVENTS = frozenset({"pull_request", "merge_group"})
#: Events whose workflow runs with the repository's secrets on code that somebody else wrote.
#: Spec: https://docs.github.com/en/actions/reference/security/secure-use
UNTRUSTED_EVENTS = frozenset({"pull_request_target", "workflow_run", "issue_comment"})


@dataclass(frozen=True)
class Event:
    """What started the run.

    Attributes:
        name: `push`, `release`, `workflow_dispatch`, …
        ref: Full name of the ref, `refs/heads/dev`.
        sha: Commit of the run, 40 hex digits.
        github_repository: `owner/name`.
        deleted: Whether a push removed the ref.
        release_tag: Tag of a `release` event's release, else empty.
        in_fork: Whether the repository itself is a fork, which holds none of the secrets.
        from_fork: Whether the run is for a pull request of another repository.
        base_branch: The branch that a pull request, or a merge queue's group, is to be merged into.
    """

    name: str
    ref: str
    sha: str
    github_repository: str
    deleted: bool = False
    release_tag: str = ""
    in_fork: bool = False
    from_fork: bool = False
    base_branch: str = ""

    @property
    def previews_merge(self) -> bool:
        """Tell whether the run is for what a branch would hold after a merge."""
        return self.name in _MERGE_EVENTS

    @property
    def branch(self) -> str | None:
        """Name the branch that was pushed; None for a tag or anything else."""
        return self.ref.removeprefix(_BRANCHES) if self.ref.startswith(_BRANCHES) else None

    @property
    def tag(self) -> str | None:
        """Return the run's tag; None if its ref is not a tag."""
        if self.name == "release":
            return self.release_tag or None
        return self.ref.removeprefix(_TAGS) if self.ref.startswith(_TAGS) else None

    @property
    def owner(self) -> str:
        """Name the owner of the repository."""
        return self.github_repository.partition("/")[0]

    @property
    def repository_name(self) -> str:
        """Name the repository without its owner."""
        return self.github_repository.partition("/")[2]

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Event":
        """Read the runner's variables and the event file.

        Raises:
            InputError: Not in a workflow run, or the event file is not JSON.
        Spec: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
        """
        name, repository = environ.get("GITHUB_EVENT_NAME"), environ.get("GITHUB_REPOSITORY")
        if not name or not repository:
            raise InputError(
                "There is no workflow run: GITHUB_EVENT_NAME or GITHUB_REPOSITORY is empty.",
                why="this command was started outside GitHub Actions and act.",
                fix="run it from a workflow, or rehearse that with `dist-sandbox rehearse`.",
            )
        payload = _read_payload(environ.get("GITHUB_EVENT_PATH", ""))
        return cls(
            name=name,
            ref=environ.get("GITHUB_REF", ""),
            sha=environ.get("GITHUB_SHA", ""),
            github_repository=repository,
            deleted=payload.get("deleted") is True,
            release_tag=str(_mapping(payload, "release").get("tag_name", "")),
            in_fork=_mapping(payload, "repository").get("fork") is True,
            from_fork=_is_from_fork(payload, repository),
            base_branch=environ.get("GITHUB_BASE_REF")
            or str(_mapping(payload, "merge_group").get("base_ref", "")).removeprefix(_BRANCHES),
        )


def refuse_untrusted(event: Event) -> None:
    """Stop before any secret is read where others' code may run beside them.

    Raises:
        InputError: The event is one of `UNTRUSTED_EVENTS`.
    """
    if event.name in UNTRUSTED_EVENTS:
        raise InputError(
            f"The event {event.name} is refused.",
            why="it runs with this repository's secrets on content that others can write.",
            fix="start this workflow by push, release, workflow_dispatch or schedule.",
            anchor="event-refused",
        )


def _read_payload(path: str) -> dict[str, Any]:
    if not path:
        return {}
    try:
        payload = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            "The event file cannot be read.",
            why=f"GITHUB_EVENT_PATH names no JSON file ({type(error).__name__}).",
            fix="run the job again; under act, give an event file with `-e`.",
        ) from error
    return payload if isinstance(payload, dict) else {}


def _is_from_fork(payload: Mapping[str, Any], github_repository: str) -> bool:
    """Tell whether a pull request comes from another repository; one may be deleted by now."""
    if "pull_request" not in payload:
        return False
    head = _mapping(_mapping(payload, "pull_request"), "head")
    return bool(_mapping(head, "repo").get("full_name") != github_repository)


def _mapping(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}
