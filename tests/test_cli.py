"""The command line as a maintainer types it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from iio_kg.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from iio_kg.config import Settings
    from iio_kg.snapshot import Snapshot

COMMANDS = ("adapt", "build", "ask", "sparql", "serve", "doctor", "graph", "claims", "eval")


def run(*arguments: str, **variables: str) -> Result:
    """Run a command; an exception that is not an exit is a failure of the test."""
    result = CliRunner().invoke(main, list(arguments), env=variables)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def copy_of_the_corpus(settings: Settings, folder: Path) -> Path:
    return shutil.copytree(settings.corpus, folder / "corpus")


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help(command: str) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.exit_code == 0
    assert result.output.startswith("Usage:")


def test_help_names_every_command() -> None:
    output = run("--help").output
    assert all(command in output for command in COMMANDS)


def test_an_unknown_setting_ends_with_one_sentence_and_code_2() -> None:
    result = run("sparql", "ASK {}", IIO_KG_COLOUR="red")
    assert result.exit_code == 2
    assert "IIO_KG_COLOUR: there is no such setting." in result.stderr


def test_no_snapshot_ends_with_what_to_do(tmp_path: Path) -> None:
    result = run("--data-dir", str(tmp_path), "sparql", "ASK {}")
    assert result.exit_code == 2
    assert "Run 'iio-kg build'" in result.stderr


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    result = run("--corpus", str(missing), "--data-dir", str(tmp_path), "build")
    assert result.exit_code == 2
    assert str(missing) in result.stderr


@pytest.mark.model
def test_a_folder_without_metadata_is_named_and_the_other_documents_are_built(
    settings: Settings, snapshot: Snapshot, tmp_path: Path
) -> None:
    corpus = copy_of_the_corpus(settings, tmp_path)
    (corpus / "new-report").mkdir()
    data = shutil.copytree(settings.data_dir, tmp_path / "data")
    result = run("--corpus", str(corpus), "--data-dir", str(data), "build")
    assert result.exit_code == 1
    assert "new-report: this folder has no document.toml" in result.stderr
    assert f"{len(snapshot.content.documents)} documents" in result.stdout
    listed = run("--corpus", str(corpus), "corpus", "list")
    assert listed.exit_code == 1
    assert "this folder has no document.toml" in listed.stderr
    assert "factsheet-2015" in listed.stdout


@pytest.mark.model
def test_a_broken_claims_file_is_named_with_its_line(settings: Settings, tmp_path: Path, snapshot: Snapshot) -> None:
    corpus = copy_of_the_corpus(settings, tmp_path)
    claims = corpus / "factsheet-2015" / "claims.ttl"
    lines = claims.read_text().splitlines()
    lines[40] += " ;;; ."
    claims.write_text("\n".join(lines))
    result = run("--corpus", str(corpus), "--data-dir", str(tmp_path / "data"), "build")
    assert result.exit_code == 2
    assert f"{claims}:4" in result.stderr
    assert not (tmp_path / "data" / "CURRENT").exists()


@pytest.mark.model
def test_building_twice_does_the_work_once(settings: Settings, snapshot: Snapshot) -> None:
    result = run("--data-dir", str(settings.data_dir), "build", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["fresh"] is False


@pytest.mark.model
def test_an_answer_in_text_and_in_json(settings: Settings, snapshot: Snapshot) -> None:
    question = "Met hoeveel procent stegen de citoscores?"
    text = run("--data-dir", str(settings.data_dir), "ask", question)
    assert text.exit_code == 0
    asked = run("--data-dir", str(settings.data_dir), "ask", "--json", question)
    answer: dict[str, Any] = json.loads(asked.stdout)
    assert answer["answer"]["text"] in text.stdout
    assert answer["citations"][0]["quote"] in text.stdout


@pytest.mark.model
def test_no_answer_ends_with_code_1(settings: Settings, snapshot: Snapshot) -> None:
    result = run("--data-dir", str(settings.data_dir), "ask", "wat", "kost", "een", "kilo", "appels")
    assert result.exit_code == 1
    assert "geen antwoord" in result.stdout


@pytest.mark.model
def test_a_query_gives_a_table_and_a_graph(settings: Settings, snapshot: Snapshot) -> None:
    table = run("--data-dir", str(settings.data_dir), "sparql", "SELECT ?l { concept:slimfit skos:prefLabel ?l }")
    assert table.stdout.split() == ["l", "SlimFit", "SlimFit"]
    graph = run("--data-dir", str(settings.data_dir), "sparql", "--format", "nt", "DESCRIBE concept:slimfit")
    assert graph.stdout.startswith("<")
    refused = run("--data-dir", str(settings.data_dir), "sparql", "DELETE WHERE { ?s ?p ?o }")
    assert refused.exit_code == 2


@pytest.mark.model
def test_a_port_in_use_is_named(settings: Settings, snapshot: Snapshot) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--data-dir", str(settings.data_dir), "serve", "--port", str(port))
    assert result.exit_code == 2
    assert f"port {port}" in result.stderr


@pytest.mark.model
def test_the_doctor_finds_a_sound_installation_sound_and_a_broken_one_broken(
    settings: Settings, snapshot: Snapshot, tmp_path: Path
) -> None:
    result = run("--data-dir", str(settings.data_dir), "doctor", "--json")
    sound = {finding["name"]: finding for finding in json.loads(result.stdout)}
    assert all(finding["ok"] for name, finding in sound.items() if name != "port"), sound
    result = run("--data-dir", str(tmp_path), "--corpus", str(tmp_path), "doctor", "--json")
    assert result.exit_code == 1
    broken = {finding["name"]: finding for finding in json.loads(result.stdout)}
    for name in ("corpus and graph", "snapshot"):
        assert not broken[name]["ok"]
        assert broken[name]["remedy"]


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    result = run("--data-dir", str(tmp_path / "data"), "build", IIO_KG_CACHE_DIR=str(in_the_way / "cache"))
    assert result.exit_code == 2
    assert str(in_the_way / "cache") in result.stderr
    assert "IIO_KG_CACHE_DIR" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


@pytest.mark.model
def test_the_server_logs_no_question_and_stops_cleanly(settings: Settings, snapshot: Snapshot, tmp_path: Path) -> None:
    import urllib.request

    from support import start_server

    server = start_server(settings, tmp_path)
    with urllib.request.urlopen(f"{server.url}/api/v1/ask?q=geheimevraag", timeout=30) as response:
        assert response.status == 200
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=20) == 0
    log = server.log.read_text()
    assert "GET /api/v1/ask 200" in log
    assert "geheimevraag" not in log
    assert "Traceback" not in log
