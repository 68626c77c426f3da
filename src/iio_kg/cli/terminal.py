"""What the commands share: the option for JSON, and how progress is shown."""

from __future__ import annotations

import sys
from typing import Any

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON in place of text.")


class Progress:
    """Shows steps and a progress bar on the terminal; only the steps where there is no terminal."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bar: Any = None
        self._quiet = quiet

    def step(self, sentence: str) -> None:
        """A piece of work begins."""
        self._end()
        if not self._quiet:
            click.echo(f"{sentence} …", err=True)

    def progress(self, done: int, total: int) -> None:
        """So much of it is done."""
        if self._bar is None:
            if self._quiet or not sys.stderr.isatty():
                return
            self._bar = click.progressbar(length=total, file=sys.stderr, show_pos=True).__enter__()
        self._bar.length = total
        self._bar.update(done - self._bar.pos)
        if done >= total:
            self._end()

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None
