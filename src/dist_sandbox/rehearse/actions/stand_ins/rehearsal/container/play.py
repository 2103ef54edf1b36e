"""Play a Docker action on this machine: its own scripts, with its own requirements."""

import hashlib
import json
import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from container_image import Image, passed_on
from dockerfile import NotPlayedError
from runner import ActionError, StandInLimitError, note_difference, run_action, workspace

#: Variables of this machine that a container does not get; it has its own.
_OF_THE_MACHINE = re.compile(
    r"PATH|HOME|PWD|OLDPWD|SHLVL|_|VIRTUAL_ENV|pythonLocation|Python\w*ROOT_DIR|DIST_SANDBOX_\w+|"
    r"LD_LIBRARY_PATH|PKG_CONFIG_PATH|TMPDIR"
)
_INPUT = re.compile(r"\$\{\{\s*inputs(?:\.([\w-]+)|\['([^']+)'\])\s*\}\}")
#: The files by which a step talks to the runner, and the one with the event.
_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")


def main() -> None:
    """Make the action's image, and start it with the step's inputs."""
    settings = json.loads(os.environ["DIST_SANDBOX_ACTION"])
    folder = workspace() / settings["folder"]
    inputs = {name: os.environ.get(key, "") for key, name in settings["inputs"].items()}
    runs = settings["runs"]
    if not runs:
        runs, declared = _read_generated(folder)
        inputs = declared | inputs
    dockerfile = find_dockerfile(str(runs.get("image", "")), folder, settings)
    try:
        image = _build(dockerfile, settings["bubblewrap"])
        environ, mounts = _surroundings(
            inputs, {k: str(v) for k, v in (runs.get("env") or {}).items()}
        )
        command = _command(image, runs, inputs)
        print(shlex.join([*command[:1], "..."][: len(command)]), flush=True)
        status = image.run(command, environ, folder="/github/workspace", shown=mounts)
    except NotPlayedError as error:
        raise _limit(dockerfile, str(error)) from error
    if status != 0:
        # What it printed says why, as on GitHub.
        raise SystemExit(status)


def find_dockerfile(image: str, folder: Path, settings: Mapping[str, str]) -> Path:
    """Find the Dockerfile of an image; one that the action's repository publishes is its own.

    Raises:
        StandInLimitError: It is an image of others.
    """
    own = rf"docker://ghcr\.io/{re.escape(settings['repository'])}[:@].+"
    if settings["root"] and re.fullmatch(own, image, re.IGNORECASE):
        note_difference(
            f"In place of {image} the rehearsal plays the Dockerfile that it is made of."
        )
        return Path(settings["root"], "Dockerfile")
    if image.startswith("docker://"):
        raise _limit(Path(image), "an image that only a container engine has")
    return folder / image


def _read_generated(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Read what an earlier step wrote as an action: how it runs, and the inputs' defaults."""
    for name in ("action.yml", "action.yaml"):
        if (folder / name).is_file():
            try:
                metadata = json.loads((folder / name).read_text(encoding="utf-8"))
            except ValueError:
                break
            if metadata["runs"]["using"] != "docker":
                break
            declared = metadata.get("inputs") or {}
            return metadata["runs"], {n: str(d.get("default", "")) for n, d in declared.items()}
    else:
        raise ActionError(
            f"Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '{folder}'. Did you "
            "forget to run actions/checkout before running your local action?"
        )
    raise StandInLimitError(
        f"The action in {folder} was written while the job ran.",
        why="of such actions the rehearsal plays those that are JSON and a container.",
        fix="rehearse with --docker.",
    )


def _build(dockerfile: Path, bubblewrap: str) -> Image:
    """Make the image; each step of a job has its own."""
    if not dockerfile.is_file():
        raise ActionError(f"There is no {dockerfile}.")
    base = Path(os.environ["RUNNER_TEMP"]) / "dist-sandbox-images"
    name = hashlib.sha256(str(dockerfile).encode()).hexdigest()[:12]
    number = len(list(base.glob(f"{name}-*")))
    root = base / f"{name}-{number}"
    root.mkdir(parents=True)
    image = Image(root, bubblewrap)
    note_difference(
        "There is no container engine (--docker), so the action's Dockerfile is played on this "
        "machine: its own scripts and requirements, with this machine's Python and programs."
    )
    print("::group::Build container for action use", flush=True)
    image.build(dockerfile)
    print("::endgroup::", flush=True)
    return image


def _surroundings(
    inputs: Mapping[str, str], env: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Path]]:
    """Choose the variables of the container, and the folders that it shares with the job."""
    temporary = Path(os.environ["RUNNER_TEMP"])
    home = temporary / "_github_home"
    home.mkdir(exist_ok=True)
    mounts = {
        "/github/workspace": workspace(),
        "/github/home": home,
        "/github/runner_temp": temporary,
        "/github/workflow": Path(os.environ["GITHUB_EVENT_PATH"]).parent,
    }
    environ = {
        name: value for name, value in os.environ.items() if not _OF_THE_MACHINE.fullmatch(name)
    }
    environ |= {
        **passed_on(os.environ),
        **{f"INPUT_{name.upper().replace(' ', '_')}": value for name, value in inputs.items()},
        **{name: _with_inputs(value, inputs) for name, value in env.items()},
        "HOME": "/github/home",
        "GITHUB_WORKSPACE": "/github/workspace",
        "RUNNER_TEMP": "/github/runner_temp",
        "GITHUB_EVENT_PATH": f"/github/workflow/{Path(os.environ['GITHUB_EVENT_PATH']).name}",
    }
    for name in _FILES:
        file = Path(os.environ[name])
        mounts["/github/file_commands"] = file.parent
        environ[name] = f"/github/file_commands/{file.name}"
    return environ, mounts


def _command(image: Image, runs: Mapping[str, Any], inputs: Mapping[str, str]) -> list[str]:
    """Choose the program and its arguments: the step's, else the action's, else the image's."""
    entrypoint = image.entrypoint
    override = os.environ.get("DIST_SANDBOX_ENTRYPOINT") or runs.get("entrypoint")
    if override:
        entrypoint = shlex.split(str(override))
    if "DIST_SANDBOX_ARGS" in os.environ:
        arguments = shlex.split(os.environ["DIST_SANDBOX_ARGS"])
    else:
        arguments = [
            _with_inputs(str(argument), inputs) for argument in runs.get("args") or image.cmd
        ]
    for part in ("pre-entrypoint", "post-entrypoint"):
        if part in runs:
            note_difference(f"The action's {part} is not played.")
    if not entrypoint and not arguments:
        raise NotPlayedError("no ENTRYPOINT and no CMD")
    return [*entrypoint, *arguments]


def _with_inputs(text: str, inputs: Mapping[str, str]) -> str:
    """Replace the inputs in a value of the action's metadata.

    Raises:
        NotPlayedError: It has another expression.
    """
    lower = {name.lower(): value for name, value in inputs.items()}
    replaced = _INPUT.sub(lambda match: lower.get((match[1] or match[2]).lower(), ""), text)
    if "${{" in _INPUT.sub("", text):
        raise NotPlayedError(f"the expression in {text}")
    return replaced


def _limit(dockerfile: Path, part: str) -> StandInLimitError:
    return StandInLimitError(
        f"The rehearsal cannot play {dockerfile.name} of a Docker action: {part}.",
        why="without a container engine it plays Dockerfiles of Python images on this machine.",
        fix="start a Docker engine and rehearse with --docker.",
    )


run_action(main)
