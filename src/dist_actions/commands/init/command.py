"""The command `dist-actions init`: look, decide, show, and write."""

import argparse
import os
import posixpath
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dist_actions.commands.command_line import find_width, shows_colours
from dist_actions.commands.init.changes import Change, paint_diff
from dist_actions.commands.init.destination import Index, IndexSign
from dist_actions.commands.init.files import FileList
from dist_actions.commands.init.hosted import (
    HostedPlan,
    apply_plan,
    confirm,
    open_github,
    plan_hosted,
    settings_after,
)
from dist_actions.commands.init.repository import (
    GitFacts,
    NoPackageError,
    Repository,
    read_repository,
)
from dist_actions.commands.init.setup import SETUP_PAGE, Setup, decide
from dist_actions.commands.init.shell import quote
from dist_actions.commands.init.starters import read_starters, starters_folder
from dist_actions.commands.init.variables import HostedOptions
from dist_actions.commands.init.writing import (
    is_committed,
    plan_changes,
    require_committed,
    write_changes,
)
from dist_actions.commands.tables import write_item, write_table
from dist_actions.errors import EXIT_DONE, EXIT_REFUSED, DistActionsError, GitError, InputError
from dist_actions.pipeline.settings import Settings
from dist_actions.printable import printable
from dist_actions.services.foreign_code.pattern_matching import find_matches
from dist_actions.services.git.checkout import Git
from dist_actions.versions.project_files import normalised

_SKIPPED = frozenset(
    {".git", ".hg", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "site-packages"}
)


_INDEXES = """\
No file says where it is published:
  1  to Artifact Registry, from the branches dev, qa and main
  2  to PyPI, from one branch
1 or 2? [1] """
_ANSWERS: Mapping[str, Index] = {
    "": "Artifact Registry",
    "1": "Artifact Registry",
    "artifact registry": "Artifact Registry",
    "2": "PyPI",
    "pypi": "PyPI",
}


def run_init(arguments: argparse.Namespace) -> int:
    """Set a repository up, or show what would be written; the exit status is the answer."""
    try:
        return _run(arguments)
    except DistActionsError as error:
        print(printable(f"dist-actions: {error.lines}"), file=sys.stderr)
        return error.exit_status


def _run(arguments: argparse.Namespace) -> int:
    options = HostedOptions.of(arguments)
    only_shown = arguments.dry_run or arguments.check
    folder = _repository_folder(Path(arguments.path))
    if not only_shown:
        _require_root(folder)
    package_path = posixpath.normpath(arguments.package_path or ".")
    try:
        repository = look_at(folder, package_path if arguments.package_path else "")
    except NoPackageError as error:
        raise _find_package_in_root(folder) or error from None
    setup = _decide(arguments, repository, may_ask=not (options.agreed or arguments.check))
    changes = plan_changes(folder, setup)
    _refuse_mixture(setup, arguments)
    if arguments.replace:
        require_committed(folder, changes)
    texts = _workflows_after(repository, setup, replaced=arguments.replace)
    hosted = None
    if options.apply:
        settings = settings_after(folder, repository.settings, setup.settings)
        hosted = _plan_hosted(folder, repository, settings, texts, options)
    if not only_shown and not hosted:
        write_changes(folder, changes, replace=arguments.replace)
    print(_write_choices(setup))
    if hosted:
        print(f"\n{hosted}")
    if only_shown:
        return _show(changes, hosted, failing=arguments.check)
    if hosted and not confirm(hosted, agreed=options.agreed):
        print("Nothing was changed.")
        return EXIT_REFUSED
    if hosted:
        write_changes(folder, changes, replace=arguments.replace)
    _say_what_became(changes, replaced=arguments.replace)
    if hosted:
        apply_plan(hosted)
    steps = _list_next_steps(folder, setup, hosted, changes)
    items = [write_item(step, find_width(sys.stdout)) for step in steps]
    if items:
        print("\n".join(["\nWhat remains, in this order:", *items]))
    else:
        branch = setup.first_branch
        print(
            f"\nNothing remains to be done: a new version that is pushed to {branch} is released."
        )
    return EXIT_DONE


def _decide(arguments: argparse.Namespace, repository: Repository, *, may_ask: bool) -> Setup:
    """Decide, and ask a person at a terminal for the index where no file tells it."""
    starters = read_starters(starters_folder())
    setup = decide(repository, starters, arguments.starter)
    may_ask = may_ask and setup.index_assumed and sys.stdin.isatty()
    if may_ask and (answer := _ask_index()):
        return decide(replace(repository, index=answer), starters)
    return setup


def _refuse_mixture(setup: Setup, arguments: argparse.Namespace) -> None:
    """Refuse to put the settings of one starter beside the workflows of another.

    Raises:
        InputError: They would be, because files that are there are kept.
    """
    if setup.other_starter is None or arguments.replace or not arguments.starter:
        return
    present = setup.other_starter or "for Artifact Registry"
    raise InputError(
        f"The workflows here are of the starter {present}, not {arguments.starter}.",
        why="files that are there are kept, and a mixture of two starters releases nothing.",
        fix="remove the workflows of that starter, and those settings of [tool.dist-actions] that "
        "are about it, and run it again.",
    )


def _ask_index() -> IndexSign | None:
    """Ask where the project is published, until there is an answer; None for none."""
    while True:
        try:
            answer = input(_INDEXES).strip().lower()
        except EOFError:
            return None
        if answer in _ANSWERS:
            return IndexSign(_ANSWERS[answer], "your answer")


def _list_next_steps(
    folder: Path, setup: Setup, hosted: HostedPlan | None, changes: Sequence[Change]
) -> list[str]:
    """List what remains for a person, in the order in which it is done."""
    steps = [*setup.by_hand]
    if not Git.asking(folder, os.environ).succeeds("rev-parse", "--git-dir"):
        steps.insert(0, "Make it a repository of git with a remote on GitHub: git init -b main")
    if hosted and (hosted.by_hand or setup.page != SETUP_PAGE):
        steps.append(f"Set up what GitHub does not have yet, as {setup.page} shows.")
    if hosted:
        steps += hosted.by_hand
    else:
        steps.append(f"Set up what {setup.page} lists.")
        steps.append(
            "Let `dist-actions init --apply` make branches, environments and rules on GitHub as "
            "these workflows need them, or make them by hand."
        )
    paths = {change.path for change in changes if not is_committed(folder, change)}
    if paths:
        tops = " ".join(sorted({path.partition("/")[0] for path in paths}))
        steps.append(
            f"Commit what it wrote, and push it to the branch {setup.first_branch}: "
            f'git add {tops} && git commit -m "ci: release by dist-actions" && '
            f"git push origin HEAD:{quote(setup.first_branch)}"
        )
    if hosted and hosted.branches_to_come:
        branches = [name for name in hosted.branches_to_come if name != setup.first_branch]
        start = "Then" if paths else f"Push {setup.first_branch}, then"
        steps.append(
            f"{start} run the command again: it makes {' and '.join(branches)} from its commit."
        )
    return steps


def _workflows_after(repository: Repository, setup: Setup, *, replaced: bool) -> dict[str, str]:
    """Return the texts of the workflows as they are once the set-up is written."""
    if replaced:
        return {**repository.workflows, **setup.workflows}
    return {**setup.workflows, **repository.workflows}


def _plan_hosted(
    folder: Path,
    repository: Repository,
    settings: Settings,
    texts: Mapping[str, str],
    options: HostedOptions,
) -> HostedPlan:
    """Read the settings on GitHub, and plan how they become as the workflows need them."""
    client = open_github(options.repository, folder, os.environ)
    names = [normalised(package.name) for package in repository.packages if package.name]
    name = str(names[0]) if len(names) == 1 else ""
    return plan_hosted(client, settings, name, texts, options)


def look_at(folder: Path, package_path: str = "") -> Repository:
    """Read what a repository is.

    Raises:
        InputError: It holds no Python package, or a file that decides cannot be used.
    """
    git = Git.asking(folder, os.environ)
    return read_repository(
        folder, FileList.of(_list_files(folder, git)), _ask_git(git), find_matches, package_path
    )


def _repository_folder(path: Path) -> Path:
    folder = path.resolve()
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {path}.",
            why="init looks at the files of a repository.",
            fix="name the folder that holds it, or leave it out for the current one.",
        )
    return folder


def _require_root(folder: Path) -> None:
    """Refuse to write workflows where GitHub does not look for them.

    Raises:
        InputError: The folder is one of a repository.
    """
    git = Git.asking(folder, os.environ)
    if not git.list_paths("ls-files", "-z", "--", "."):
        return
    prefix = git.run("rev-parse", "--show-prefix").rstrip("\n").rstrip("/")
    if not prefix:
        return
    root = _find_root(git)
    is_package = any((folder / name).is_file() for name in ("pyproject.toml", "setup.py"))
    alone = f", with --package-path {quote(prefix)} for this package alone" if is_package else ""
    raise InputError(
        f"{folder} is not the root of its repository.",
        why=f"GitHub reads only the workflows in the root, {root}.",
        fix=f"run it there{alone}: cd {quote(str(root))} && dist-actions init",
    )


def _find_root(git: Git) -> Path:
    return Path(git.run("rev-parse", "--show-toplevel").removesuffix("\n"))


def _find_package_in_root(folder: Path) -> NoPackageError | None:
    """Explain that the root of a folder's repository holds a package; None where it does not."""
    try:
        root = _find_root(Git.asking(folder, os.environ))
        if root != folder:
            look_at(root)
            return NoPackageError.below(root, folder)
    except (GitError, NoPackageError):
        pass
    return None


def _list_files(folder: Path, git: Git) -> list[str]:
    """List what git knows or would add, with the files of submodules; else all files."""
    listed = git.list_paths("ls-files", "-z", "-co", "--exclude-standard", "--", ".")
    if not listed:
        return list(_walk(folder, folder))
    paths = []
    for path in listed:
        full = folder / path
        # A submodule is one entry of the index.
        paths += _walk(folder, full) if full.is_dir() and not full.is_symlink() else [path]
    return [path for path in paths if (folder / path).is_file()]


def _walk(root: Path, folder: Path) -> list[str]:
    paths = []
    for parent, names, files in os.walk(folder):
        names[:] = sorted(set(names) - _SKIPPED)
        paths += [(Path(parent) / name).relative_to(root).as_posix() for name in files]
    return paths


def _ask_git(git: Git) -> GitFacts:
    try:
        refs = git.run("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin")
        tags = git.run(
            "for-each-ref", "--sort=-creatordate", "--format=%(refname:strip=2)", "refs/tags"
        )
    except GitError:
        return GitFacts()
    branches = {re.sub(r"^refs/(heads|remotes/origin)/", "", ref) for ref in refs.split()}
    return GitFacts(frozenset(branches), tuple(tags.split()))


def _show(changes: Sequence[Change], hosted: HostedPlan | None, *, failing: bool) -> int:
    different = [change for change in changes if change.state != "same"]
    nothing = "No file would change." if hosted and hosted.changes else "Nothing would change."
    print("".join(f"\n{_paint(change.diff)}" for change in different) or f"\n{nothing}")
    names = ", ".join(
        [*(change.path for change in different), *(hosted.not_as_needed if hosted else ())]
    )
    if failing and names:
        print(f"dist-actions: not as init would write it: {names}.", file=sys.stderr)
        return EXIT_REFUSED
    return EXIT_DONE


def _say_what_became(changes: Sequence[Change], *, replaced: bool) -> None:
    for change in changes:
        if change.state == "differs" and not (change.adds or replaced):
            print(f"\nKept {change.path}, which differs; --replace writes this into it:")
            print(_paint(change.diff))
        else:
            word = {"new": "Wrote", "same": "Unchanged:", "differs": "Changed"}[change.state]
            print(f"{word} {change.path}")


def _paint(diff: str) -> str:
    return paint_diff(diff) if shows_colours(sys.stdout) else diff


def _write_choices(setup: Setup) -> str:
    rows = [
        (choice.subject, choice.observation, choice.decision, choice.why)
        for choice in setup.choices
    ]
    width = find_width(sys.stdout)
    table = write_table(("", "seen", "decided", "why"), rows, width=width)
    if not setup.index_assumed:
        return table
    note = (
        "Artifact Registry is assumed: no file says where it is published. For PyPI, run it with "
        "--starter pypi, without the workflows that are for Artifact Registry."
    )
    return f"{table}\n\n{write_item(note, width)}"
