"""The promote action's inputs, as typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from packaging.utils import NormalizedName, canonicalize_name

from dist_actions.identity.credentials import WriterCredentials, read_credentials
from dist_actions.identity.secret import Secret
from dist_actions.indexes.environment_indexes import IndexReaders, read_index_readers
from dist_actions.job.endpoints import GoogleEndpoints
from dist_actions.job.inputs import InputReader
from dist_actions.promote.gates.conditions import DEFAULT_GATES, GATES, Conditions, Gate
from dist_actions.promote.gates.freezes import FORM, Freeze, parse_freeze
from dist_actions.promote.planning import MERGE_STRATEGIES, MergeStrategy
from dist_actions.promote.selection import PromotionRequest
from dist_actions.services.retries import DEFAULT_MAX_WAIT
from dist_actions.versions.parsing import parse_version


@dataclass(frozen=True)
class PromoteInputs:
    """The action's inputs; each is described in `promote/action.yml`."""

    request: PromotionRequest
    mode: str
    strategy: MergeStrategy
    conditions: Conditions
    on_own_changes: str
    reviewers: tuple[str, ...]
    labels: tuple[str, ...]
    draft: bool
    body_template: str
    project: NormalizedName
    tag_format: str
    environments: str
    credentials: WriterCredentials
    github_token: Secret
    dry_run: bool
    max_wait: timedelta
    indexes: IndexReaders
    with_dependencies: bool

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "PromoteInputs":
        """Read the inputs.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        github_token = reader.token("github-token")
        inputs = cls(
            request=_read_request(reader),
            mode=reader.choice("mode", ("pr", "auto-merge", "plan")),
            strategy=reader.choice("strategy", MERGE_STRATEGIES),
            conditions=_read_conditions(reader),
            on_own_changes=reader.choice("on-own-changes", ("back-merge-pr", "fail")),
            reviewers=reader.items("reviewers"),
            labels=reader.items("labels"),
            draft=reader.boolean("draft", default=False),
            body_template=reader.block("body-template"),
            project=canonicalize_name(reader.text("project")),
            tag_format=reader.text("tag-format"),
            environments=reader.block("environments"),
            credentials=read_credentials(reader, github_token),
            github_token=github_token,
            dry_run=reader.boolean("dry-run", default=False),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
            indexes=read_index_readers(reader, GoogleEndpoints.from_environ(environ)),
            with_dependencies=reader.boolean("with-dependencies", default=False),
        )
        if inputs.draft and inputs.mode == "auto-merge":
            reader.refuse("draft", "is true beside auto-merge", "leave it out: no draft is merged")
        reader.finish()
        return inputs


def _read_request(reader: InputReader) -> PromotionRequest:
    return PromotionRequest(
        from_name=reader.text("from"),
        to_name=reader.text("to"),
        version=_read_version(reader),
        package=reader.text("package"),
        allow_skip=reader.boolean("allow-skip", default=False),
    )


def _read_conditions(reader: InputReader) -> Conditions:
    freezes: list[Freeze] = []
    for line in reader.lines("freeze"):
        try:
            freezes.append(parse_freeze(line))
        except ValueError as error:
            reader.refuse("freeze", f"{error}: {line[:80]!r}", FORM)
    return Conditions(
        gates=_read_gates(reader),
        min_age=reader.duration("min-age", timedelta(0)),
        freezes=tuple(freezes),
        override_reason=reader.text("override-reason"),
    )


def _read_gates(reader: InputReader) -> tuple[Gate, ...]:
    names: Sequence[str] = reader.items("require") or DEFAULT_GATES
    for name in names:
        if name not in {*GATES, "none"}:
            reader.refuse("require", f"holds {name!r}", f"write {', '.join(GATES)} or none")
    return tuple(gate for gate in GATES if gate in names)


def _read_version(reader: InputReader) -> str:
    text = reader.text("version")
    version = parse_version(text)
    if text and version is None:
        reader.refuse("version", f"is {text!r}", "write a version such as 1.4.0")
    return str(version or "")
