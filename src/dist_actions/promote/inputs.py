"""The promote action's inputs, as typed values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from dist_actions.credentials import WriterCredentials, read_credentials
from dist_actions.edges.retries import DEFAULT_MAX_WAIT
from dist_actions.inputs import InputReader
from dist_actions.promote.gates import GATES, Gate
from dist_actions.secret import Secret


@dataclass(frozen=True)
class Inputs:
    """The action's inputs; each is described in `promote/action.yml`."""

    from_name: str
    to_name: str
    version: str
    mode: str
    gates: tuple[Gate, ...]
    reviewers: tuple[str, ...]
    labels: tuple[str, ...]
    draft: bool
    package: str
    project: NormalizedName
    tag_format: str
    environments: str
    credentials: WriterCredentials
    github_token: Secret
    dry_run: bool
    max_wait: timedelta

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Inputs":
        """Read them.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        github_token = reader.token("github-token")
        inputs = cls(
            from_name=reader.text("from"),
            to_name=reader.text("to"),
            version=_read_version(reader),
            mode=reader.choice("mode", ("pr", "plan")),
            gates=_read_gates(reader),
            reviewers=reader.items("reviewers"),
            labels=reader.items("labels"),
            draft=reader.boolean("draft", default=False),
            package=reader.text("package"),
            project=canonicalize_name(reader.text("project")),
            tag_format=reader.text("tag-format"),
            environments=reader.block("environments"),
            credentials=read_credentials(reader, github_token),
            github_token=github_token,
            dry_run=reader.boolean("dry-run", default=False),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs


def _read_gates(reader: InputReader) -> tuple[Gate, ...]:
    given: Sequence[str] = reader.items("require") or GATES
    for name in given:
        if name not in {*GATES, "none"}:
            reader.refuse("require", f"holds {name!r}", f"write {', '.join(GATES)} or none")
    return tuple(gate for gate in GATES if gate in given)


def _read_version(reader: InputReader) -> str:
    text = reader.text("version")
    try:
        return str(Version(text)) if text else ""
    except InvalidVersion:
        reader.refuse("version", f"is {text!r}", "write a version such as 1.4.0")
        return ""
