"""Prove that an environment works: by what it holds, and from inside, by importing the stage."""

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from dist_actions.locked_environment.causes import explain_failure
from dist_actions.locked_environment.place import COMPLETE, mark, packages_of
from dist_actions.services.runner import Runner
from dist_actions.stage import report_error

#: What imports most of what a stage needs, where that is not its `main`.
_NEEDS_MOST = {"auto_tag": "dist_actions.auto_tag.tagging"}
#: A requirement for every machine; those with a condition may rightly be missing.
_UNCONDITIONAL = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+) \\$", re.MULTILINE)


def prove(environment: Path, stage: str, environ: Mapping[str, str]) -> int | None:
    """Import a stage in a new environment, which this process runs in; mark what works.

    Returns:
        The exit status where it does not; the environment is gone then, and a rerun makes it anew.
    """
    try:
        import_module(_NEEDS_MOST.get(stage, f"dist_actions.{stage}.main"))
    except Exception as error:
        shutil.rmtree(environment, ignore_errors=True)
        failure = explain_failure(f"{type(error).__name__}: {error}", str(environment))
        report_error(Runner.from_environ(environ, sys.stdout), "dist-actions", failure)
        return failure.exit_status
    mark(environment, packages_of(environment), COMPLETE)
    return None


def find_missing(packages: Path, locks: Sequence[Path]) -> list[str]:
    """List what locks name for every machine and a folder of packages does not hold."""
    installed = {_normal(path.name) for path in packages.glob("*.dist-info")}
    return [
        f"{match['name']}=={match['version']}"
        for lock in locks
        for match in _UNCONDITIONAL.finditer(lock.read_text(encoding="utf-8"))
        if _normal(f"{match['name']}-{match['version']}.dist-info") not in installed
    ]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
