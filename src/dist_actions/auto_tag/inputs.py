"""The inputs of auto-tag as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dist_actions.auto_tag.bumping import Bump
from dist_actions.auto_tag.planning import OnOtherTree, OnUnbumped
from dist_actions.identity.credentials import WriterCredentials, read_credentials
from dist_actions.identity.secret import Secret
from dist_actions.job.inputs import InputReader
from dist_actions.services.retries import DEFAULT_MAX_WAIT
from dist_actions.versions import VersionSource

_BUMPS: tuple[Bump, ...] = ("", "patch", "minor", "major", "conventional")
_EXPECTED_TREE: tuple[OnOtherTree, ...] = ("fail", "warn", "off")
_ON_UNBUMPED: tuple[OnUnbumped, ...] = ("warn", "ok", "fail")


@dataclass(frozen=True)
class AutoTagInputs:
    """The action's inputs; each is described in `auto-tag/action.yml`."""

    credentials: WriterCredentials
    github_token: Secret
    package: str
    package_path: str
    version_source: VersionSource
    bump: Bump
    tag_format: str
    environments: str
    on_unbumped: OnUnbumped
    exempt_paths: tuple[str, ...]
    on_other_tree: OnOtherTree
    allow_prerelease: bool
    dry_run: bool
    sha: str
    max_wait: timedelta

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "AutoTagInputs":
        """Read the inputs from the job's environment.

        Raises:
            InputError: One or more are unusable.
        """
        reader = InputReader(environ)
        github_token = reader.token("github-token")
        inputs = cls(
            # Bad inputs are listed in the order in which they are read.
            bump=reader.choice("bump", _BUMPS),
            on_unbumped=reader.choice("on-unbumped", _ON_UNBUMPED),
            exempt_paths=reader.lines("exempt-paths"),
            on_other_tree=reader.choice("expected-tree", _EXPECTED_TREE),
            credentials=read_credentials(reader, github_token),
            github_token=github_token,
            package=reader.text("package"),
            package_path=reader.relative_path("package-path", "."),
            version_source=VersionSource(
                version=reader.text("version"),
                file=reader.relative_path("version-file", ""),
                pattern=reader.text("version-pattern"),
            ),
            tag_format=reader.text("tag-format"),
            environments=reader.block("environments"),
            allow_prerelease=reader.boolean("allow-prerelease", default=False),
            dry_run=reader.boolean("dry-run", default=False),
            sha=reader.commit_sha("sha"),
            max_wait=reader.duration("max-wait", DEFAULT_MAX_WAIT),
        )
        reader.finish()
        return inputs
