"""Stand-in for actions/checkout: clone the repository with the rights of the job's token."""

import base64
import os
import shutil
import sys
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from git_commands import attempt_git, run_git
from lfs import compare_lfs
from runner import (
    ActionError,
    StandInLimitError,
    mask,
    note_difference,
    read_flag,
    read_input,
    read_lines,
    run_action,
    set_output,
    workspace,
)
from submodules import fill_submodules

#: All branches and tags.
_ALL = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")


def main() -> None:
    """Clone and check out, and keep or remove the credentials, by the inputs."""
    server, repository = os.environ["GITHUB_SERVER_URL"], read_input("repository")
    _refuse_other_repositories(server, repository)
    folder = (workspace() / read_input("path")).resolve()
    if not folder.is_relative_to(workspace().resolve()):
        raise ActionError(f"Repository path '{folder}' is not under '{workspace()}'")
    url = f"{server}/{repository}"
    _prepare_folder(folder, url)
    credentials = _write_credentials(server, _read_token())
    run_git(folder, "config", "--local", "include.path", str(credentials))
    ref, commit = _ref_and_commit(repository)
    target = _fetch(folder, ref, commit)
    _choose_sparse_files(folder)
    if ref.startswith("refs/heads/"):
        run_git(folder, "checkout", "--quiet", "--force", "-B", ref[len("refs/heads/") :], target)
    else:
        detached = ("-c", "advice.detachedHead=false", "checkout", "--quiet", "--force")
        run_git(folder, *detached, target)
    compare_lfs(folder, wanted=read_flag("lfs"))
    _fill_submodules(folder, url, credentials)
    if not read_flag("persist-credentials"):
        run_git(folder, "config", "--local", "--unset-all", "include.path")
        credentials.unlink()
    set_output("ref", ref)
    set_output("commit", run_git(folder, "rev-parse", "HEAD").strip())


def _refuse_other_repositories(server: str, repository: str) -> None:
    """Refuse what is on another server or in another repository.

    Raises:
        StandInLimitError: The rehearsal does not have it.
    """
    other_server = read_input("github-server-url").rstrip("/") not in ("", server.rstrip("/"))
    if not other_server and repository.lower() == os.environ["GITHUB_REPOSITORY"].lower():
        return
    name = f"{read_input('github-server-url')}/{repository}" if other_server else repository
    raise StandInLimitError(
        f"The rehearsal does not have the repository {name}.",
        why="it plays one repository, the project's, and downloads no other. On GitHub this step "
        "works if its token may read that repository.",
        fix="rehearse the workflow without this step.",
    )


def _read_token() -> str:
    token: str = read_input("token")
    if not token:
        raise ActionError("Input required and not supplied: token")
    if read_input("ssh-key"):
        note_difference("ssh-key: the rehearsal has no SSH server, and clones with the token.")
    return token


def _prepare_folder(folder: Path, url: str) -> None:
    """Keep an earlier checkout of the same repository; empty any other folder, as on GitHub."""
    if (folder / ".git").exists():
        remote = attempt_git(folder, "config", "--get", "remote.origin.url").stdout.strip()
        if remote == url:
            if read_flag("clean"):
                run_git(folder, "clean", "-ffdx")
                run_git(folder, "reset", "--quiet", "--hard")
            return
    if folder.is_dir():
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    # Without git's examples of hooks, which each checkout would have.
    run_git(folder, "init", "--quiet", "--initial-branch=main", "--template=", ".")
    for name in ("hooks", "info"):
        (folder / ".git" / name).mkdir(exist_ok=True)
    run_git(folder, "remote", "add", "origin", url)


def _choose_sparse_files(folder: Path) -> None:
    patterns = read_lines("sparse-checkout")
    if not patterns:
        if attempt_git(folder, "config", "core.sparseCheckout").stdout.strip() == "true":
            run_git(folder, "sparse-checkout", "disable")
        return
    cone = "--cone" if read_flag("sparse-checkout-cone-mode") else "--no-cone"
    text = "".join(f"{pattern}\n" for pattern in patterns)
    run_git(folder, "sparse-checkout", "set", cone, "--stdin", stdin=text)


def _fill_submodules(folder: Path, url: str, credentials: Path) -> None:
    wanted = read_input("submodules").lower()
    if wanted not in ("true", "recursive"):
        return
    fill_submodules(folder, url, credentials, recursive=wanted == "recursive")
    if read_flag("persist-credentials"):
        setting = f"git config --local include.path '{credentials}'"
        run_git(folder, "submodule", "--quiet", "foreach", "--recursive", setting)


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
    all_refs = not depth.isdigit() or depth == "0"
    options = ["--prune", "--no-recurse-submodules", "--quiet"]
    partial = read_input("filter") or ("blob:none" if read_lines("sparse-checkout") else "")
    options += [f"--filter={partial}"] if partial else []
    options += [] if all_refs else [f"--depth={depth}"]
    options += ["--tags"] if read_flag("fetch-tags") else ["--no-tags"]
    full = _resolve(folder, ref) if ref and not commit else ref
    spec, target = _refspec(full, commit)
    if all_refs:
        run_git(folder, "fetch", *options, "origin", *_ALL)
    run_git(folder, "fetch", *options, "origin", spec)
    return target


def _resolve(folder: Path, ref: str) -> str:
    """Complete a short ref; a branch wins over a tag, as with the real action."""
    if ref.startswith("refs/"):
        return ref
    lines = run_git(
        folder, "ls-remote", "origin", f"refs/heads/{ref}", f"refs/tags/{ref}"
    ).splitlines()
    names: list[str] = [line.split("\t")[1] for line in lines]
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


run_action(main)
