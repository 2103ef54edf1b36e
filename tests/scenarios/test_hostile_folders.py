"""Commands that people run in a folder whose `.git/config` names programs: none of them runs."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dist_actions.services.git.checkout import Git
from dist_sandbox.github.seed import list_project_files
from dist_sandbox.rehearse.actions.tree import export_tree
from dist_sandbox.rehearse.project.clone import GitClone
from dist_sandbox.rehearse.project.copy import copy_project
from dist_sandbox.rehearse.project.history import read_history

#: Every setting of a repository that can name a program, and what it needs to do so.
PROGRAMS = """\
[core]
    fsmonitor = "RUN"
    hooksPath = "HOOKS"
    pager = "RUN"
    editor = "RUN"
    askPass = "RUN"
    sshCommand = "RUN"
    gitProxy = "RUN"
    alternateRefsCommand = "RUN"
    attributesFile = "ATTRIBUTES"
    repositoryFormatVersion = 1
[extensions]
    partialClone = origin
    worktreeConfig = true
[remote "origin"]
    url = ssh://localhost/x
    promisor = true
    uploadpack = "RUN"
    receivepack = "RUN"
    vcs = "RUN"
[credential]
    helper = "!RUN"
[diff]
    external = "RUN"
[diff "canary"]
    textconv = "RUN"
    command = "RUN"
[filter "canary"]
    clean = "RUN"
    smudge = "RUN"
    process = "RUN"
    required = true
[merge "canary"]
    driver = "RUN"
[log]
    showSignature = true
[gpg]
    program = "PROGRAM"
[gpg "ssh"]
    program = "PROGRAM"
    defaultKeyCommand = "RUN"
[pager]
    log = "RUN"
    tag = "RUN"
[alias]
    ls-files = "!RUN"
    describe = "!RUN"
    asked = "!RUN"
[sequence]
    editor = "RUN"
[interactive]
    diffFilter = "RUN"
[trailer "x"]
    command = "RUN"
[include]
    path = INCLUDED
[includeIf "gitdir:/"]
    path = INCLUDED
"""
INCLUDED = '[core]\n    fsmonitor = "RUN"\n    sshCommand = "RUN"\n'
PYPROJECT = '[project]\nname = "a"\nversion = "1.0"\n'


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def hostile_folder(tmp_path: Path, canary: Path) -> Path:
    """A checkout with a commit that claims a signature, whose configuration names a canary."""
    folder, program, hooks = tmp_path / "a-project", tmp_path / "program", tmp_path / "hooks"
    folder.mkdir()
    program.write_text(f'#!/bin/sh\nenv >>"{canary}"\nexit 1\n')
    program.chmod(0o755)
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc"):
        (hooks / name).symlink_to(program)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / ".gitattributes").write_text("* diff=canary filter=canary merge=canary\n")
    _git(folder, "init", "-q", "-b", "dev")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "One")
    _sign(folder)
    _git(folder, "tag", "v1.0")
    texts = {"INCLUDED": str(tmp_path / "included"), "ATTRIBUTES": str(folder / ".gitattributes")}
    texts |= {"HOOKS": str(hooks), "PROGRAM": str(program), "RUN": str(program)}
    config, included = PROGRAMS, INCLUDED
    for name, value in texts.items():
        config, included = config.replace(name, value), included.replace(name, value)
    (tmp_path / "included").write_text(included)
    (folder / ".git" / "config").write_text(config)
    (folder / ".git" / "config.worktree").write_text(included)
    (folder / "pyproject.toml").write_text(PYPROJECT + "# edited\n")
    return folder


def _sign(folder: Path) -> None:
    """Put a signature, which need not be good, into the commit that is checked out."""
    commit = _git(folder, "cat-file", "commit", "HEAD")
    head, _, message = commit.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    signed = f"{head}\n{signature}\n\n{message}"
    made = _git(folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed)
    _git(folder, "update-ref", "HEAD", made.strip())


def _git(folder: Path, *arguments: str, stdin: str = "") -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull},
        input=stdin,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _copy(folder: Path) -> None:
    copy_project(folder, folder.parent / "copy")
    assert (folder.parent / "copy" / "pyproject.toml").is_file()


def _keep_history(folder: Path) -> None:
    """Borrow the folder's objects for two repositories, one of which fetches from the other."""
    assert read_history(folder).problem == "the clone is partial, and lacks objects"
    head = Git.asking(folder, os.environ).head_commit()
    server, clone = (GitClone(folder.parent / name) for name in ("server", "clone"))
    for repository in (server, clone):
        repository.folder.mkdir()
        repository.run("init", "--quiet")
        repository.borrow_objects([folder / ".git" / "objects"])
    server.run("update-ref", "refs/heads/main", head)
    clone.run("fetch", "--quiet", str(server.folder), "main")
    clone.run("push", "--quiet", str(server.folder), f"{head}:refs/heads/other")


def _seed(folder: Path) -> None:
    assert Path("pyproject.toml") in list_project_files(folder)


def _export(folder: Path) -> None:
    export_tree(folder, folder.parent / "tree")
    assert (folder.parent / "tree" / "pyproject.toml").is_file()


def _version(folder: Path) -> None:
    assert _command("version", str(folder)).returncode == 0


def _tag(folder: Path) -> None:
    assert _command("tag", "format", "1.0", "--environment", "dev", cwd=folder).returncode == 0


def _status(folder: Path) -> None:
    _command("status", cwd=folder)


def _read_history(folder: Path) -> None:
    """Read what commands read, and ask for an object that only a remote would have."""
    git = Git.asking(folder, os.environ)
    assert git.run("log", "-1", "--format=%s") == "One"
    assert git.run("show", "-s", "--format=%s") == "One"
    assert git.run("tag", "--list") == "v1.0"
    for command in (("cat-file", "-e", "1" * 40), ("fetch",), ("ls-remote", "origin")):
        assert not git.succeeds(*command)


def _command(*arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dist_actions.cli", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "ask",
    [_copy, _keep_history, _seed, _export, _version, _tag, _status],
    ids=lambda ask: ask.__name__.strip("_"),
)
def test_no_command_runs_a_program_of_the_folders_configuration(
    hostile_folder: Path, canary: Path, ask: Callable[[Path], None]
) -> None:
    ask(hostile_folder)
    assert not canary.exists(), canary.read_text()


def test_variables_of_git_name_no_program_either(
    hostile_folder: Path, canary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSH_COMMAND", "EXTERNAL_DIFF", "ASKPASS", "PAGER", "PROXY_COMMAND"):
        monkeypatch.setenv(f"GIT_{name}", f"touch {canary}")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {canary}")
    _read_history(hostile_folder)
    _copy(hostile_folder)
    assert not canary.exists(), canary.read_text()


def test_git_gets_no_secret_of_the_environment(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "A_TOKEN": "hidden", "GITHUB_TOKEN": "hidden"}
    _git(tmp_path, "init", "-q")
    printed = Git.asking(tmp_path, environ).run("-c", "alias.shown=!env", "shown")
    assert "PATH=" in printed
    assert "hidden" not in printed
