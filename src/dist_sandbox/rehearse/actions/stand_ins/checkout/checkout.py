"""Stand-in for actions/checkout: clone the repository with the rights of the job's token."""

import base64
import os
import subprocess
import sys
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner import ActionError, mask, read_flag, read_input, run_action, set_output, workspace

#: All branches and tags.
_ALL = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")


def main() -> None:
    """Clone and check out, and keep or remove the credentials, by the inputs."""
    for name in ("lfs", "submodules"):
        if read_input(name) != "false":
            raise ActionError(f"The stand-in of a rehearsal has no `{name}`.")
    folder = (workspace() / read_input("path")).resolve()
    if not folder.is_relative_to(workspace().resolve()):
        raise ActionError(f"Repository path '{folder}' is not under '{workspace()}'")
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet", "--initial-branch=main", ".")
    server, repository = os.environ["GITHUB_SERVER_URL"], read_input("repository")
    _git(folder, "remote", "add", "origin", f"{server}/{repository}")
    credentials = _write_credentials(server, read_input("token"))
    _git(folder, "config", "--local", "include.path", str(credentials))
    ref, commit = _ref_and_commit(repository)
    target = _fetch(folder, ref, commit)
    if ref.startswith("refs/heads/"):
        _git(folder, "checkout", "--quiet", "--force", "-B", ref[len("refs/heads/") :], target)
    else:
        _git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", target)
    if not read_flag("persist-credentials"):
        _git(folder, "config", "--local", "--unset-all", "include.path")
        credentials.unlink()
    set_output("ref", ref)
    set_output("commit", _git(folder, "rev-parse", "HEAD").strip())


def _ref_and_commit(repository: str) -> tuple[str, str]:
    """Read which ref to check out, and the commit where it is known; each may be empty."""
    ref = read_input("ref")
    if not ref and repository == os.environ["GITHUB_REPOSITORY"]:
        return os.environ["GITHUB_REF"], os.environ["GITHUB_SHA"]
    if len(ref) == 40 and all(char in "0123456789abcdef" for char in ref.lower()):
        return "", ref
    return ref, ""


def _fetch(folder: Path, ref: str, commit: str) -> str:
    """Fetch the ref, and return what is to be checked out."""
    depth = read_input("fetch-depth")
    all_refs = depth == "0"
    options = ["--prune", "--no-recurse-submodules", "--quiet"]
    options += [] if all_refs else [f"--depth={depth}"]
    options += ["--tags"] if read_flag("fetch-tags") else ["--no-tags"]
    full = _resolve(folder, ref) if ref and not commit else ref
    spec, target = _refspec(full, commit)
    if all_refs:
        _git(folder, "fetch", *options, "origin", *_ALL)
    _git(folder, "fetch", *options, "origin", spec)
    return target


def _resolve(folder: Path, ref: str) -> str:
    """Complete a short ref; a branch wins over a tag, as with the real action."""
    if ref.startswith("refs/"):
        return ref
    lines = _git(
        folder, "ls-remote", "origin", f"refs/heads/{ref}", f"refs/tags/{ref}"
    ).splitlines()
    names = [line.split("\t")[1] for line in lines]
    if not names:
        raise ActionError(f"A branch or tag with the name '{ref}' could not be found")
    return names[0]


def _refspec(ref: str, commit: str) -> tuple[str, str]:
    """Write what to fetch, and the name that it gets.

    Like the real action, a known commit is written under the tag's name: an annotated tag then
    looks lightweight in the clone.
    """
    source = commit or ref
    if ref.startswith("refs/heads/"):
        local = f"refs/remotes/origin/{ref[len('refs/heads/') :]}"
    elif ref.startswith("refs/pull/"):
        local = f"refs/remotes/pull/{ref[len('refs/pull/') :]}"
    elif ref.startswith("refs/tags/"):
        local = ref
    else:
        return source, commit
    return f"+{source}:{local}", local


def _write_credentials(server: str, token: str) -> Path:
    """Write the token to a git configuration outside the workspace, readable by its owner only."""
    encoded = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    mask(encoded)
    file = Path(os.environ["RUNNER_TEMP"]) / f"git-credentials-{uuid.uuid4()}.config"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    header = f"AUTHORIZATION: basic {encoded}"
    file.write_text(f'[http "{server}/"]\n\textraheader = {header}\n', encoding="utf-8")
    return file


def _git(folder: Path, *arguments: str) -> str:
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
    result = subprocess.run(
        ["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if result.returncode == 0:
        return result.stdout
    message = result.stderr.strip()
    hint = ""
    if "not found" in message or "403" in message or "Authentication failed" in message:
        hint = " Does the job have `permissions: contents: read`?"
    raise ActionError(
        f"git {arguments[0]} failed with exit code {result.returncode}: {message}{hint}"
    )


run_action(main)
