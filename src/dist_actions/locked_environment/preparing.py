"""Make the environments of stages ahead of their jobs, which then only read them.

It is run as a program by the Python that will start the stages: `preparing.py FOLDER STAGE ...`.
Where one cannot be made, the job tries again in a folder of its own, and says why it failed.
"""

import compileall
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dist_actions.errors import DistActionsError
from dist_actions.locked_environment.place import plan_environment, python_of, stands
from dist_actions.services.runner import Runner


def prepare(folder: Path, stage: str) -> bool:
    """Make the environment of a stage in a folder, with what it installs later; tell whether.

    Raises:
        DistActionsError: It cannot be made.
    """
    plan = plan_environment(stage, os.environ)
    if stands(folder / plan.name):
        return True
    making = import_module("dist_actions.locked_environment.making")
    runner = Runner.from_environ(os.environ, sys.stdout)
    environment = making.make_environment(plan, [folder], os.environ, runner)
    command = [str(python_of(environment)), "-I", __file__, "--inside", str(environment), stage]
    return subprocess.run(command, check=False).returncode == 0


def finish(environment: Path, stage: str) -> int:
    """Install what a stage needs later, from inside its environment, and prove that it works.

    Everything is compiled, because those who only read it cannot keep what they compile.
    """
    plan = plan_environment(stage, os.environ)
    if plan.later is not None:
        target = environment / plan.later.stem
        sys.path.append(str(target))
        later = import_module("dist_actions.locked_environment.later")
        making = import_module("dist_actions.locked_environment.making")
        module = later.module_of(plan.later)
        making.add_packages(environment, target, plan.later, module, os.environ)
    compileall.compile_dir(environment, quiet=2, workers=0)
    proof = import_module("dist_actions.locked_environment.proof")
    return int(proof.prove(environment, stage, os.environ) or 0)


def main(arguments: list[str]) -> int:
    """Run the program; the exit status is 1 where an environment could not be made."""
    if arguments[0] == "--inside":
        return finish(Path(arguments[1]), arguments[2])
    folder, *stages = arguments
    try:
        prepared = [prepare(Path(folder), stage) for stage in stages]
    except DistActionsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if all(prepared) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
