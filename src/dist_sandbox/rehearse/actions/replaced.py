"""The actions that stand-ins replace: what only GitHub's own service, or its runner, can do."""

import compileall
import shutil
from collections.abc import Mapping
from pathlib import Path

#: Under which name act finds the stand-ins; it is no repository of GitHub.
STAND_INS = "dist-sandbox/actions"
STAND_INS_REF = "v1"
STAND_INS_AT_REF = f"{STAND_INS}@{STAND_INS_REF}"
STAND_INS_FOLDER = Path(__file__).parent / "stand_ins"
#: A repository in which `uses:` finds them.
STAND_INS_REPOSITORY = STAND_INS_FOLDER.parent

#: The folder of each one's stand-in.
REPLACED = {
    "actions/checkout": "checkout",
    "actions/setup-python": "setup-python",
    "actions/upload-artifact": "upload-artifact",
    "actions/download-artifact": "download-artifact",
    "astral-sh/setup-uv": "setup-uv",
    "pypa/cibuildwheel": "cibuildwheel",
    "PyO3/maturin-action": "maturin-action",
    "actions/cache": "cache",
    "actions/cache/restore": "cache-restore",
    "actions/cache/save": "cache-save",
    "actions/setup-node": "setup-node",
    "actions/attest": "attest",
    "actions/attest-build-provenance": "attest-build-provenance",
    "actions/configure-pages": "configure-pages",
    "actions/upload-pages-artifact": "upload-pages-artifact",
    "actions/deploy-pages": "deploy-pages",
    "step-security/harden-runner": "harden-runner",
    "docker/setup-qemu-action": "setup-qemu",
}
#: Inputs that have another value in a rehearsal, by action in lower case: each with the reason.
REPLACED_INPUTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "pypa/gh-action-pypi-publish": {
        "attestations": (
            "false",
            "attestations are not made in a rehearsal: the action trusts the keys of the real "
            "Sigstore alone.",
        )
    }
}
_STAND_INS_BY_ACTION = {action.lower(): name for action, name in REPLACED.items()}
_PLACE = "${GITHUB_ACTION_PATH}/"


def stand_in_path(name: str) -> str:
    """Return where a stand-in is in its repository, by the name of its folder."""
    return f"{STAND_INS_FOLDER.name}/{name}"


def link_stand_ins(target: Path) -> None:
    """Make a repository of one link to the stand-ins: act copies it for each step that uses one."""
    compileall.compile_dir(STAND_INS_FOLDER, quiet=2)
    target.mkdir(parents=True)
    (target / STAND_INS_FOLDER.name).symlink_to(STAND_INS_FOLDER, target_is_directory=True)


def copy_stand_ins(target: Path) -> None:
    """Make a repository of the stand-ins for containers, which cannot follow links."""
    compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(STAND_INS_FOLDER, target / STAND_INS_FOLDER.name, ignore=compiled)


def find_stand_in(action: str) -> str | None:
    """Find the folder of an action's stand-in; GitHub's names have no case."""
    return _STAND_INS_BY_ACTION.get(action.lower())


def write_replacement(repository: str, target: Path) -> Path:
    """Write a repository whose actions are the stand-ins, for the steps of other actions.

    act looks a nested `uses:` up by its repository, so the stand-ins of `OWNER/NAME` stand where
    that repository has its actions.
    """
    if target.is_dir():
        return target
    shutil.copytree(STAND_INS_FOLDER, target, ignore=shutil.ignore_patterns("__pycache__"))
    for action, name in REPLACED.items():
        owner, repository_name, *folders = action.split("/")
        if f"{owner}/{repository_name}".lower() != repository.lower():
            continue
        text = (STAND_INS_FOLDER / name / "action.yml").read_text(encoding="utf-8")
        place = target.joinpath(*folders)
        place.mkdir(exist_ok=True)
        way = "../" * len(folders) + name
        (place / "action.yml").write_text(text.replace(_PLACE, f"{_PLACE}{way}/"), encoding="utf-8")
    return target
