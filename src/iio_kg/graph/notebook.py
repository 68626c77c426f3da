"""Writing claims and reading them back as a person does: a skeleton to fill in, and a claim line by line."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from rdflib import PROV, SKOS, Literal, URIRef

from iio_kg.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rdflib import Graph

    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.namespaces import Names

#: How many words of a quotation the name of a new claim is made of.
_NAME_WORDS = 4


def skeleton(words: str, document: Document, passages: Sequence[Passage]) -> str:
    """Turtle for a new claim on words of a document, to be completed by hand.

    Args:
        words: The words, as somebody copied them; blanks and line ends may differ from the text.
        document: The document.
        passages: Passages; those of other documents are left aside.

    Returns:
        The lines to add to its claims file. Offsets are given in a comment: they are found again at each build.

    Raises:
        GraphError: The words are not in the text, or stand there more than once.
    """
    pieces = [re.escape(word) for word in words.split()]
    if not pieces:
        raise GraphError("There are no words to quote.", "Give the words of the document between quotation marks.")
    places = list(re.finditer(r"\s+".join(pieces), document.text))
    if not places:
        raise GraphError(f"“{words}” is not in the text of {document.id}.", "Copy the words from its page at the site.")
    if len(places) > 1:
        where = ", ".join(f"page {document.page_at(place.start()).number}" for place in places)
        raise GraphError(f"“{words}” stands {len(places)} times in {document.id} ({where}).", "Quote more words.")
    start, end = places[0].span()
    passage = next((p for p in passages if p.document == document.id and p.span.start <= start < p.span.end), None)
    if passage is None:
        raise GraphError(f"“{words}” stands in a heading of {document.id}.", "Quote the text under the heading.")
    quote = document.text[start:end].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    language = document.metadata.language
    page = document.page_at(start).number
    return f"""\
# {passage.key}, page {page}, characters {start}-{end} · {passage.section}
claim:{_name(words)} a iio:EffectClaim ; iio:about concept:… ; iio:intervention concept:… ;
  iio:outcome concept:… ; iio:direction concept:increase ; iio:value 0.0 ; iio:unit unit:PERCENT ;
  iio:statement "…"@nl,
    "…"@en ;
  iio:answersQuestion "…"@nl, "…"@en ;
  iio:quotation "{quote}"@{language} .
"""


def _name(words: str) -> str:
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:_NAME_WORDS]) or "new"


def rows_of_claim(claim: Claim, whole: Graph, names: Names, language: str) -> list[tuple[str, str]]:
    """A claim as a person reads it: pairs of a name and what is said, in the order of a sentence.

    Args:
        claim: The claim.
        whole: All triples.
        names: How identifiers are minted.
        language: The language of statement and labels, ``nl`` or ``en``.
    """
    iri = URIRef(claim.iri)

    def label(node: Any) -> str:
        labels = {str(v.language): str(v) for v in whole.objects(node, SKOS.prefLabel) if isinstance(v, Literal)}
        return labels.get(language) or str(node).removeprefix(names.base)

    rows = [("claim", claim.iri.removeprefix(names.base)), ("says", claim.statements[language])]
    order = (
        "intervention", "variant", "outcome", "direction", "value", "low", "high", "unit", "hedge", "comparator",
        "population", "holdsWhen", "conditionFor", "condition", "defines", "agent", "role", "sector", "disputes",
    )  # fmt: skip
    for name in order:
        found = sorted(label(node) for node in whole.objects(iri, names.ontology[name]))
        if found:
            rows.append((name, ", ".join(found)))
    rows.extend(("answers", question) for question in claim.questions.get(language, ()))
    for quotation in claim.quotations:
        place = f"{quotation.document}, page {quotation.page}, {quotation.span.start}-{quotation.span.end}"
        rows.append(("rests on", f"“{' '.join(quotation.text.split())}” ({place})"))
    recorded = [label(node) for node in whole.objects(iri, PROV.wasAttributedTo)]
    when = [str(node)[:10] for node in whole.objects(iri, PROV.generatedAtTime)]
    rows.append(("recorded", ", ".join(recorded + when)))
    return rows
