"""Folders that are no documents: each is refused with a sentence that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.corpus.library import document_folders, read_document
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = 'title = "Titel"\nkind = "report"\nlanguage = "nl"\nfile = "report.txt"\n'


def folder(
    tmp_path: Path, metadata: str | None, text: bytes | None = b"Een kort stuk.\n", name: str = "rapport"
) -> Path:
    made = tmp_path / name
    made.mkdir()
    if metadata is not None:
        (made / "document.toml").write_text(metadata, encoding="utf-8")
    if text is not None:
        (made / "report.txt").write_bytes(text)
    return made


def test_a_good_folder_is_read(tmp_path: Path) -> None:
    assert read_document(folder(tmp_path, GOOD)).text == "Een kort stuk."


@pytest.mark.parametrize(
    ("metadata", "text", "said"),
    [
        (None, b"x", "no document.toml"),
        ("title = ", b"x", "document.toml"),
        (GOOD.replace('title = "Titel"\n', ""), b"x", "'title' is missing"),
        (GOOD + "colour = 'red'\n", b"x", "'colour' is unknown"),
        (GOOD.replace('"Titel"', "3"), b"x", "'title' is not a text"),
        (GOOD.replace("report", "poem", 1), b"x", "the kind 'poem' is unknown"),
        (GOOD + 'date = "gisteren"\n', b"x", "the date 'gisteren'"),
        (GOOD + 'authors = "Jan"\n', b"x", "'authors' is not a list"),
        (GOOD + "[repair]\njoins = [1]\n", b"x", r"\[repair\] is unusable"),
        (GOOD.replace("report.txt", "../report.txt"), b"x", "leads out of the folder"),
        (GOOD.replace("report.txt", "report.xyz"), b"x", "'.xyz' cannot be read"),
        (GOOD, None, "this file is missing"),
        (GOOD, b"\x01\x00\x02", "is not a text"),
        (GOOD, b"  \n", "no text"),
    ],
)
def test_a_bad_folder_is_refused_with_a_sentence_that_names_it(
    tmp_path: Path, metadata: str | None, text: bytes | None, said: str
) -> None:
    made = folder(tmp_path, metadata, text)
    with pytest.raises(CorpusError, match=said) as caught:
        read_document(made)
    assert str(made) in str(caught.value)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path, GOOD, None)
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    (made / "report.txt").symlink_to(secret)
    with pytest.raises(CorpusError, match="leads out of the folder"):
        read_document(made)


@pytest.mark.parametrize("name", ["document.toml", "claims.ttl"])
def test_what_is_said_of_a_document_stands_beside_it(tmp_path: Path, name: str) -> None:
    made = folder(tmp_path, GOOD)
    elsewhere = tmp_path / name
    elsewhere.write_text(GOOD)
    (made / name).unlink(missing_ok=True)
    (made / name).symlink_to(elsewhere)
    with pytest.raises(CorpusError, match="leads out of the folder"):
        read_document(made)


def test_a_folder_that_is_a_link_is_told_and_not_passed_over(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "binnen").symlink_to(folder(tmp_path, GOOD))
    (corpus / "dood").symlink_to(tmp_path / "nergens")
    (corpus / "lus").symlink_to("lus")
    said = []
    for made in document_folders(corpus):
        with pytest.raises(CorpusError) as caught:
            read_document(made)
        said.append(str(caught.value))
    assert ["is a link" in one for one in said] == [True, False, False]
    assert ["leads nowhere" in one for one in said] == [False, True, True]


def test_a_name_that_cannot_be_an_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be a document's id"):
        read_document(folder(tmp_path, GOOD, name="Mijn Rapport"))


def test_a_missing_and_an_empty_corpus_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is missing"):
        document_folders(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="holds no document"):
        document_folders(tmp_path)
