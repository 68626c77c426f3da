"""Which thread of the server takes a request."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from iio_kg.serve.dispatch import LastFirst, warm_dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from waitress.task import ThreadedTaskDispatcher

THREADS = 4
PATIENCE = 30.0


class Task:
    """A request: what the server's thread does for it."""

    def __init__(self, work: Callable[[], object] = lambda: None) -> None:
        self._work = work
        self._done = threading.Event()
        self._thread = ""

    def service(self) -> None:
        self._work()
        self._thread = threading.current_thread().name
        self._done.set()

    def cancel(self) -> None:
        self._done.set()

    def thread(self) -> str:
        """The name of the thread that did it."""
        assert self._done.wait(PATIENCE)
        return self._thread


@pytest.fixture
def dispatcher() -> Iterator[ThreadedTaskDispatcher]:
    its = warm_dispatcher(THREADS)
    yield its
    its.shutdown()


def rest(dispatcher: ThreadedTaskDispatcher) -> None:
    """Wait until all threads do."""
    limit = time.monotonic() + PATIENCE
    while dispatcher.active_count:
        assert time.monotonic() < limit


def test_who_came_last_is_woken_first() -> None:
    lock = threading.Lock()
    condition = LastFirst(lock)
    waiting: list[int] = []

    def wait(number: int) -> None:
        with lock:
            waiting.append(number)
            condition.wait()

    threads = []
    for number in range(THREADS):
        threads.append(threading.Thread(target=wait, args=(number,), daemon=True))
        threads[-1].start()
        limit = time.monotonic() + PATIENCE
        while len(waiting) <= number:
            assert time.monotonic() < limit
    for number in reversed(range(THREADS)):
        with lock:
            condition.notify()
        threads[number].join(PATIENCE)
        assert [thread.is_alive() for thread in threads] == [other < number for other in range(THREADS)]
    with lock:
        condition.notify()  # nobody waits


def test_requests_one_by_one_are_all_taken_by_one_thread(dispatcher: ThreadedTaskDispatcher) -> None:
    taken = set()
    for _ in range(5 * THREADS):
        rest(dispatcher)
        task = Task()
        dispatcher.add_task(task)
        taken.add(task.thread())
    assert len(taken) == 1


def test_requests_at_once_are_taken_by_all_threads(dispatcher: ThreadedTaskDispatcher) -> None:
    together = threading.Barrier(THREADS)
    tasks = [Task(lambda: together.wait(PATIENCE)) for _ in range(3 * THREADS)]
    for task in tasks:
        dispatcher.add_task(task)
    assert len({task.thread() for task in tasks}) == THREADS


def test_all_threads_end_with_the_server(dispatcher: ThreadedTaskDispatcher) -> None:
    task = Task()
    dispatcher.add_task(task)
    task.thread()
    dispatcher.shutdown(timeout=PATIENCE)
    assert not dispatcher.threads
