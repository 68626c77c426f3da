"""What it costs to take documents in: reading PDF, encoding, and building again after one report was added.

Prints tables and writes ``benchmarks/results/ingest.json``. The files are those of Debian's packages
``debian-edu-doc-nl`` and ``libreoffice-help-nl`` (``dev/material.sh`` installs them). Programs that are compared take
turns, so that a machine which slows down does so for all of them; the median counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "ingest.json"
MANUALS = sorted(Path("/usr/share/doc/debian-edu-doc-nl").glob("*-manual.pdf"))
HELP = Path("/usr/share/libreoffice/help/nl/text")
ROUNDS = 3
DOCUMENTS, PAGES_EACH = 100, 2


def read_with_iio_kg(path: Path) -> int:
    """Everything that a build does to get the canonical text and the passages."""
    from iio_kg.corpus.document import Metadata, Repair
    from iio_kg.corpus.library import as_document
    from iio_kg.corpus.readers import read_file
    from iio_kg.corpus.segment import segment

    metadata = Metadata(id="x", title="x", kind="report", language="nl", file=path.name)
    return len(segment(as_document(metadata, read_file(path, Repair()))))


def read_with_pdfplumber(path: Path) -> int:
    """The text of every page, layout taken into account as by default."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return sum(len(page.extract_text()) for page in pdf.pages)


def read_with_pypdf(path: Path) -> int:
    """The text of every page."""
    import pypdf

    return sum(len(page.extract_text()) for page in pypdf.PdfReader(path).pages)


def read_with_pdftotext(path: Path) -> int:
    """The text of the file, by Poppler's program."""
    return len(subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout)


READERS: dict[str, Callable[[Path], int]] = {
    "iio-kg (text, blocks, passages)": read_with_iio_kg,
    "pdfplumber (text)": read_with_pdfplumber,
    "pypdf (text)": read_with_pypdf,
    "pdftotext (text)": read_with_pdftotext,
}


def time_reading() -> dict[str, dict[str, float]]:
    """Pages a second and peak memory in megabytes of each reader, each run in a process of its own."""
    import pypdfium2

    pages = 0
    for path in MANUALS:
        with pypdfium2.PdfDocument(path) as pdf:
            pages += len(pdf)
    seconds: dict[str, list[float]] = {name: [] for name in READERS}
    peaks: dict[str, float] = dict.fromkeys(READERS, 0.0)
    for _ in range(ROUNDS):
        for name in READERS:
            run = subprocess.run([sys.executable, __file__, "--read", name], capture_output=True, text=True, check=True)
            took, peak = json.loads(run.stdout)
            seconds[name].append(took)
            peaks[name] = max(peaks[name], peak)
    return {
        name: {"pages": pages, "pages per second": pages / median(seconds[name]), "peak MB": peaks[name]}
        for name in READERS
    }


def read_all(name: str) -> tuple[float, float]:
    """Seconds for all manuals, after one page of warm-up is paid, and the peak memory of process and children."""
    reader = READERS[name]
    begun = time.perf_counter()
    for path in MANUALS:
        reader(path)
    took = time.perf_counter() - begun
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return took, peak / 1024


def time_encoding(count: int = 400) -> dict[str, float]:
    """Passages a second: the encoder of the build against `SentenceTransformer.encode` on the same texts."""
    from sentence_transformers import SentenceTransformer

    from iio_kg.build import read_material
    from iio_kg.config import load_settings
    from iio_kg.index.models import load_encoder, obtain_encoder, obtain_model

    settings = load_settings()
    place = settings.model, settings.cache_dir, settings.model_source
    texts = list(islice((passage.text for passage in read_material(settings).passages), count))
    ours = load_encoder(obtain_encoder(*place), settings.threads)
    plain = SentenceTransformer(str(obtain_model(*place).path), device="cpu")
    plain.encode(texts[:8], prompt_name="passage")
    ours.encode_passages(texts[:8])
    seconds: dict[str, list[float]] = {"iio-kg": [], "SentenceTransformer.encode": []}
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ours.encode_passages(texts)
        between = time.perf_counter()
        plain.encode(texts, prompt_name="passage", normalize_embeddings=True)
        seconds["iio-kg"].append(between - begun)
        seconds["SentenceTransformer.encode"].append(time.perf_counter() - between)
    rates = {name: len(texts) / median(taken) for name, taken in seconds.items()}
    return rates | {"ratio": rates["iio-kg"] / rates["SentenceTransformer.encode"]}


def make_corpus(folder: Path, documents: int) -> Iterator[Path]:
    """Documents of a few pages of help each, after the factsheet."""
    shutil.copytree(ROOT / "corpus" / "factsheet-2015", folder / "factsheet-2015")
    pages = iter(sorted(HELP.rglob("*.html")))
    for number in range(documents):
        target = folder / f"help-{number:03d}"
        target.mkdir()
        bodies = [page.read_text(encoding="utf-8") for page in islice(pages, PAGES_EACH)]
        (target / "help.html").write_text("\n".join(bodies), encoding="utf-8")
        (target / "document.toml").write_text(
            f'title = "Hulp {number}"\nkind = "report"\nlanguage = "nl"\nfile = "help.html"\n', encoding="utf-8"
        )
        yield target


def time_building() -> dict[str, dict[str, float]]:
    """Seconds of a first build of a hundred documents, of one after a hundred-and-first, and of that one alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus, alone = folder / "corpus", folder / "alone"
        corpus.mkdir()
        alone.mkdir()
        *_, last = make_corpus(corpus, DOCUMENTS + 1)
        shutil.move(last, folder / last.name)
        results = {f"{DOCUMENTS} documents, first build": build(corpus, folder / "data")}
        results["nothing changed"] = build(corpus, folder / "data")
        shutil.copytree(folder / last.name, corpus / last.name)
        results["one document added"] = build(corpus, folder / "data")
        list(make_corpus(alone, 0))
        build(alone, folder / "data-alone")
        shutil.copytree(folder / last.name, alone / last.name)
        results["the same document added to the factsheet alone"] = build(alone, folder / "data-alone")
    return results


def build(corpus: Path, data: Path) -> dict[str, float]:
    """Seconds of a build as a command, its peak memory in megabytes, and what it encoded."""
    command = [sys.executable, "-m", "iio_kg", "--corpus", str(corpus), "--data-dir", str(data), "build", "--json"]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        built = json.loads(process.stdout.read())
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return {
        "seconds": time.perf_counter() - begun,
        "peak MB": usage.ru_maxrss / 1024,
        "passages": built["counts"]["passages"],
        "texts encoded": built["encoded"],
    }


def show(title: str, rows: dict[str, dict[str, float]] | dict[str, float]) -> None:
    """Print a table."""
    print(f"\n{title}")
    for name, row in rows.items():
        cells = row if isinstance(row, dict) else {"": row}
        print(f"  {name:48}" + "  ".join(f"{value:10,.2f} {what}" for what, value in cells.items()))


def main() -> None:
    """Run everything, or with ``--read`` one reader for the process that asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--read", choices=list(READERS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        print(json.dumps(read_all(chosen.read)))
        return
    if not MANUALS or not HELP.is_dir():
        sys.exit("The documents are missing; run dev/material.sh first.")
    reading = time_reading()
    show("Reading PDF", reading)
    # Before anything large is loaded here: the peak of a child is never below what its parent holds when it starts it.
    building = time_building()
    show("Building", building)
    encoding = time_encoding()
    show("Encoding, passages per second", encoding)
    machine = {"processors": os.cpu_count(), "python": platform.python_version()}
    results = {"machine": machine, "reading": reading, "encoding": encoding, "building": building}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
