"""Fill the submodules of a checkout with the files that the rehearsal copied from the project."""

from collections.abc import Iterator
from pathlib import Path

from git_commands import attempt_git, list_names, run_git
from runner import StandInLimitError

_SUBMODULE_MODE = "160000"


def fill_submodules(folder: Path, server_url: str, credentials: Path, *, recursive: bool) -> None:
    """Check out the submodules of a repository, and those of theirs where `recursive` says so.

    The rehearsal's git server has the objects of every submodule, so they are all fetched from
    `server_url`; the address in `.gitmodules` is what each remembers.

    Raises:
        ActionError: `.gitmodules` does not name a submodule, as on GitHub.
        StandInLimitError: The project's folder has no files of a submodule.
    """
    submodules = list(_list_submodules(folder))
    if not submodules:
        return
    run_git(folder, "submodule", "init")
    for path, commit in submodules:
        _fill(folder / path, path, commit, server_url, credentials)
        run_git(folder, "submodule", "absorbgitdirs", "--", path)
        if recursive:
            fill_submodules(folder / path, server_url, credentials, recursive=True)


def _list_submodules(folder: Path) -> Iterator[tuple[str, str]]:
    """List path and commit of each submodule."""
    for entry in list_names(folder, "ls-files", "-z", "--stage"):
        facts, _, path = entry.partition("\t")
        mode, commit, _ = facts.split(" ")
        if mode == _SUBMODULE_MODE:
            yield path, commit


def _fill(folder: Path, path: str, commit: str, server_url: str, credentials: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    run_git(folder, "init", "--quiet", ".")
    source = ("-c", f"include.path={credentials}")
    fetched = attempt_git(folder, *source, "fetch", "--quiet", "--depth=1", server_url, commit)
    if fetched.returncode != 0:
        raise StandInLimitError(
            f"The rehearsal has no files of the submodule {path}.",
            why="its folder is empty in the project that is rehearsed, and a rehearsal downloads "
            "nothing.",
            fix="run `git submodule update --init --recursive` in the project, then rehearse it "
            "again.",
        )
    run_git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", "--force", commit)
    print(f"Submodule {path}: the files of the project's folder, as commit {commit}")
