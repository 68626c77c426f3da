"""SPARQL in a process of its own, so that a query that takes too long can really be ended.

A Python thread cannot be killed and neither engine has a time limit of its own. So queries run in child processes
that hold a copy of the graph; the parent waits for as long as is allowed and then kills the child, and a new one is
started for the next query. Parent and child exchange frames of MessagePack.

Run as a module, this file is the child.
"""

from __future__ import annotations

import contextlib
import queue
import resource
import sys
import threading
from typing import TYPE_CHECKING, Literal, cast

import msgspec

from iio_kg import errors
from iio_kg.child import Child, ChildEnded, ChildTimeout, read_frame, write_frame
from iio_kg.errors import BadQuery, EndpointBusy, NotAcceptable, QueryTimeout, ResultTooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The most memory a child may take, in bytes.
_MEMORY = 4 << 30
#: How long a query waits for a child where as many wait already as there are children, in seconds. Each of them keeps a
#: thread of the server, and questions need one too.
_PATIENCE = 1.0
#: How long a child may take to load the graph, in seconds.
_START_SECONDS = 60.0

ResultKind = Literal["table", "boolean", "graph"]


class Load(msgspec.Struct, frozen=True):
    """The first frame to a child: what it answers from."""

    nquads: bytes
    prefixes: dict[str, str]
    max_bytes: int


class Request(msgspec.Struct, frozen=True):
    """A query, with the form in which each kind of result is wanted (None: not acceptable)."""

    query: str
    table: str | None
    graph: str | None
    default_graphs: list[str]
    named_graphs: list[str]


class Result(msgspec.Struct, frozen=True):
    """A result, written out in the form that was asked for."""

    kind: ResultKind
    media_type: str
    body: bytes


class Failure(msgspec.Struct, frozen=True):
    """An error of the child, by the name of its class."""

    error: str
    message: str
    hint: str


Reply = Result | Failure


class _Reply(msgspec.Struct, frozen=True):
    result: Result | None = None
    failure: Failure | None = None


class Worker:
    """A child process."""

    def __init__(self, load: Load) -> None:
        self._child = Child("iio_kg.graph.worker")
        self._child.send(msgspec.msgpack.encode(load))
        self._receive(_START_SECONDS)

    def run(self, request: Request, seconds: float) -> Result:
        """Answer a query within a time.

        Raises:
            QueryTimeout: It takes longer; this worker is of no more use.
            IioKgError: What the child found wrong.
        """
        self._child.send(msgspec.msgpack.encode(request))
        reply = msgspec.msgpack.decode(self._receive(seconds), type=_Reply)
        if reply.failure is not None:
            kind: type[errors.IioKgError] = getattr(errors, reply.failure.error)
            raise kind(reply.failure.message, reply.failure.hint)
        return cast("Result", reply.result)

    def _receive(self, seconds: float) -> bytes:
        try:
            return self._child.receive(seconds)
        except ChildTimeout:
            raise QueryTimeout(
                f"The query took longer than {seconds:g} seconds and was ended.",
                "Ask for less: add a LIMIT, or fewer joins.",
            ) from None
        except ChildEnded:
            raise ResultTooLarge(
                "The query took more memory than is allowed and was ended.", "Ask for less: add a LIMIT."
            ) from None

    def stop(self) -> None:
        """End the child."""
        self._child.stop()


class Workers:
    """A number of children that answer side by side; they are started when they are first needed.

    Args:
        nquads: The dataset.
        prefixes: Prefixes that queries need not declare.
        count: How many queries may run at once.
        seconds: How long one may take.
        max_bytes: How large a result may be.
    """

    def __init__(
        self, nquads: bytes, prefixes: Mapping[str, str], *, count: int, seconds: float, max_bytes: int
    ) -> None:
        self._load = Load(nquads, dict(prefixes), max_bytes)
        self._seconds = seconds
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        self._all: set[Worker] = set()
        self._lock = threading.Lock()
        self._count, self._waiting = count, 0
        for _ in range(count):
            self._idle.put(None)

    def run(self, request: Request) -> Result:
        """Answer a query.

        Raises:
            QueryTimeout: It takes too long.
            EndpointBusy: All children are busy for as long as one query may take, or for a second where as many
                queries wait already as there are children.
            IioKgError: The query cannot be run; see `Worker.run`.
        """
        worker = self._free()
        keep: Worker | None = None
        try:
            if worker is None:
                worker = Worker(self._load)
                with self._lock:
                    self._all.add(worker)
            try:
                result = worker.run(request, self._seconds)
            except (BadQuery, NotAcceptable) as error:
                keep = None if isinstance(error, QueryTimeout | ResultTooLarge) else worker
                raise
            keep = worker
            return result
        finally:
            if keep is None and worker is not None:
                with self._lock:
                    self._all.discard(worker)
                worker.stop()
            self._idle.put(keep)

    def _free(self) -> Worker | None:
        """A child that is idle, once there is one; None for one that is not started yet."""
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            others, self._waiting = self._waiting, self._waiting + 1
        try:
            return self._idle.get(timeout=self._seconds if others < self._count else min(_PATIENCE, self._seconds))
        except queue.Empty:
            raise EndpointBusy("The endpoint is busy with other queries.", "Try again in a moment.") from None
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """End all children."""
        with self._lock:
            for worker in self._all:
                worker.stop()
            self._all.clear()


def main() -> None:
    """Be the child: load the graph, then answer one query after another until the parent is gone."""
    from iio_kg.graph.store import Store

    source, target = sys.stdin.buffer, sys.stdout.buffer
    first = read_frame(source)
    if first is None:
        return
    load = msgspec.msgpack.decode(first, type=Load)
    store = Store(load.nquads, load.prefixes)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    write_frame(target, b"ready")
    while (frame := read_frame(source)) is not None:
        request = msgspec.msgpack.decode(frame, type=Request)
        try:
            kind, media_type, body = store.answer(
                request.query,
                table=request.table,
                graph=request.graph,
                default_graphs=request.default_graphs,
                named_graphs=request.named_graphs,
                max_bytes=load.max_bytes,
            )
            reply = _Reply(result=Result(kind, media_type, body))
        except errors.IioKgError as error:
            reply = _Reply(failure=Failure(type(error).__name__, error.message, error.hint))
        write_frame(target, msgspec.msgpack.encode(reply))


if __name__ == "__main__":
    main()
