"""The ontology as one page of HTML that stands on its own, made by pyLODE (BSD-3-Clause)."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING

from iio_kg.errors import ConfigError
from iio_kg.graph.turtle import parse_turtle

if TYPE_CHECKING:
    from pathlib import Path


def make_manual(ontology: Path, base: str) -> str:
    """The HTML page.

    Args:
        ontology: The ontology's file.
        base: The base of its identifiers.

    Raises:
        ConfigError: pyLODE is not installed.
        GraphError: The ontology is missing or breaks the syntax.
    """
    if find_spec("pylode") is None:
        raise ConfigError("The documentation is made by pyLODE, which is not installed.", "pip install 'iio-kg[docs]'")
    graph, _ = parse_turtle(ontology, base)
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    from pylode import OntPub

    # On import pyLODE sets the logging of the whole process to its most talkative.
    root.handlers[:] = before
    root.setLevel(level)
    return str(OntPub(ontology=graph).make_html())
