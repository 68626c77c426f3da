"""The walk through the candidates in a terminal: one at a time, a key for each decision."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING

import click
import msgspec

from iio_kg.errors import IioKgError
from iio_kg.graph.candidates import INTERVENTIONS
from iio_kg.graph.claims import LANGUAGES
from iio_kg.graph.drafts import to_turtle

if TYPE_CHECKING:
    from iio_kg.graph.candidates import Candidate
    from iio_kg.graph.drafts import Draft
    from iio_kg.review import ReviewSession

_KEYS = "[a]ccept  [e]dit  [r]eject  [s]kip  [u]ndo  [q]uit"
_SPOKEN = {"nl": "Dutch", "en": "English"}
_COLOURS = {"outcome": "cyan", "intervention": "yellow"}
_DIRECTIONS = {"i": "increase", "d": "decrease", "u": "unchanged"}


class _LeftError(Exception):
    """The reviewer goes."""


class Walk:
    """Goes through the candidates until all are seen or the reviewer leaves.

    Args:
        session: Where decisions go.
        document: The id of the one document to stay with, or None.
    """

    def __init__(self, session: ReviewSession, document: str | None) -> None:
        self._session, self._document = session, document
        self._skipped: set[str] = set()
        #: What was typed for a candidate and could not be written yet.
        self._drafts: dict[str, Draft] = {}
        self._decided = 0

    def run(self) -> None:
        """Show what waits, one after another."""
        try:
            while waiting := self._waiting():
                self._show(waiting[0], len(waiting))
                self._decide(waiting[0])
        except _LeftError:
            pass
        left = len(self._session.queue(self._document))
        click.echo(
            f"{self._decided} decided, {left} left." + (" Run 'iio-kg build' to publish." if self._decided else "")
        )

    def _waiting(self) -> list[Candidate]:
        return [one for one in self._session.queue(self._document) if one.id not in self._skipped]

    def _show(self, candidate: Candidate, count: int) -> None:
        shown = self._session.describe(candidate)
        click.echo()
        click.secho(f"── {count} to go ── {_plain(shown['document']['title'])}", bold=True)
        page = f"page {shown['page_label']} · " if shown["page_label"] else ""
        click.secho(_plain(f"   {page}{shown['section']}"), dim=True)
        click.echo()
        position = candidate.span.start
        for mark in sorted(shown["highlights"], key=lambda mark: int(mark["start"])):
            if mark["start"] < position:
                continue
            click.echo(self._words(candidate, position, mark["start"]), nl=False)
            marked = self._words(candidate, mark["start"], mark["end"])
            click.secho(marked, nl=False, fg=_COLOURS[mark["of"]], underline=True)
            position = mark["end"]
        click.echo(self._words(candidate, position, candidate.span.end) + "\n")
        figures = [
            f"{f['number']:g} {f['unit']}" if f["number"] is not None else f"{f['low']:g} to {f['high']:g} {f['unit']}"
            for f in shown["figures"]
        ]
        rows = {
            "outcome": shown["outcome"]["label"],
            "intervention": (shown["intervention"] or {}).get("label"),
            "variant": (shown["variant"] or {}).get("label"),
            "direction": shown["direction"],
            "figures": ", ".join(figures),
            "compared": shown["comparator"],
            "hedges": ", ".join(shown["hedges"]),
            "confidence": f"{candidate.confidence:.2f}",
        }
        for name, value in rows.items():
            if value or name in ("intervention", "direction"):
                said = _plain(value) if value else click.style("?", fg="red")
                click.echo(click.style(f"  {name:13}", dim=True) + said)
        if candidate.summary:
            click.secho("  Our own summary, not the source's words.", fg="yellow")
        click.echo(f"\n{_KEYS}")

    @staticmethod
    def _words(candidate: Candidate, start: int, end: int) -> str:
        return _plain(candidate.text[start - candidate.span.start : end - candidate.span.start])

    def _decide(self, candidate: Candidate) -> None:
        """Wait for a key that means something, and do it; what goes wrong is told, and the candidate stays."""
        key = _key("aersuq")
        try:
            if key == "q":
                raise _LeftError
            if key == "s":
                self._skipped.add(candidate.id)
            elif key == "u":
                self._undo()
            elif key == "r":
                self._session.reject(candidate)
                self._decided += 1
                click.echo("Rejected.")
            else:
                (self._accept if key == "a" else self._edit)(candidate)
        except IioKgError as error:
            click.secho(f"{error}\nNothing was written.", fg="red")
        except click.Abort:
            click.echo("\nNothing was written.")

    def _undo(self) -> None:
        candidate = self._session.undo()
        if candidate is None:
            click.echo("Nothing was decided yet.")
            return
        self._skipped.discard(candidate.id)
        self._decided -= 1
        click.echo("Taken back.")

    def _accept(self, candidate: Candidate) -> None:
        draft = self._ask(candidate, self._drafts.get(candidate.id) or self._session.draft(candidate))
        self._drafts[candidate.id] = draft
        self._written(self._session.accept(candidate, draft))

    def _written(self, iri: str) -> None:
        self._decided += 1
        click.secho(f"Written: {iri}", fg="green")

    def _ask(self, candidate: Candidate, draft: Draft) -> Draft:
        """Ask for what a claim needs and the sentence does not say."""
        names = [name for name, scheme in self._session.concepts.items() if scheme in INTERVENTIONS]
        if draft.intervention is None:
            said = click.prompt("What was introduced", type=click.Choice(sorted(names)))
            draft = msgspec.structs.replace(draft, intervention=said)
        if draft.direction is None:
            click.echo("What happened to the outcome: [i]ncrease  [d]ecrease  [u]nchanged")
            draft = msgspec.structs.replace(draft, direction=_DIRECTIONS[_key("idu")])
        if len(candidate.figures) > 1:
            draft = self._choose_figure(candidate, draft)
        statement = {language: self._ask_statement(candidate, draft, language) for language in LANGUAGES}
        return msgspec.structs.replace(draft, statement=statement)

    @staticmethod
    def _choose_figure(candidate: Candidate, draft: Draft) -> Draft:
        for number, figure in enumerate(candidate.figures, 1):
            said = f"{figure.number:g}" if figure.number is not None else f"{figure.low:g} to {figure.high:g}"
            click.echo(f"  {number}  {said} {figure.unit}")
        chosen = click.prompt(
            "Which figure is of this outcome (0: none)", type=click.IntRange(0, len(candidate.figures))
        )
        its = candidate.figures[chosen - 1] if chosen else None
        return msgspec.structs.replace(
            draft,
            number=its.number if its else None,
            low=its.low if its else None,
            high=its.high if its else None,
            unit=its.unit if its else None,
        )

    @staticmethod
    def _ask_statement(candidate: Candidate, draft: Draft, language: str) -> str:
        """The statement in a language, in the reviewer's words; the sentence itself only when the reviewer says so."""
        before = draft.statement.get(language, "")
        while True:
            said = click.prompt(f"Statement in {_SPOKEN[language]}", default=before, show_default=bool(before))
            if said.strip():
                return str(said).strip()
            if language == candidate.language and click.confirm("Take the sentence itself?"):
                return candidate.text

    def _edit(self, candidate: Candidate) -> None:
        """Let the reviewer write the claim in an editor, until it can be written or the file is left as it was."""
        draft = self._drafts.get(candidate.id) or self._session.draft(candidate)
        text, said = to_turtle(draft, candidate, gaps=True), ""
        while True:
            note = "".join(f"# {line}\n" for line in said.splitlines())  # above the claim, and taken off again
            edited = click.edit(note + text, extension=".ttl")
            if edited is None or edited == note + text:
                click.echo("Left as it was; nothing was written.")
                return
            text = "".join(dropwhile(lambda line: line.startswith("#"), edited.splitlines(keepends=True)))
            try:
                self._written(self._session.accept(candidate, text))
            except IioKgError as error:
                said = str(error)
                click.secho(said, fg="red")
                if not click.confirm("Edit it again?", default=True):
                    click.echo("Nothing was written.")
                    return
            else:
                return


def _plain(text: str) -> str:
    """A text of a document as it can be shown: what would steer the terminal is a blank."""
    return "".join(character if character.isprintable() else " " for character in text)


def _key(known: str) -> str:
    """The next key that means something. The keys that end a program leave the walk."""
    while True:
        try:
            key = click.getchar().lower()
        except (KeyboardInterrupt, EOFError):
            raise _LeftError from None
        if len(key) == 1 and key in known:
            return key
