"""Read which repository on GitHub a project's folder is a clone of, and its default branch."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from dist_actions.errors import GitError
from dist_actions.services.git.checkout import Git

#: An address of git with a host: `https://HOST/OWNER/NAME.git`, `git@HOST:OWNER/NAME`.
_ADDRESS = re.compile(
    r"(?:\w+://(?:[^/@]+@)?[\w.:-]+/|(?:[^/@\s]+@)?[\w-]+(?:\.[\w-]+)+:)"
    r"(?P<owner>[A-Za-z0-9][\w-]*)/(?P<name>[\w.-]+?)(?:\.git)?/?$"
)
#: What GitHub takes for an account and a repository.
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[\w.-]+")


@dataclass(frozen=True)
class Remote:
    """What a clone knows of its repository on GitHub; each is empty where it does not.

    Attributes:
        repository: `OWNER/NAME`.
        default_branch: Its short name.
    """

    repository: str = ""
    default_branch: str = ""


def read_remote(project: Path) -> Remote:
    """Read the remote `origin` of a project's own repository; nothing is asked over a network."""
    if not (project / ".git").exists():
        return Remote()
    git = Git.asking(project, os.environ)
    try:
        url = _ask(git, "config", "--get", "remote.origin.url")
        branch = _ask(git, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
        branch = branch.removeprefix("origin/")
        branch = branch or _ask(git, "symbolic-ref", "--quiet", "--short", "HEAD")
    except GitError:
        return Remote()
    return Remote(read_repository_name(url), branch)


def read_repository_name(url: str) -> str:
    """Read `OWNER/NAME` from an address of git; empty for a folder of this machine."""
    match = _ADDRESS.match(url)
    return f"{match['owner']}/{match['name']}" if match else ""


def is_repository_name(text: str) -> bool:
    """Tell whether a text is written as `OWNER/NAME`."""
    return _REPOSITORY.fullmatch(text) is not None


def _ask(git: Git, *arguments: str) -> str:
    return git.run(*arguments).strip() if git.succeeds(*arguments) else ""
