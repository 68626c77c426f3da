"""EPUB 2 and 3: the pages of its reading order, read as HTML.

Printed pages are known where the book marks them (``epub:type="pagebreak"``); otherwise every file of the reading order
is a page without a label, for there is none that a reader could turn to.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from iio_kg.corpus.readers.archive import open_archive, read_part
from iio_kg.corpus.readers.html import decode_html, write_page
from iio_kg.corpus.readers.reading import Properties, Reading, require_places, unheard
from iio_kg.corpus.readers.writing import SourceWriter
from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    import zipfile
    from pathlib import Path

    from iio_kg.corpus.document import Repair
    from iio_kg.corpus.readers.reading import Progress

_CONTAINER = "META-INF/container.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})


def read(path: Path, repair: Repair, progress: Progress = unheard) -> Reading:
    """Read an EPUB file.

    Raises:
        CorpusError: The file is missing, damaged, locked, too large unpacked, or holds no text; or it lacks what
            `repair` names.
    """
    with open_archive(path, "EPUB") as archive:
        names = set(archive.namelist())
        # Some are packed with a folder around everything.
        containers = sorted((n for n in names if n == _CONTAINER or n.endswith(f"/{_CONTAINER}")), key=len)
        if not containers:
            raise CorpusError(f"{path}: this archive is not an EPUB: it has no {_CONTAINER}.", "Is it another format?")
        root = containers[0].removesuffix(_CONTAINER)
        container = _xml(archive, containers[0], path)
        packages = [element.get("full-path") or "" for element in container.iter("{*}rootfile")]
        if not packages:
            raise CorpusError(f"{path}: this EPUB does not say where its package is.", "Fetch it again.")
        package = root + packages[0]
        described = _xml(archive, package, path)
        writer = SourceWriter()
        warnings = []
        order = _reading_order(described, package)
        for number, name in enumerate(order, 1):
            if name not in names:
                warnings.append(f"missing part: {path}: {name} of the reading order is not in the EPUB.")
                continue
            text, its_warnings = decode_html(read_part(archive, name, path, "EPUB"), f"{path}: {name}")
            warnings.extend(its_warnings)
            writer.begin_page()
            write_page(text, writer)
            progress(number, len(order))
    reading = writer.reading(_properties(described), warnings)
    require_places(reading.source, repair, str(path))
    return reading


def _xml(archive: zipfile.ZipFile, name: str, path: Path) -> Any:
    from lxml import etree

    # What an EPUB refers to elsewhere is never fetched, and entities are not expanded.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    try:
        root = etree.fromstring(read_part(archive, name, path, "EPUB"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise CorpusError(f"{path}: the part {name} of this EPUB is not XML.", "Fetch it again.")
    return root


def _reading_order(package: Any, name: str) -> list[str]:
    """The names in the archive of the pages, in the order of the spine."""
    folder = posixpath.dirname(name)
    items = {item.get("id"): item for item in package.iter("{*}item")}
    order = []
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES or "nav" in (item.get("properties") or "").split():
            continue
        order.append(posixpath.normpath(posixpath.join(folder, unquote(item.get("href") or ""))))
    return order


def _properties(package: Any) -> Properties:
    def said(name: str) -> list[str]:
        elements = package.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")
        return [words for element in elements if (words := " ".join("".join(element.itertext()).split()))]

    return Properties(
        title=next(iter(said("title")), ""),
        authors=tuple(dict.fromkeys(said("creator"))),
        date=next(iter(said("date")), "")[:10],
        language=next(iter(said("language")), "").split("-")[0].casefold(),
        publisher=next(iter(said("publisher")), ""),
    )
