"""The dictionaries are those of simplemma, however they are kept."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
import simplemma
from simplemma.strategies.dictionaries import DefaultDictionaryFactory

from iio_kg.corpus.dictionary import is_known, lemmatize

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = "from iio_kg.corpus.dictionary import lemmatize; print(lemmatize('scholen', 'nl'))"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_word_has_the_lemma_that_the_library_gives_it(language: str) -> None:
    words = list(DefaultDictionaryFactory().get_dictionary(language))[::50]
    words += [unicodedata.normalize("NFD", word) for word in ("financiële", "ideeën", "café")]
    words += ["Amsterdam-Noord", "foto's", "leraren’s", "werkdrukverlagend", "blubblab", "x" * 50, "É", "1e", "-"]
    assert len(words) > 1000
    for word in words:
        assert lemmatize(word, language) == simplemma.lemmatize(word, lang=language), word
        assert is_known(word, language) == simplemma.is_known(word, lang=language), word


def test_they_are_made_once_and_made_again_when_damaged(tmp_path: Path) -> None:
    def run() -> str:
        environment = {**os.environ, "IIO_KG_CACHE_DIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-c", _SCRIPT], env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    assert run() == "school"
    (kept,) = tmp_path.rglob("nl.dic")
    made = kept.stat().st_mtime_ns
    assert run() == "school"
    assert kept.stat().st_mtime_ns == made
    whole = kept.read_bytes()
    # Cut off, or of the right length and empty where it had not yet been written when the machine fell over.
    for damaged in (whole[:1000], whole[:1000] + bytes(len(whole) - 1000)):
        kept.write_bytes(damaged)
        assert run() == "school"
        assert kept.read_bytes() == whole


def test_where_nothing_can_be_kept_they_are_made_in_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT],
        env={**os.environ, "IIO_KG_CACHE_DIR": str(blocked)},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert run.stdout.strip() == "school", run.stderr
    assert str(blocked) in run.stderr


def test_threads_that_come_first_make_them_once(tmp_path: Path) -> None:
    program = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from iio_kg.corpus.dictionary import lemmatize\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    print(set(pool.map(lemmatize, ['scholen'] * 8, ['nl'] * 8)))\n"
    )
    environment = {**os.environ, "IIO_KG_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [run.communicate()[0].strip() for run in runs] == ["{'school'}"] * 3
    (folder,) = (tmp_path / "dictionaries").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "en.dic", "nl.dic"]
