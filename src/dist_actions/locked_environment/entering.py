"""Enter a stage's environment: the process starts again inside it, and runs the stage."""

import os
import sys
from importlib import import_module
from pathlib import Path

from dist_actions.locked_environment.later import packages_for_later
from dist_actions.locked_environment.place import (
    environment_folders,
    plan_environment,
    python_of,
    stands,
)
from dist_actions.services.signals import hold_back


def enter(stage: str, *arguments: object) -> int:
    """Run `main()` of `dist_actions.STAGE.main` in the stage's locked environment.

    Args:
        arguments: What `main()` gets besides the environment, where this process is inside.

    Returns:
        The stage's exit status. In the runner's own Python it returns only where there can be no
        environment: the process is replaced.
    """
    plan = plan_environment(stage, os.environ)
    if sys.argv[1:] == [sys.prefix]:
        return _run_inside(stage, Path(sys.prefix), plan.later, arguments)
    folders = environment_folders(os.environ)
    complete = (folder / plan.name for folder in folders if stands(folder / plan.name))
    environment = next(complete, None)
    if environment is None:
        making = import_module("dist_actions.locked_environment.making")
        environment = making.provide(plan, folders, os.environ)
        if isinstance(environment, int):
            return environment
    sys.stdout.flush()
    hold_back()
    python, entrypoint = str(python_of(environment)), str(Path(sys.argv[0]).resolve())
    return os.execv(python, [python, "-I", entrypoint, str(environment)])


def _run_inside(
    stage: str, environment: Path, later: Path | None, arguments: tuple[object, ...]
) -> int:
    with packages_for_later(environment, later):
        if not stands(environment):
            proof = import_module("dist_actions.locked_environment.proof")
            status = proof.prove(environment, stage, os.environ)
            if status is not None:
                return int(status)
        main = import_module(f"dist_actions.{stage}.main").main
        return int(main(dict(os.environ), *arguments))
