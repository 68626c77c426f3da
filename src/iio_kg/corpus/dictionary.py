"""Word forms of Dutch and English with their lemmas: the dictionaries of simplemma (MIT).

As they come, the two take 72 MB and .4 s at every start. As tries, which simplemma makes of them with marisa-trie (MIT;
its C++ library may be had under BSD), they take 4 MB and some milliseconds. They are made once, into the cache folder,
and held against their checksums whenever they are opened: the library would look up in a damaged one.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

import simplemma
from simplemma import Lemmatizer
from simplemma.strategies import DefaultStrategy, DictionaryLookupStrategy
from simplemma.strategies.dictionaries import TrieDictionaryFactory

from iio_kg.config import Settings, load_settings
from iio_kg.errors import ConfigError

LANGUAGES = ("nl", "en")
_SUMS = "SHA256SUMS"
_LOCK = threading.Lock()
log = logging.getLogger("iio_kg.dictionary")


def lemmatize(word: str, language: str) -> str:
    """The form under which a dictionary has a word; one that it does not have is guessed by its ending, if by any."""
    lemma: str = _lemmatizer().lemmatize(word, language)
    return lemma


def is_known(word: str, language: str) -> bool:
    """Whether a dictionary has a word form, with a capital or without."""
    return _lookup().get_lemma(unicodedata.normalize("NFC", word), language) is not None


@lru_cache(maxsize=1)
def _lookup() -> DictionaryLookupStrategy:
    return DictionaryLookupStrategy(_tries())


@lru_cache(maxsize=1)
def _lemmatizer() -> Lemmatizer:
    # Who asks keeps what was found.
    return Lemmatizer(cache_max_size=0, lemmatization_strategy=DefaultStrategy(dictionary_factory=_tries()))


def _tries() -> TrieDictionaryFactory:
    # Both languages are opened side by side at a start, and the tries are to be made once.
    with _LOCK:
        return _opened()


@lru_cache(maxsize=1)
def _opened() -> TrieDictionaryFactory:
    folder = _cache() / f"simplemma-{simplemma.__version__}"
    try:
        if not _is_whole(folder):
            _make(folder)
    except OSError as error:
        log.warning(
            "The dictionaries cannot be kept in %s (%s) and are made anew at every start, which takes a second. "
            "Make that folder writable, or name another with IIO_KG_CACHE_DIR.",
            folder, error.strerror or error,
        )  # fmt: skip
        return TrieDictionaryFactory(use_disk_cache=False)
    return TrieDictionaryFactory(disk_cache_dir=str(folder))


def _cache() -> Path:
    try:
        return load_settings().cache_dir / "dictionaries"
    except ConfigError:
        # Whoever starts the program is told; a word can be looked up all the same.
        return Settings().cache_dir / "dictionaries"


def _is_whole(folder: Path) -> bool:
    """Whether the folder holds the tries that were made."""
    try:
        return (folder / _SUMS).read_text(encoding="ascii") == _sums(folder)
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
        return False


def _make(folder: Path) -> None:
    """Make the tries beside their folder and put them in its place.

    Raises:
        OSError: There is no room for them.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as name:
        new = Path(name) / folder.name
        factory = TrieDictionaryFactory(disk_cache_dir=str(new))
        for language in LANGUAGES:
            factory.get_dictionary(language)
        (new / _SUMS).write_text(_sums(new), encoding="ascii")
        try:
            if not _is_whole(folder):
                shutil.rmtree(folder, ignore_errors=True)
                new.rename(folder)
        except OSError:
            # Another process may have been first.
            if not _is_whole(folder):
                raise


def _sums(folder: Path) -> str:
    files = [folder / f"{language}.dic" for language in LANGUAGES]
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
