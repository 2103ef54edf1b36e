"""Two packages in one repository, and their way through the environments, in git alone.

`ModelledMonorepo` keeps beside the real repository a model of what every branch must hold: plain
dictionaries, whose history is a list. What promotion does is held against the model.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from dist_actions.identity.secret import Secret
from dist_actions.pipeline.environments import DEFAULT_ENVIRONMENTS
from dist_actions.pipeline.packages import Package
from dist_actions.promote.history.clone import PromotionClone
from dist_actions.promote.history.package_folders import Monorepo
from dist_actions.promote.preparation import Preparation, prepare
from dist_actions.promote.selection import PromotionRequest, select_packages
from dist_sandbox.github.git import merging
from dist_sandbox.github.git.bare_repository import BareRepository
from dist_sandbox.github.git.objects import Signature
from support.environments import BRANCHES, SUFFIXES

TAG_FORMAT = "{name}-v{version}{suffix}"
PACKAGES = (
    Package(canonicalize_name("shop-core"), "packages/core", tag_format=TAG_FORMAT),
    Package(canonicalize_name("shop-api"), "packages/api", tag_format=TAG_FORMAT),
)
WHO = Signature("Dev", "dev@example.com", 1_700_000_000)

#: What a branch holds: texts by path.
Files = dict[str, str]


@dataclass
class ModelledMonorepo:
    """A repository with the branches dev, qa and main.

    Attributes:
        states: By branch, what it held, the newest last.
        tagged: By tag, the branch and how many states it had had when it was tagged.
    """

    folder: Path
    states: dict[str, list[Files]] = field(default_factory=dict)
    tagged: dict[str, tuple[str, int]] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.git = BareRepository.create(self.folder / "remote.git", default_branch="main")
        first = {"README.md": "0\n"}
        for package in PACKAGES:
            first |= {f"{package.path}/version": "0\n", f"{package.path}/code": "0\n"}
        for branch in BRANCHES.values():
            self.states[branch] = [{}]
        self.commit("dev", first)
        for branch in ("qa", "main"):
            self.git.update_ref(f"refs/heads/{branch}", self.tip("dev"))
            self.states[branch].append(first)

    def tip(self, branch: str) -> str:
        """Return the commit of a branch."""
        return self.git.git("rev-parse", f"refs/heads/{branch}")

    def tree(self, ref: str) -> str:
        """Return the tree of a commit."""
        return self.git.git("rev-parse", f"{ref}^{{tree}}")

    def commit(self, branch: str, changes: Mapping[str, str]) -> None:
        """Change files on a branch, in one commit."""
        begun = self.git.branch(branch)
        parent = f"from refs/heads/{branch}^0\n" if begun else ""
        files = "".join(
            f"M 100644 inline {path}\ndata {len(text)}\n{text}\n" for path, text in changes.items()
        )
        subject = f"change {next(self.numbers)}"
        stream = (
            f"commit refs/heads/{branch}\ncommitter {WHO}\n"
            f"data {len(subject)}\n{subject}\n{parent}{files}"
        )
        self.git.git("fast-import", "--quiet", "--date-format=raw", stdin=stream.encode())
        self.states[branch].append({**self.states[branch][-1], **changes})

    def new(self) -> str:
        """Make a text that was never there."""
        return f"{next(self.numbers)}\n"

    def release(self, environment: str, package: Package) -> str:
        """Tag the version that the branch holds, as auto-tag does; the same tag is made once."""
        branch = BRANCHES[environment]
        version = self.states[branch][-1][f"{package.path}/version"].strip()
        tag = f"{package.name}-v{version}{SUFFIXES[environment]}"
        if tag not in self.tagged:
            self.git.git("update-ref", f"refs/tags/{tag}", self.tip(branch))
            self.tagged[tag] = (branch, len(self.states[branch]))
        return tag

    def merge(self, branch: str, head: str, method: str) -> None:
        """Merge as a button does, which must not find a conflict."""
        base, message = self.tip(branch), "merged by hand"
        merge: str | None
        if method == "rebase":
            merge = merging.rebase(self.git, base, head, committer=WHO)
        elif method == "squash":
            merge = merging.squash(self.git, base, head, author=WHO, committer=WHO, message=message)
        else:
            merge = merging.merge(self.git, base, head, author=WHO, committer=WHO, message=message)
        assert merge, f"{method} conflicts"
        self.git.update_ref(f"refs/heads/{branch}", merge)

    def files(self, branch: str) -> Files:
        """Return what a branch really holds."""
        paths = self.git.git("ls-tree", "-r", "--name-only", branch).splitlines()
        texts = self.git.git(
            "cat-file",
            "--batch=%(objecttype)",
            stdin="".join(f"{branch}:{path}\n" for path in paths).encode(),
        )
        return dict(zip(paths, (f"{text}\n" for text in texts.split("\n")[1::3]), strict=True))

    def prepare(self, request: PromotionRequest) -> Preparation:
        """Prepare a promotion, in a new clone."""
        clone_folder = self.folder / f"clone-{next(self.numbers)}"
        clone_folder.mkdir()
        clone = PromotionClone(
            clone_folder, {"PATH": "/usr/bin:/bin"}, str(self.git.path), Secret("x")
        )
        monorepo = Monorepo(PACKAGES, clone.list_tags(), DEFAULT_ENVIRONMENTS)
        selection = select_packages(request, PACKAGES, DEFAULT_ENVIRONMENTS, (), monorepo.tags)
        assert selection is not None
        return prepare(clone, selection, monorepo, lambda _: {})


def part(files: Files, package: Package) -> Files:
    """Return a package's folder in what a branch holds."""
    return {path: text for path, text in files.items() if path.startswith(f"{package.path}/")}


def newest(world: ModelledMonorepo, environment: str, package: Package, states: int) -> str:
    """Find a package's newest tag among the first states of a branch; empty for none."""
    suffix, branch = SUFFIXES[environment], BRANCHES[environment]
    start = f"{package.name}-v"
    tags = [
        (Version(tag.removeprefix(start).removesuffix(suffix or "!")), tag)
        for tag, (of, count) in world.tagged.items()
        if of == branch and count <= states and tag.startswith(start)
    ]
    return max(tags, default=(None, ""))[1]
