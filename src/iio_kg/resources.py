"""Where the files are that this program comes with: ontology, corpus and site.

A wheel carries them inside the package; in a checkout they lie beside ``src/``.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CARRIED = _PACKAGE / "_data"
_CHECKOUT = _PACKAGE.parents[1]


def is_checkout() -> bool:
    """Whether the program runs from a checkout and not from an installed wheel."""
    return not _CARRIED.is_dir()


def root() -> Path:
    """The folder that holds ``ontology/``, ``corpus/`` and ``web/``."""
    return _CHECKOUT if is_checkout() else _CARRIED
