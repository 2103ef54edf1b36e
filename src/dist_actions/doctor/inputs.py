"""The inputs of doctor as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dist_actions.identity.credentials import WriterCredentials, read_credentials
from dist_actions.identity.secret import Secret
from dist_actions.indexes.environment_indexes import IndexReaders
from dist_actions.indexes.target_inputs import read_targets
from dist_actions.indexes.targets import ArtifactRegistryTarget, Target
from dist_actions.job.inputs import InputReader

Bot = Literal["automation", "releaser"]

_BOTS: tuple[Bot, ...] = ("automation", "releaser")
#: What each bot asks for when it mints a token.
PERMISSIONS: Mapping[Bot, Mapping[str, str]] = {
    "automation": {"contents": "write", "pull_requests": "write"},
    "releaser": {"contents": "write"},
}


@dataclass(frozen=True)
class DoctorInputs:
    """What doctor is told; the action's inputs are described in `doctor/action.yml`.

    Attributes:
        github_token: Reads the repository and its settings; empty where there is none.
        credentials: Those of the App that is to be checked.
        bot: What that App is.
        targets: The indexes that the job is to publish to.
        readers: The index of each environment, for comparing it with the releases.
        package_path: The package's folder.
    """

    github_token: Secret = field(default_factory=lambda: Secret(""))
    credentials: WriterCredentials = field(default_factory=WriterCredentials)
    bot: Bot = "automation"
    targets: tuple[Target, ...] = ()
    readers: IndexReaders = field(default_factory=IndexReaders)
    package_path: str = "."

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "DoctorInputs":
        """Read the action's inputs.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        github_token = reader.token("github-token")
        inputs = cls(
            github_token=github_token,
            credentials=read_credentials(reader, github_token),
            bot=reader.choice("bot", _BOTS),
            targets=tuple(target for target in read_targets(reader) if _is_named(target)),
            package_path=reader.relative_path("package-path", "."),
        )
        reader.finish()
        return inputs


def _is_named(target: Target) -> bool:
    """Tell whether an index was named; without inputs, Artifact Registry is meant."""
    return not isinstance(target, ArtifactRegistryTarget) or bool(target.project_id)
