"""How long the stages of an answer take."""

from __future__ import annotations

import time


class Stopwatch:
    """Runs from when it is made.

    Attributes:
        stages: Milliseconds of each stage that has ended, by name.
    """

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self.stages: dict[str, float] = {}

    def end(self, stage: str) -> None:
        """A stage that began where the one before it ended is over."""
        now = time.perf_counter()
        self.stages[stage] = (now - self._last) * 1000
        self._last = now

    @property
    def milliseconds(self) -> float:
        """How long it has been running."""
        return (time.perf_counter() - self._begun) * 1000
