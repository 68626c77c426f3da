"""Recognising the text of a scanned PDF, with the extra ``iio-kg[ocr]``."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from iio_kg.errors import CorpusError

if TYPE_CHECKING:
    from pathlib import Path

#: Dutch first, then English, as tesseract names them.
LANGUAGES = ("nld", "eng")


def recognise(path: Path, target: Path) -> None:
    """Write a PDF with the pages of another and the text that is seen on them.

    Args:
        path: The scanned PDF.
        target: The file to write.

    Raises:
        CorpusError: The extra or tesseract's Dutch is missing, or the file cannot be used.
    """
    if importlib.util.find_spec("ocrmypdf") is None:
        raise CorpusError("Text is recognised with the extra 'ocr'.", "Install it: pip install 'iio-kg[ocr]'.")
    tesseract = shutil.which("tesseract")
    if tesseract is None:
        raise CorpusError(
            "Text is recognised by tesseract, which is not installed.", "Install it with Dutch: tesseract-ocr-nld."
        )
    said = subprocess.run([tesseract, "--list-langs"], capture_output=True, text=True, check=False).stdout.split()  # noqa: S603
    languages = [language for language in LANGUAGES if language in said]
    if LANGUAGES[0] not in languages:
        raise CorpusError("tesseract does not know Dutch here.", "Install tesseract-ocr-nld.")
    command = [sys.executable, "-m", "ocrmypdf", "--quiet", "--language", "+".join(languages)]
    # What text there is is that of a bad layer, or of none; PDF/A would need Ghostscript.
    command += ["--force-ocr", "--output-type", "pdf", str(path), str(target)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode or not target.is_file():
        reason = (ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"])[-1]
        raise CorpusError(f"{path}: its text could not be recognised ({reason}).")
