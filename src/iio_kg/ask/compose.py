"""From what was found to the answer that is shown.

Nothing is worded here: every text is the statement of a claim or a quotation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iio_kg.ask.answer import Citation, ContactCard, Related, Source, Statement
from iio_kg.corpus.document import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iio_kg.ask.retrieve import Found
    from iio_kg.corpus.document import Document, Passage
    from iio_kg.graph.claims import Claim
    from iio_kg.graph.namespaces import Names
    from iio_kg.graph.vocabulary import Contact, Entity

_RELATED = 6


def choose_statement(
    found: Found, passage: Passage, claims: Sequence[Claim], document: Document, language: str
) -> Statement:
    """The statement of the claim that fits, in the asker's language; else the best sentence, word for word."""
    if found.claim is not None:
        claim = claims[found.claim]
        return Statement(
            text=claim.statements[language],
            language=language,
            kind=claim.kind,
            claim=claim.iri,
            concept=claim.concept,
            effects=(claim.effect,) if claim.effect else (),
        )
    start, end = passage.sentences[found.sentence]
    return Statement(text=document.text[start:end], language=document.metadata.language, kind="passage")


def cite(
    rank: int,
    found: Found,
    passage: Passage,
    document: Document,
    claims: Sequence[Claim],
    names: Names,
    neighbours: tuple[Passage | None, Passage | None],
) -> Citation:
    """The citation of a passage, with the words highlighted that answer."""
    before, after = neighbours
    start = before.span.start if before else passage.span.start
    end = after.span.end if after else passage.span.end
    highlights = highlight(found, passage, claims)
    first = highlights[0] if highlights else passage.span
    return Citation(
        rank=rank,
        quote=passage.text,
        language=document.metadata.language,
        span=passage.span,
        context=document.text[start:end],
        highlights=highlights,
        page=passage.page,
        page_label=document.pages[passage.page - 1].label,
        section=passage.section,
        passage=names.passage(passage.key),
        document=_source(document, names),
        url=_address(document, passage, Span(first.start, highlights[-1].end if highlights else first.end)),
        score=max(0.0, min(1.0, found.score)),
    )


def cite_claim(
    rank: int, claim: Claim, passages: Mapping[str, Passage], documents: Mapping[str, Document], names: Names
) -> Citation:
    """The citation of the words a claim rests on, and no more than those: its first quotation.

    Args:
        rank: Its place in a list, from 1.
        claim: The claim.
        passages: All passages, by key.
        documents: All documents, by id.
        names: How identifiers are minted.
    """
    quotation = claim.quotations[0]
    passage, document = passages[quotation.passage], documents[quotation.document]
    return Citation(
        rank=rank,
        quote=quotation.text,
        language=quotation.language,
        span=quotation.span,
        context=quotation.text,
        highlights=(quotation.span,),
        page=quotation.page,
        page_label=document.pages[quotation.page - 1].label,
        section=passage.section,
        passage=names.passage(passage.key),
        document=_source(document, names),
        url=_address(document, passage, quotation.span),
        score=1.0,
    )


def _source(document: Document, names: Names) -> Source:
    metadata = document.metadata
    return Source(
        iri=names.document(document.id),
        id=document.id,
        title=metadata.title,
        kind=metadata.kind,
        publisher=metadata.publisher or None,
        date=metadata.date or None,
        url=metadata.url or None,
    )


def _address(document: Document, passage: Passage, span: Span) -> str:
    return f"/documents/{document.id}?start={span.start}&end={span.end}#{passage.anchor}"


def highlight(found: Found, passage: Passage, claims: Sequence[Claim]) -> tuple[Span, ...]:
    """The ranges within a passage that answer: the quotations of its claim, or its best sentence."""
    if found.claim is not None:
        spans = [
            Span(max(quotation.span.start, passage.span.start), min(quotation.span.end, passage.span.end))
            for quotation in claims[found.claim].quotations
            if quotation.document == passage.document and quotation.span.overlap(passage.span)
        ]
        return merge(spans)
    return (passage.sentences[found.sentence],)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Ranges in order, those that touch or overlap joined."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end + 1:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def relate(iris: Iterable[str | None], entities: dict[str, Entity], language: str, base: str) -> tuple[Related, ...]:
    """What the question names and the answer is about, each once."""
    related = []
    for iri in dict.fromkeys(iris):
        entity = entities.get(iri or "")
        if entity is not None:
            related.append(
                Related(entity.iri, entity.label(language), entity.kind, "/" + entity.iri.removeprefix(base))
            )
    return tuple(related[:_RELATED])


def card(contact: Contact, language: str) -> ContactCard:
    """A contact in a language."""
    return ContactCard(
        iri=contact.iri,
        name=contact.name,
        role=contact.role.get(language),
        organisation=contact.organisation,
        email=contact.email,
        telephone=contact.telephone,
    )
