"""Export the tree of dist-actions, for `uses: eigenoid/dist-actions/…` in a workflow."""

import compileall
import os
import re
import shutil
import subprocess
from importlib.util import cache_from_source
from pathlib import Path

import dist_actions
from dist_actions.services.git.checkout import Git
from dist_sandbox.folder_files import copy_files, select_special_files
from dist_sandbox.rehearse.errors import UsageError

#: This file in a checkout is src/dist_sandbox/rehearse/actions/tree.py.
_CHECKOUT = Path(__file__).resolve().parents[4]
#: What an installed package brings in place of a checkout; the source is its own.
_PACKAGED = Path(__file__).with_name("repository")
_SOURCE = Path("src") / "dist_actions"
#: What others call: GitHub packs no other file of that folder.
_REUSABLE = Path(".github", "workflows", "python-release.yml")
#: How the root action names the image of a release.
_PUBLISHED_IMAGE = re.compile(r"image: docker://\S+")
#: The files by which a folder is recognised as a checkout of dist-actions.
_MARKS = ("auto-tag/action.yml", "release/action.yml", "promote/action.yml")
#: Folders that no action reads; leaving them out makes each of act's copies cheaper.
_LEFT_OUT = (
    *("tests/", "docs/", "examples/", "benchmarks/", "scripts/", ".github/", ".ci/"),
    "src/dist_sandbox/",
)


def find_checkout(folder: Path | None) -> Path:
    """Find dist-actions: this folder, else what was installed, else the checkout of this code.

    Raises:
        UsageError: The folder is no such checkout.
    """
    if folder is None and _PACKAGED.is_dir():
        return _PACKAGED
    checkout = folder or _CHECKOUT
    missing = [mark for mark in (*_MARKS, str(_SOURCE)) if not (checkout / mark).exists()]
    if missing:
        raise UsageError(
            f"{checkout} is no checkout of dist-actions: {missing[0]} is missing.",
            why="the rehearsal runs the actions of the folder that --actions names.",
            fix="leave out --actions, or give it a clone of dist-actions.",
        )
    return checkout


def export_tree(checkout: Path, target: Path) -> None:
    """Copy what GitHub would download: the files of git that the export rules do not leave out.

    They are copied as they are in the work tree, so that a change can be rehearsed before its
    commit: the root action is built from it, too, and not the image that was made of a release.
    """
    _copy_tree(checkout, target)
    if (checkout / _REUSABLE).is_file() and not (checkout / _REUSABLE).is_symlink():
        (target / _REUSABLE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(checkout / _REUSABLE, target / _REUSABLE)
    metadata = target / "action.yml"
    if metadata.is_file() and not metadata.is_symlink():  # what a link leads to is not of the copy
        text = metadata.read_text(encoding="utf-8")
        metadata.write_text(_PUBLISHED_IMAGE.sub("image: Dockerfile", text), encoding="utf-8")


def _copy_tree(checkout: Path, target: Path) -> None:
    """Copy a checkout's files; what was installed instead of one is copied as it is."""
    if checkout == _PACKAGED:
        shutil.copytree(checkout, target)
        starters = shutil.ignore_patterns("starters")
        shutil.copytree(Path(dist_actions.__file__).parent, target / _SOURCE, ignore=starters)
        return
    files = _exported_files(checkout)
    if files is None:
        shutil.copytree(checkout, target, symlinks=True, ignore=_left_out)
        return
    copy_files(files, checkout, target)
    for file in files:
        source, copy = (Path(cache_from_source(folder / file)) for folder in (checkout, target))
        if file.endswith(".py") and source.is_file():
            copy.parent.mkdir(exist_ok=True)
            shutil.copy2(source, copy)


def link_tree(tree: Path, target: Path) -> None:
    """Compile what is not compiled yet of a tree, and make a folder of links to what is in it.

    act copies an action's whole repository for each job and each of its actions: of a folder of
    links that is a few links, and what they lead to is compiled once. Containers cannot follow
    them.
    """
    compileall.compile_dir(tree, quiet=2)
    target.mkdir(parents=True)
    for entry in sorted(tree.iterdir()):
        (target / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())


def use_local_bases(checkout: Path, tree: Path) -> None:
    """Let an exported tree's image be built where no registry gives its base image.

    That is for who works on a checkout; an installed package has no script for it.
    """
    if checkout == _PACKAGED:
        return
    subprocess.run(
        [str(checkout / "scripts" / "local-bases"), str(tree / "Dockerfile")],
        stdin=subprocess.DEVNULL,
        check=True,
    )


def _exported_files(checkout: Path) -> list[str] | None:
    """List the files to export; None where the folder is no git repository."""
    git = Git.asking(checkout, os.environ)
    files = git.list_paths("ls-files", "-z", "-co", "--exclude-standard")
    if not files:
        return None
    listing = "".join(f"{file}\0" for file in files)
    fields = git.list_paths("check-attr", "-z", "--stdin", "export-ignore", stdin=listing) or []
    ignored = {
        path for path, value in zip(fields[0::3], fields[2::3], strict=False) if value == "set"
    }
    return [file for file in files if file not in ignored and not file.startswith(_LEFT_OUT)]


def _left_out(folder: str, names: list[str]) -> set[str]:
    patterns = shutil.ignore_patterns(".*", "build", "dist", "tests", "__pycache__")
    return patterns(folder, names) | select_special_files(folder, names)
