"""Child processes that can be ended: frames between parent and child, each waited for no longer than is allowed.

A Python thread cannot be killed, nor can a C library be kept from taking all memory. So what may run away (a query, a
file from elsewhere) runs in a child. Both sides exchange frames: four bytes of length, then the payload.
"""

from __future__ import annotations

import os
import select
import struct
import subprocess
import sys
import time
from typing import BinaryIO, cast

_LENGTH = struct.Struct(">I")


class ChildTimeout(Exception):
    """The child took longer than it was given."""


class ChildEnded(Exception):
    """The child is gone: it crashed, or was refused the memory that it asked for."""


class Child:
    """A Python module that runs as a process and answers frames with frames.

    Args:
        module: The module's name; its ``main`` reads frames from standard input.
        quiet: Whether what it says on standard error is dropped.
    """

    def __init__(self, module: str, *, quiet: bool = False) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own modules, no words of anybody else's
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
        )
        self._input = cast("BinaryIO", self._process.stdin)
        self._output = cast("BinaryIO", self._process.stdout)

    def send(self, payload: bytes) -> None:
        """Send a frame.

        Raises:
            ChildEnded: It is gone.
        """
        try:
            write_frame(self._input, payload)
        except BrokenPipeError:
            raise ChildEnded from None

    def receive(self, seconds: float) -> bytes:
        """Wait for a frame; after an error this child is of no more use.

        Raises:
            ChildTimeout: None came whole in this time.
            ChildEnded: It is gone.
        """
        deadline = time.monotonic() + seconds
        (length,) = _LENGTH.unpack(self._take(_LENGTH.size, deadline))
        return self._take(length, deadline)

    def _take(self, length: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        descriptor = self._output.fileno()
        while length:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise ChildTimeout
            part = os.read(descriptor, min(length, 1 << 20))
            if not part:
                raise ChildEnded
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._output.close()
        try:
            self._input.close()
        except BrokenPipeError:
            # What was still to be sent has nobody to go to.
            return


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Write one frame."""
    stream.write(_LENGTH.pack(len(payload)) + payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one frame; None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    return stream.read(_LENGTH.unpack(head)[0])
