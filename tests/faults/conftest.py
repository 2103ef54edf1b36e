"""The flows that are to survive faults, each one in a sandbox of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.faults.flows import Flow
from support.faults.worlds import open_flow
from support.sandbox.fixtures import open_sandbox
from support.stages.running import StageRunner
from support.stages.warm_stages import WarmStages


@pytest.fixture(scope="session")
def shared_flow(
    kept_keys: Path, warm_stages: WarmStages, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Flow]]:
    """Gives one of the flows, which all tests of a session share; each puts its world back."""
    with ExitStack() as sandboxes:
        flows: dict[str, Flow] = {}

        def give(name: str) -> Flow:
            if name not in flows:
                folder = tmp_path_factory.mktemp("flow")
                sandbox = sandboxes.enter_context(open_sandbox(folder, kept_keys))
                run_stage = StageRunner(sandbox, folder / "stages", warm_stages)
                flows[name] = open_flow(name, sandbox, run_stage, folder)
            return flows[name]

        yield give
