"""A snapshot is whole and of this version, or it is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from iio_kg import snapshot as snapshots
from iio_kg.errors import SnapshotError
from iio_kg.index.nearness import Nearness

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.config import Settings
    from iio_kg.snapshot import Snapshot


@pytest.fixture
def data(settings: Settings, snapshot: Snapshot, tmp_path: Path) -> Path:
    """A copy of the data folder, to be spoilt."""
    return shutil.copytree(settings.data_dir, tmp_path / "data")


def write_again(snapshot: Snapshot, data: Path, inputs: str = "x", fingerprint: str = "x") -> str:
    manifest = snapshot.manifest
    return snapshots.write_snapshot(
        data,
        snapshot.content,
        inputs=inputs,
        model=manifest.model,
        fingerprint=fingerprint,
        base_uri=manifest.base_uri,
        prefixes=manifest.prefixes,
    ).id


@pytest.mark.model
@pytest.mark.parametrize("key", ["format", "version"])
def test_a_snapshot_of_another_version_is_refused_with_what_to_do(data: Path, snapshot: Snapshot, key: str) -> None:
    path = data / "snapshots" / snapshot.id / snapshots.MANIFEST
    manifest = json.loads(path.read_text())
    manifest[key] = 99 if key == "format" else "99.0"
    path.write_text(json.dumps(manifest))
    with pytest.raises(SnapshotError, match=r"was made by version .* Run 'iio-kg build'"):
        snapshots.open_snapshot(data)


@pytest.mark.model
def test_a_changed_byte_in_any_file_is_found(data: Path, snapshot: Snapshot) -> None:
    for name in snapshot.manifest.files:
        path = data / "snapshots" / snapshot.id / name
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        with pytest.raises(SnapshotError, match="is missing or was changed"):
            snapshots.open_snapshot(data)
        path.write_bytes(good)
    assert snapshots.open_snapshot(data).id == snapshot.id


@pytest.mark.model
def test_an_index_of_another_length_is_refused(data: Path, snapshot: Snapshot) -> None:
    shorter = Nearness.build(snapshot.content.term_vectors[: len(snapshot.content.word_nearness) - 1])
    spoilt = replace(snapshot, content=replace(snapshot.content, word_nearness=shorter))
    write_again(spoilt, data, fingerprint=snapshot.manifest.fingerprint)
    with pytest.raises(SnapshotError, match="does not fit its texts"):
        snapshots.open_snapshot(data)


@pytest.mark.model
def test_the_same_content_has_the_same_name_and_the_previous_one_is_kept(data: Path, snapshot: Snapshot) -> None:
    fingerprint = snapshot.manifest.fingerprint
    assert write_again(snapshot, data, fingerprint=fingerprint) == snapshot.id
    (data / "snapshots" / ".new-broken").mkdir()
    second = write_again(snapshot, data, fingerprint="second")
    assert {path.name for path in (data / "snapshots").iterdir()} == {snapshot.id, second}
    third = write_again(snapshot, data, fingerprint="third")
    assert snapshots.current_id(data) == third
    assert len(list((data / "snapshots").iterdir())) == 2


def test_no_snapshot_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="Run 'iio-kg build' to make one"):
        snapshots.open_snapshot(tmp_path)


@pytest.mark.model
def test_a_folder_that_cannot_be_written_is_named(snapshot: Snapshot, tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file in the way")
    with pytest.raises(SnapshotError, match="cannot be written"):
        write_again(snapshot, blocked)
    assert blocked.read_text() == "a file in the way"


def test_every_page_keeps_its_text_as_extracted_with_its_checksum(snapshot: Snapshot) -> None:
    for document in snapshot.content.documents:
        for page in document.pages:
            raw = document.source[page.source.start : page.source.end]
            assert page.sha256 == hashlib.sha256(raw.encode()).hexdigest()
    first, *others = snapshot.content.documents
    changed = replace(first, source=first.source.replace("Gemiddeld liggen", "Gemiddeld lagen "))
    with pytest.raises(SnapshotError, match=r"Page 2 of factsheet-2015 is not what was extracted"):
        snapshots.check_quotations(replace(snapshot.content, documents=(changed, *others)))
