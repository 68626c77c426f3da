"""Fetching from servers that misbehave: each of them on this machine, for as long as a test."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from iio_kg import curate
from iio_kg.corpus.download import download
from iio_kg.corpus.readers.reading import unheard
from iio_kg.curate import Known
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BODY = b"Het verslag van de school over de leerlingen en de leraren in het eerste jaar van het onderzoek. " * 400
HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: "een"\r\n'


@contextmanager
def server(answer: Callable[[str, int], list[bytes | None]]) -> Iterator[tuple[str, list[str]]]:
    """A server that says what it is told to say, byte for byte."""
    listening = socket.create_server(("127.0.0.1", 0))
    requests: list[str] = []
    done = threading.Event()

    def serve() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            with line:
                requests.append(line.recv(65536).decode())
                try:
                    for part in answer(requests[-1], len(requests) - 1):
                        if part is None:
                            done.wait(20)
                        else:
                            line.sendall(part)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", requests
    finally:
        done.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def whole(body: bytes = BODY, more: bytes = b"") -> list[bytes | None]:
    return [HEAD + more + b"Content-Length: %d\r\n\r\n" % len(body) + body]


def test_a_file_is_fetched_and_its_name_taken_from_the_address(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with server(lambda *_: whole()) as (url, _):
        got = download(f"{url}/map/het%20verslag.txt?x=1", tmp_path, lambda *at: told.append(at))
    assert got.path.read_bytes() == BODY
    assert got.name == "het verslag.txt"
    assert told[-1] == (len(BODY), len(BODY))
    assert [path.suffix for path in tmp_path.iterdir()] == [".txt"]


def test_a_name_that_leads_elsewhere_stays_a_name(tmp_path: Path) -> None:
    named = b'Content-Disposition: attachment; filename="../../etc/ver\\..\\slag.txt"\r\n'
    with server(lambda *_: whole(more=named)) as (url, _):
        assert download(url, tmp_path, unheard).name == "slag.txt"


def test_what_breaks_off_is_gone_on_with(tmp_path: Path) -> None:
    def answer(request: str, number: int) -> list[bytes | None]:
        if number < 2:
            begin = number * 10_000
            assert f"bytes={begin}-" in request or not number
            status = HEAD if not number else HEAD.replace(b"200 OK", b"206 Partial Content")
            said = b"Content-Range: bytes %d-%d/%d\r\n" % (begin, len(BODY) - 1, len(BODY)) if number else b""
            return [status + said + b"Content-Length: %d\r\n\r\n" % (len(BODY) - begin) + BODY[begin : begin + 10_000]]
        assert 'If-Range: "een"'.lower() in request.lower()
        said = b"Content-Range: bytes 20000-%d/%d\r\n" % (len(BODY) - 1, len(BODY))
        return [HEAD.replace(b"200 OK", b"206 Partial Content") + said + b"\r\n" + BODY[20_000:]]

    with server(answer) as (url, requests):
        assert download(f"{url}/x.txt", tmp_path, unheard, stall_seconds=5).path.read_bytes() == BODY
    assert len(requests) == 3


def test_a_file_that_changed_meanwhile_is_fetched_from_the_beginning(tmp_path: Path) -> None:
    def answer(_: str, number: int) -> list[bytes | None]:
        return [HEAD + b"Content-Length: 9000\r\n\r\n" + b"oud " * 100] if not number else whole()

    with server(answer) as (url, _):
        assert download(f"{url}/x.txt", tmp_path, unheard).path.read_bytes() == BODY


def test_a_server_that_stalls_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    with (
        server(lambda *_: [HEAD + b"Content-Length: 9000\r\n\r\n" + b"x" * 500, None]) as (url, _),
        pytest.raises(CorpusError, match=r"nothing came for 0\.2 seconds.*500 bytes are here"),
    ):
        download(f"{url}/x.txt", tmp_path, unheard, stall_seconds=0.2)
    with server(lambda *_: whole()) as (url, _):
        assert download(f"{url}/x.txt", tmp_path, unheard).path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"], "answers 404"),
        (
            [b"HTTP/1.1 302 Found\r\nLocation: /x.txt\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"],
            "sends on and on",
        ),
        ([b"HTTP/1.1 302 Found\r\nLocation: ftp://127.0.0.1/x\r\nContent-Length: 0\r\n\r\n"], "ftp"),
        ([b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nx"], "'image/png' cannot be read"),
        ([b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\nx"], "'application/zip' cannot be read"),
        ([HEAD + b"Content-Length: 3000000000\r\n\r\n"], "3,000,000,000 bytes"),
        ([HEAD + b"\r\n" + b"x" * 2_000_000], "goes on after 1,000,000 bytes"),
        ([HEAD.replace(b"text/plain", b"application/pdf") + b"\r\n<html><p>Log in"], "calls this PDF but it is HTML"),
        ([b"onzin\r\n\r\n"], "broke off 3 times"),
        ([b""], "broke off 3 times"),
    ],
)
def test_each_misdeed_has_its_sentence(tmp_path: Path, answer: list[bytes | None], said: str) -> None:
    with server(lambda *_: answer) as (url, _), pytest.raises(CorpusError, match=said) as caught:
        download(f"{url}/x.txt", tmp_path, unheard, max_bytes=1_000_000)
    assert url in str(caught.value)


def test_a_server_that_promises_less_than_it_sends_is_held_to_its_word(tmp_path: Path) -> None:
    with server(lambda *_: [HEAD + b"Content-Length: 100\r\n\r\n" + BODY]) as (url, _):
        assert download(f"{url}/x.txt", tmp_path, unheard).path.read_bytes() == BODY[:100]


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x.pdf", "http://", "file:///etc/passwd"])
def test_only_addresses_of_the_web(tmp_path: Path, url: str) -> None:
    with pytest.raises(CorpusError, match="no address of the web"):
        download(url, tmp_path, unheard)


def test_a_machine_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(CorpusError, match="cannot be reached from this machine"):
        download(f"http://127.0.0.1:{port}/x.txt", tmp_path, unheard)


def test_what_is_fetched_is_added_once_and_a_bad_file_is_not(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    with server(lambda *_: whole()) as (url, _):
        added = curate.add(corpus, f"{url}/verslag.txt", Known(title="Verslag"))
        assert added.metadata.url == f"{url}/verslag.txt"
        assert curate.add(corpus, f"{url}/verslag.txt", Known(title="Verslag")).new is False
    with server(lambda *_: whole(b" \n")) as (url, _), pytest.raises(CorpusError, match="no text"):
        curate.add(corpus, f"{url}/leeg.txt", Known(title="Leeg"))
    assert [path.name for path in corpus.iterdir() if not path.name.startswith(".")] == ["verslag"]
    assert not list((corpus / curate.PARTIAL).iterdir())


def test_works_of_the_bibliography_become_documents_and_lost_files_come_back(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    with server(lambda *_: whole()) as (url, _):
        said = f'title = "Het rapport"\nkind = "report"\nlanguage = "nl"\nurl = "{url}/r.txt"\n'
        (corpus / "bibliography.toml").write_text(f'[[work]]\nid = "het-rapport"\n{said}')
        (corpus / "leeg").mkdir()
        (corpus / "leeg" / "document.toml").write_text(
            f'title = "Weg"\nkind = "report"\nlanguage = "nl"\nfile = "weg.txt"\nurl = "{url}/weg.txt"\n'
        )
        wanted = dict(curate.to_fetch(corpus, ()))
        assert list(wanted) == ["leeg", "het-rapport"]
        assert curate.fetch(corpus, "leeg", wanted["leeg"], unheard).passages > 0
        wanted = dict(curate.to_fetch(corpus, ("het-rapport",)))
        assert curate.fetch(corpus, "het-rapport", wanted["het-rapport"], unheard).new is False
        with pytest.raises(CorpusError, match="is here already"):
            curate.to_fetch(corpus, ("leeg",))
    with pytest.raises(CorpusError, match="neither"):
        curate.to_fetch(corpus, ("onbekend",))
