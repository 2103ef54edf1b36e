"""What a sandbox's services hold: taken down as values, and put back."""

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from dist_sandbox.github.state import Repository
from support.sandbox.fixtures import Sandbox

#: Of the simulated repository; what is not named here a flow does not change.
_GITHUB = (
    "pulls",
    "releases",
    "labels",
    "queue",
    "latest_release_id",
    "rulesets",
    "protections",
    "merging",
    "immutable_releases",
)


class Snapshot:
    """The state of a sandbox at one moment, to which it can go back any number of times."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._github = copy.deepcopy({name: getattr(sandbox.repository, name) for name in _GITHUB})
        self._refs = read_refs(sandbox.repository)
        world = sandbox.world
        self._files = {
            path: path.read_bytes() for folder in self._folders for path in folder.iterdir()
        }
        self._indexes = {
            name: copy.deepcopy((index.projects, index.used_filenames))
            for name, index in world.pypi.items()
        }

    @property
    def _folders(self) -> list[Path]:
        world = self._sandbox.world
        repositories = world.google.repositories.values()
        folders = {path.parent for repository in repositories for path in repository.files()}
        folders |= {index.folder for index in world.pypi.values()}
        return sorted(folders)

    def restore(self) -> None:
        """Put everything back as it was; no fault is left, and no token of an App lives.

        Google and the indexes are set up as at the start, with the publisher that makes a project.
        """
        world, repository = self._sandbox.world, self._sandbox.repository
        for name, value in copy.deepcopy(self._github).items():
            setattr(repository, name, value)
        write_refs(repository, self._refs)
        for folder in self._folders:
            for path in folder.iterdir():
                if path not in self._files:
                    path.unlink()
        for path, data in self._files.items():
            path.write_bytes(data)
        for name, (projects, filenames) in self._indexes.items():
            index = world.pypi[name]
            index.projects, index.used_filenames = copy.deepcopy((projects, filenames))
            index.set_up()
        world.google.set_up()
        world.clock.offset = timedelta()  # first: what has expired is alive again then
        for token in world.github.tokens.live(now=world.clock.now()):
            world.github.tokens.revoke(token.token)
        world.faults.clear()


@dataclass(frozen=True)
class Standing:
    """What the services hold that users see, comparable from run to run.

    Attributes:
        refs: The tree and the parents of the commit to which each branch and tag leads: a commit
            of GitHub's own, as of a merge, has the time of its run.
        releases: Of each GitHub release and draft: tag, draft or not, and each asset with its
            state and digest.
        files: The sha256 of each file, by service and name.
        pulls: Of each pull request: head, base, commit, state, title and labels.
    """

    refs: Mapping[str, str]
    releases: tuple[tuple[Any, ...], ...]
    files: Mapping[str, str]
    pulls: tuple[tuple[Any, ...], ...]

    @property
    def complete(self) -> frozenset[str]:
        """Return what no run may take away: tags, files, releases, and assets that are whole."""
        tags = {name for name in self.refs if name.startswith("refs/tags/")}
        releases = {f"release {tag}" for tag, draft, *_ in self.releases if not draft}
        assets = {
            f"asset {name} of {release[0]}"
            for release in self.releases
            for name, state, _ in release[-1]
            if state == "uploaded"
        }
        return frozenset(tags | releases | assets | self.files.keys())

    def without_labels(self) -> "Standing":
        """Leave labels out, which decorate a pull request: a run that cannot add one warns."""
        return replace(self, pulls=tuple(pull[:-1] for pull in self.pulls))

    @classmethod
    def of(cls, sandbox: Sandbox) -> "Standing":
        """Read what a sandbox's services hold."""
        repository, world = sandbox.repository, sandbox.world
        releases = [
            (
                release.tag_name,
                release.draft,
                release.prerelease,
                release.immutable,
                tuple(
                    sorted(
                        (asset.name, asset.state, asset.sha256 or "") for asset in release.assets
                    )
                ),
            )
            for release in repository.releases
        ]
        files = {
            f"{name.project_id} {path.name}": _digest(path)
            for name, index in world.google.repositories.items()
            for path in index.files()
        }
        for index_name, package_index in world.pypi.items():
            for project in package_index.projects.values():
                hosted = project.files.values()
                files |= {f"{index_name} {file.filename}": file.sha256 for file in hosted}
        pulls = [
            (
                pull.head,
                pull.base,
                pull.head_sha,
                pull.state,
                pull.title,
                tuple(sorted(label.name for label in pull.labels)),
            )
            for pull in repository.pulls
        ]
        return cls(
            refs={
                name: commit
                for name, commit in read_refs(repository, peeled=True).items()
                if not name.startswith("refs/pull/")
            },
            releases=tuple(sorted(releases)),
            files=files,
            pulls=tuple(sorted(pulls)),
        )


def read_refs(repository: Repository, *, peeled: bool = False) -> dict[str, str]:
    """Read what each ref holds; peeled, tree and parents of the commit to which it leads."""
    commit = "%(if)%(*tree)%(then)%(*tree) %(*parent)%(else)%(tree) %(parent)%(end)"
    form = commit if peeled else "%(objectname)"
    lines = repository.git.git("for-each-ref", f"--format=%(refname) {form}").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def write_refs(repository: Repository, refs: Mapping[str, str]) -> None:
    """Set all refs of a repository; others are removed."""
    present = read_refs(repository)
    commands = [f"update {name} {sha}" for name, sha in refs.items() if present.get(name) != sha]
    commands += [f"delete {name}" for name in present.keys() - refs.keys()]
    if commands:
        text = "\n".join(commands) + "\n"
        repository.git.git("update-ref", "--stdin", stdin=text.encode("ascii"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
