"""Reading in a process of its own, with a limit to its memory and to how long it may go without progress.

A report may come from anywhere, and the libraries that open it are large. Whatever a file does to them, the parent
gets a reading or a sentence. Run as a module, this file is the child.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec

from iio_kg.child import Child, ChildEnded, ChildTimeout, read_frame, write_frame
from iio_kg.corpus.clean import RawBlock
from iio_kg.corpus.document import Page, Repair
from iio_kg.corpus.readers.reading import Properties, Reading
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable

#: The most memory a child may take (bytes), and how long it may go on without having read a further page (seconds).
MEMORY, SECONDS = 2 << 30, 60.0


class _Request(msgspec.Struct):
    path: str
    repair: Repair


class _Read(msgspec.Struct):
    """A reading, taken apart: a Struct of its own decodes faster than the types of the program."""

    source: str
    pages: tuple[Page, ...]
    blocks: tuple[RawBlock, ...]
    properties: Properties
    warnings: tuple[str, ...]
    typed: bool


class _Reply(msgspec.Struct):
    progress: tuple[int, int] | None = None
    read: _Read | None = None
    failure: tuple[str, str] | None = None


class ReadingProcess:
    """Reads files, one after another, in a child that is started when it is first needed.

    Args:
        seconds: How long it may go without progress.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, path: Path, repair: Repair, progress: Callable[[int, int], None] | None = None) -> Reading:
        """Read a file.

        Args:
            path: The file.
            repair: What a maintainer settled.
            progress: Is told how many pages of how many are read, where the format has pages.

        Raises:
            CorpusError: The file cannot be used, takes too long, or takes too much memory.
        """
        child = self._child = self._child or Child("iio_kg.corpus.readers.process", quiet=True)
        try:
            child.send(msgspec.msgpack.encode(_Request(str(path), repair)))
            while True:
                reply = msgspec.msgpack.decode(child.receive(self._seconds), type=_Reply)
                if reply.progress is None:
                    break
                if progress is not None:
                    progress(*reply.progress)
        except ChildTimeout:
            self._stop()
            raise CorpusError(
                f"{path}: reading went on for {self._seconds:g} seconds without reaching a further page and was ended.",
                "Save the file anew with another program.",
            ) from None
        except ChildEnded:
            self._stop()
            raise CorpusError(
                f"{path}: reading took more than {MEMORY >> 30} GiB of memory, or broke down, and was ended.",
                "Save the file anew with another program.",
            ) from None
        except BaseException:
            self._stop()
            raise
        if reply.read is None:
            raise CorpusError(*(reply.failure or ("", "")))
        its = reply.read
        return Reading(its.source, its.pages, its.blocks, its.properties, its.warnings, its.typed)

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None


def main() -> None:
    """Be the child: read one file after another until the parent is gone."""
    from iio_kg.corpus.readers import read_file

    source, target = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not come between the frames.
    sys.stdout = sys.stderr
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def send(reply: _Reply) -> None:
        write_frame(target, msgspec.msgpack.encode(reply))

    while (frame := read_frame(source)) is not None:
        request = msgspec.msgpack.decode(frame, type=_Request)
        path = Path(request.path)
        try:
            reading = read_file(path, request.repair, lambda done, total: send(_Reply(progress=(done, total))))
            its = (reading.source, reading.pages, reading.blocks, reading.properties, reading.warnings, reading.typed)
            reply = _Reply(read=_Read(*its))
        except CorpusError as error:
            reply = _Reply(failure=(error.message, error.hint))
        except (MemoryError, RecursionError):
            reply = _Reply(failure=(f"{path}: this file takes more memory than is allowed.", "Split it."))
        except Exception as error:
            # A library that breaks down on a file from elsewhere is no reason to lose the others.
            reply = _Reply(
                failure=(f"{path}: this file cannot be read ({type(error).__name__}: {error}).", "Save it anew.")
            )
        send(reply)


if __name__ == "__main__":
    main()
