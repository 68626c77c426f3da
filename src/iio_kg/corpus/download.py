"""Fetching a document from the web: resumable, no larger than allowed, and of a kind that can be read.

What was received stays in a folder of its own until the file is whole, so that a later try goes on where this one
ended (RFC 9110, range requests). ``If-Range`` makes sure that both halves are of the same file.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from iio_kg import __version__
from iio_kg.corpus.readers import FORMATS, sniff
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from iio_kg.corpus.readers.reading import Progress

#: The largest file that is fetched, in bytes; how long nothing may come, in seconds; how often it is tried.
MAX_BYTES, STALL_SECONDS, TRIES = 500 << 20, 30.0, 3
MAX_REDIRECTS = 10
_FILE_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)", re.IGNORECASE)
_TOTAL = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched.

    Attributes:
        path: Where it is.
        url: Where it came from, after redirects.
        name: The name that its server or its address gives it, with the ending of its format.
    """

    path: Path
    url: str
    name: str


class _Broken(Exception):
    """The transfer ended before its time; what came is kept."""


def download(
    url: str,
    folder: Path,
    progress: Progress,
    *,
    max_bytes: int = MAX_BYTES,
    stall_seconds: float = STALL_SECONDS,
) -> Download:
    """Fetch a file, or the rest of it.

    Args:
        url: Its address, http or https.
        folder: Where it is kept, and what has come of it until it is whole.
        progress: Is told how many bytes of how many are there.
        max_bytes: The largest file that is taken.
        stall_seconds: How long nothing may come.

    Raises:
        CorpusError: It cannot be reached, is refused, too large or of a kind that cannot be read, or keeps breaking
            off; then what came stays.
    """
    import httpx

    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise CorpusError(f"'{url}' is no address of the web.", "Begin with https://.")
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
    headers = {"User-Agent": f"iio-kg/{__version__}", "Accept-Encoding": "identity"}
    timeout = httpx.Timeout(stall_seconds)
    with httpx.Client(headers=headers, timeout=timeout, follow_redirects=True, max_redirects=MAX_REDIRECTS) as client:
        reason = ""
        for _ in range(TRIES):
            try:
                return _receive(client, url, part, progress, max_bytes)
            except _Broken as error:
                reason = str(error)
            except httpx.TooManyRedirects:
                raise CorpusError(f"{url}: the server sends on and on.", "Open the address in a browser.") from None
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise CorpusError(f"{url}: {error}.", "Correct the address.") from None
            except httpx.ConnectError:
                raise CorpusError(
                    f"{url} cannot be reached from this machine.",
                    "Are you online? Or fetch the file and add it by name.",
                ) from None
            except httpx.TimeoutException:
                reason = f"nothing came for {stall_seconds:g} seconds"
            except httpx.HTTPError as error:
                reason = str(error).rstrip(".") or type(error).__name__
    received = part.stat().st_size if part.exists() else 0
    raise CorpusError(
        f"{url}: the transfer broke off {TRIES} times ({reason}); {received:,} bytes are here.",
        "Try again: it goes on from there.",
    )


def _receive(client: httpx.Client, url: str, part: Path, progress: Progress, max_bytes: int) -> Download:
    """Receive the file, or what is missing of it."""
    note = part.with_suffix(".json")
    known: dict[str, Any] = json.loads(note.read_text()) if note.exists() and part.exists() else {}
    have = part.stat().st_size if known.get("validator") else 0
    headers = {"Range": f"bytes={have}-", "If-Range": known["validator"]} if have else {}
    with client.stream("GET", url, headers=headers) as response:
        resumed = response.status_code == 206 and _resumes(response, have)
        if response.status_code == 416:
            # What is here is not the beginning of what is there.
            part.unlink(missing_ok=True)
            raise _Broken("the file has changed")
        if response.status_code not in (200, 206):
            raise CorpusError(
                f"{url}: the server answers {response.status_code} {response.reason_phrase}.",
                "Correct the address, or fetch the file and add it by name.",
            )
        if not resumed:
            have = 0
        suffix = _suffix(response, str(response.url))
        total = have + int(response.headers.get("Content-Length") or 0)
        if total > max_bytes:
            raise CorpusError(f"{url}: the file has {total:,} bytes; at most {max_bytes:,} are taken.")
        validator = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
        note.write_text(json.dumps({"url": url, "validator": "" if validator.startswith("W/") else validator}))
        with part.open("ab" if resumed else "wb") as file:
            for chunk in response.iter_raw():
                have += len(chunk)
                if have > max_bytes:
                    file.close()
                    part.unlink()
                    raise CorpusError(f"{url}: the file goes on after {max_bytes:,} bytes, which is all that is taken.")
                file.write(chunk)
                progress(have, max(total, have))
        if total and have < total:
            raise _Broken(f"{have:,} of {total:,} bytes came")
        its_url, name = str(response.url), _name(response)
    with part.open("rb") as file:
        found = sniff(file.read(4096))
    expected = next(f for f in FORMATS if suffix in f.suffixes)
    if found is not None and found != expected.name:
        part.unlink()
        raise CorpusError(
            f"{url}: the server calls this {expected.name} but it is {found}.", "Open the address in a browser."
        )
    whole = part.with_suffix(suffix)
    part.replace(whole)
    note.unlink()
    return Download(whole, its_url, name if PurePosixPath(name).suffix.lower() in expected.suffixes else name + suffix)


def _resumes(response: httpx.Response, have: int) -> bool:
    match = _TOTAL.match(response.headers.get("Content-Range", ""))
    return match is not None and int(match.group(1)) == have


def _suffix(response: httpx.Response, url: str) -> str:
    """The ending for a file, by what the server says it is; by its address where that says nothing.

    Raises:
        CorpusError: It is of a kind that cannot be read.
    """
    media_type = response.headers.get("Content-Type", "").split(";")[0].strip().casefold()
    ending = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    for known in FORMATS:
        if media_type in known.media_types and (media_type != "text/plain" or ending not in _endings()):
            return known.suffixes[0]
    if media_type in ("", "application/octet-stream", "binary/octet-stream", "text/plain") and ending in _endings():
        return ending
    raise CorpusError(
        f"{url}: a file of the kind '{media_type or 'unknown'}' cannot be read.",
        f"Readable are: {', '.join(known.name for known in FORMATS)}.",
    )


def _endings() -> set[str]:
    return {suffix for known in FORMATS for suffix in known.suffixes}


def _name(response: httpx.Response) -> str:
    said = _FILE_NAME.search(response.headers.get("Content-Disposition", ""))
    path = unquote(said.group(1)) if said else unquote(response.url.path)
    return PurePosixPath(path.replace("\\", "/")).name or "document"
