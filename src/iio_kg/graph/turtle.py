"""Reading Turtle files with errors that name file and line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rdflib import Graph
from rdflib.plugins.parsers.notation3 import BadSyntax

from iio_kg.errors import GraphError
from iio_kg.graph.namespaces import DEFAULT_BASE

if TYPE_CHECKING:
    from pathlib import Path


def parse_turtle(path: Path, base: str = DEFAULT_BASE) -> tuple[Graph, str]:
    """Parse a Turtle file.

    Args:
        path: The file.
        base: Put in the place of `DEFAULT_BASE` wherever an identifier begins with it.

    Returns:
        The graph and the text of the file.

    Raises:
        GraphError: The file is missing, is not UTF-8 or breaks the syntax; with the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise GraphError(f"{path}: this file is missing.", "Put it back.") from None
    except UnicodeDecodeError as error:
        raise GraphError(f"{path}: byte {error.start} is not UTF-8.", "Save it in UTF-8.") from None
    graph = Graph(bind_namespaces="none")
    try:
        graph.parse(data=text.replace(DEFAULT_BASE, base), format="turtle")
    except BadSyntax as error:
        # The parser's own count of lines goes astray at comments; the place of the error in the text does not.
        line = text.count("\n", 0, int(getattr(error, "_i", 0))) + 1
        reason = str(getattr(error, "_why", "")) or "the syntax is broken"
        raise GraphError(f"{path}:{line}: this is not Turtle ({reason}).", "Correct the line.") from None
    except (ValueError, AssertionError) as error:
        raise GraphError(f"{path}: this is not Turtle ({error}).", "Correct the file.") from None
    return graph, text


def line_of(text: str, iri: str) -> int:
    """The line on which a subject is described, from the last part of its name; 0 when that is not to be found."""
    name = re.escape(re.split(r"[/#]", iri)[-1])
    match = re.search(rf"^\s*(?:<[^>]*{name}>|[\w-]*:{name})(?=\s)", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 + match.group().count("\n") if match else 0
