"""What is written down of an environment stands, though several jobs prove it at once."""

import multiprocessing
from pathlib import Path

import pytest

from dist_actions.locked_environment.place import COMPLETE, mark, packages_of


@pytest.fixture
def made_environment(tmp_path: Path) -> Path:
    (tmp_path / "lib" / "python3" / "site-packages" / "requests").mkdir(parents=True)
    return tmp_path


def _mark_often(environment: Path) -> None:
    for _ in range(100):
        mark(environment, packages_of(environment), COMPLETE)


def test_several_processes_mark_it_at_once(made_environment: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_mark_often, args=[made_environment]) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert [path.name for path in made_environment.glob(f"*{COMPLETE}*")] == [COMPLETE]
