"""Repositories of actions on this machine, which git takes for those of github.com."""

import os
from collections.abc import Mapping
from pathlib import Path

from dist_sandbox.rehearse.project.clone import GitClone


class ActionMirror:
    """A folder of repositories; `environ` leads git from github.com to them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def environ(self) -> dict[str, str]:
        """What a user's git configuration may say, by variables."""
        return {
            **os.environ,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self._folder}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/",
        }

    def publish(self, repository: str, files: Mapping[str, str], tag: str = "v1") -> str:
        """Commit these files in a repository and let a tag be there; returns the commit."""
        folder = self._folder / repository
        git = GitClone(folder)
        if not folder.is_dir():
            folder.mkdir(parents=True)
            git.run("init", "--quiet", "--initial-branch=main", ".")
        for name, text in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        commit = git.commit_all("feat: an action")
        git.run("tag", "--force", tag)
        return commit

    def close(self, repository: str) -> None:
        """Let nobody find a repository any more."""
        folder = self._folder / repository
        folder.rename(folder.with_name(f"{folder.name}-closed"))
