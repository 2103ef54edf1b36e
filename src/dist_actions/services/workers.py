"""Calls side by side, in threads that hold up no job that the runner cancels."""

from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

#: Requests to one service that are under way at once.
SIDE_BY_SIDE = 8


def side_by_side(
    function: Callable[[A], B], values: Iterable[A], workers: int = SIDE_BY_SIDE
) -> list[B]:
    """Call a function for each value, some at once; after the first error no call begins.

    A thread of `concurrent.futures` is waited for, even at the end of the process: one that waits
    for a server would keep a cancelled job from revoking its token before it is ended by force.

    Raises:
        Exception: The first error of a call, once those that had begun have ended.
    """
    tasks: SimpleQueue[tuple[int, A]] = SimpleQueue()
    for task in enumerate(values):
        tasks.put(task)
    count, stopped = tasks.qsize(), Event()
    results: dict[int, B] = {}
    errors: list[Exception] = []

    def work() -> None:
        while not stopped.is_set():
            try:
                number, value = tasks.get_nowait()
            except Empty:
                return
            try:
                results[number] = function(value)
            except Exception as error:
                errors.append(error)
                stopped.set()

    threads = [Thread(target=work, daemon=True) for _ in range(min(workers, count))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        stopped.set()
    if errors:
        raise errors[0]
    return [results[number] for number in range(count)]
