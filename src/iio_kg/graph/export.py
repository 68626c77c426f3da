"""Writing the dataset out for others: RDF in four forms, a table of the claims, and a description of it all.

The same input gives the same bytes: quads are sorted, blank nodes have canonical names, and lists whose order means
nothing are sorted. The description is a Frictionless Data Package (v1), which spreadsheets' and archives' tools read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib import Dataset, URIRef
from rdflib.compare import to_canonical_graph

from iio_kg import __version__
from iio_kg.errors import ConfigError, GraphError
from iio_kg.graph import build as graph_build
from iio_kg.graph.namespaces import DEFAULT_BASE, Names
from iio_kg.graph.triples import to_lines, to_nquads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rdflib import Graph

    from iio_kg.graph.claims import Claim

CONTEXT_FILE = "context.jsonld"
LICENCE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
#: Columns of the table of claims: name, type (Frictionless), what it holds.
COLUMNS = (
    ("claim", "string", "Identifier of the claim."),
    ("kind", "string", "What it is on: result, condition, definition, organisation, contact or document."),
    ("intervention", "string", "The concept that was introduced."),
    ("variant", "string", "The form in which it was introduced."),
    ("outcome", "string", "What changed or stayed the same."),
    ("direction", "string", "increase, decrease or unchanged."),
    ("value", "number", "The figure, where a single one is given."),
    ("low", "number", "The lower end, where a range is given."),
    ("high", "number", "The upper end, where a range is given."),
    ("unit", "string", "The unit of the figures; never converted."),
    ("hedge", "string", "The reservation, in the words of the source."),
    ("comparator", "string", "What was compared with, where that is said."),
    ("population", "string", "In whom the outcome was found, where that is said."),
    ("holds_when", "string", "Conditions under which the effect is stated, separated by blanks."),
    ("sector", "string", "The sector it holds for."),
    ("statement_nl", "string", "What it says, in Dutch, in our words."),
    ("statement_en", "string", "What it says, in English, in our words."),
    ("quotation", "string", "The exact words of the document; one row for each quotation."),
    ("document", "string", "Identifier of the document."),
    ("page", "integer", "Page on which the quotation begins, counted from 1."),
    ("start", "integer", "Offset of its first character in the canonical text, in code points."),
    ("end", "integer", "Offset after its last character."),
)


def export(
    graphs: dict[str, Graph], claims: Sequence[Claim], ontology: Path, names: Names, folder: Path
) -> tuple[Path, ...]:
    """Write the dataset into a folder, which is made or, when it holds an earlier export, replaced as a whole.

    Args:
        graphs: The named graphs.
        claims: The claims, in the order of their documents.
        ontology: The folder with the JSON-LD context.
        names: How identifiers are minted.
        folder: Where to write.

    Returns:
        The files, in the order of their names.

    Raises:
        ConfigError: The folder holds something else, or cannot be written.
        GraphError: The JSON-LD context is missing or broken.
    """
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not _is_export(folder))):
        raise ConfigError(f"{folder} holds something that is no export.", "Name a folder that is new or empty.")
    files = _contents(graphs, claims, _read_context(ontology, names), names)
    files["datapackage.json"] = _dump(_describe(files))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, content in files.items():
                (made / name).write_bytes(content)
            made.chmod(0o755)
            if folder.exists():
                shutil.rmtree(folder)
            made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written ({error.strerror}).", "Name another with --output.") from None
    return tuple(folder / name for name in sorted(files))


def _is_export(folder: Path) -> bool:
    description = folder / "datapackage.json"
    return description.is_file() and '"name": "iio-kg"' in description.read_text(encoding="utf-8", errors="replace")


def _contents(
    graphs: dict[str, Graph], claims: Sequence[Claim], context: dict[str, Any], names: Names
) -> dict[str, bytes]:
    nquads = to_nquads({name: to_lines(graph) for name, graph in graphs.items()}, names).encode()
    quads = list(ox.parse(nquads, ox.RdfFormat.N_QUADS))
    prefixes = graph_build.prefixes(names)
    files = {
        "iio-kg.nq": nquads,
        "iio-kg.trig": _serialize(quads, ox.RdfFormat.TRIG, prefixes),
        "iio-kg.jsonld": _json_ld(graphs, context, names),
        "context.jsonld": _dump({"@context": context}),
        "claims.csv": _table(graphs, claims, names),
    }
    for name in graphs:
        graph = ox.NamedNode(names.graph(name))
        triples = [quad.triple for quad in quads if quad.graph_name == graph]
        files[f"{name}.ttl"] = _serialize(triples, ox.RdfFormat.TURTLE, prefixes)
    return files


def _serialize(statements: Iterable[Any], form: ox.RdfFormat, prefixes: dict[str, str]) -> bytes:
    output = io.BytesIO()
    ox.serialize(statements, output, form, prefixes=prefixes)
    lines = output.getvalue().splitlines(keepends=True)
    # The serialiser declares prefixes in an order that differs from run to run.
    head = next((number for number, line in enumerate(lines) if not line.startswith(b"@prefix")), len(lines))
    return b"".join([*sorted(lines[:head]), *lines[head:]])


def _read_context(ontology: Path, names: Names) -> dict[str, Any]:
    path = ontology / CONTEXT_FILE
    try:
        context = json.loads(path.read_text(encoding="utf-8").replace(DEFAULT_BASE, names.base))["@context"]
    except (OSError, ValueError, KeyError) as error:
        raise GraphError(f"{path}: the JSON-LD context cannot be read ({error}).", "Put it back.") from None
    return dict(context)


def _json_ld(graphs: dict[str, Graph], context: dict[str, Any], names: Names) -> bytes:
    dataset = Dataset()
    for name, graph in graphs.items():
        target = dataset.graph(URIRef(names.graph(name)))
        for triple in to_canonical_graph(graph):
            target.add(triple)
    return _dump(_ordered(json.loads(dataset.serialize(format="json-ld", context=context))))


def _ordered(node: Any, *, is_list: bool = False) -> Any:
    """The same JSON-LD with its sets in one order; the order of an ``@list`` is its meaning and stays."""
    if isinstance(node, dict):
        return {key: _ordered(value, is_list=key == "@list") for key, value in node.items()}
    if isinstance(node, list):
        parts = [_ordered(part) for part in node]
        return parts if is_list else sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
    return node


def _dump(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _table(graphs: dict[str, Graph], claims: Sequence[Claim], names: Names) -> bytes:
    whole, ontology = graph_build.union(graphs.values()), names.ontology
    output = io.StringIO()
    writer = csv.DictWriter(output, [name for name, _, _ in COLUMNS], lineterminator="\n")
    writer.writeheader()
    for claim in claims:
        iri = URIRef(claim.iri)

        def said(name: str, iri: URIRef = iri) -> str:
            return " ".join(sorted(str(node) for node in whole.objects(iri, ontology[name])))

        row = {
            "claim": claim.iri,
            "kind": claim.kind,
            "direction": claim.effect.direction if claim.effect else "",
            "unit": (claim.effect.unit or "") if claim.effect else "",
            "holds_when": said("holdsWhen"),
            "statement_nl": claim.statements["nl"],
            "statement_en": claim.statements["en"],
        }
        for name in ("intervention", "variant", "outcome", "value", "low", "high", "hedge"):
            row[name] = said(name)
        for name in ("comparator", "population", "sector"):
            row[name] = said(name)
        for quotation in claim.quotations:
            place = {"page": quotation.page, "start": quotation.span.start, "end": quotation.span.end}
            writer.writerow(row | {"quotation": quotation.text, "document": names.document(quotation.document)} | place)
    return output.getvalue().encode()


_MEDIA_TYPES = {
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".ttl": "text/turtle",
    ".jsonld": "application/ld+json",
    ".csv": "text/csv",
}


def _describe(files: dict[str, bytes]) -> dict[str, Any]:
    resources: list[dict[str, Any]] = []
    for name, content in sorted(files.items()):
        resource: dict[str, Any] = {
            "name": name.lower().replace(".", "-"),
            "path": name,
            "mediatype": _MEDIA_TYPES[Path(name).suffix],
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        if name == "claims.csv":
            resource["profile"] = "tabular-data-resource"
            resource["encoding"] = "utf-8"
            resource["schema"] = {
                "fields": [{"name": n, "type": kind, "description": text} for n, kind, text in COLUMNS],
                "missingValues": [""],
            }
        resources.append(resource)
    return {
        "name": "iio-kg",
        "title": "Claims about the InnovatieImpuls Onderwijs (IIO), each with the words it rests on",
        "version": __version__,
        "profile": "data-package",
        "licenses": [LICENCE],
        "resources": resources,
    }
