"""Start an action in its own locked environment; refuse a Python that is too old for it.

It is what `main.py` of each action imports. Both keep to the syntax and the library of Python 3.6
until such a Python is refused: no `from __future__ import annotations`, no subscripted types.
"""

import platform
import sys
from importlib import import_module


def start(stage: str, *arguments: object) -> int:
    """Run a stage.

    Args:
        stage: `auto_tag`, `release`, `promote` or `publish`.
        arguments: What its `main` gets besides the environment.

    Returns:
        The stage's exit status. In the runner's own Python it does not return, unless the stage
        cannot start: the process is replaced.
    """
    if sys.version_info < (3, 10):  # noqa: UP036 - the runner's Python can be older than ours
        print(
            f"::error title=dist-actions::python3 is {platform.python_version()}. Why: this action "
            "needs Python 3.10 or newer. Fix: add actions/setup-python as the first step."
        )
        return 1
    signals = import_module("dist_actions.services.signals")
    try:
        # Imports and the making of an environment take seconds, in which a job can be cancelled.
        with signals.terminable():
            entering = import_module("dist_actions.locked_environment.entering")
            return int(entering.enter(stage, *arguments))
    except signals.TerminatedError:
        return int(import_module("dist_actions.stage").report_cancellation(stage))
