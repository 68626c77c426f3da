"""How long it takes: building, starting, answering. Prints a table and writes ``benchmarks/results/serve.json``.

Every question is asked once, so that nothing is answered from a cache; the server runs in a process of its own and is
asked over HTTP on the loopback address.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

from iio_kg.evaluate.measures import percentile

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "serve.json"
WARM_UP = 20


def questions(count: int) -> list[str]:
    """Distinct questions: those of the question set, then the same with a word before them."""
    found = []
    for path in sorted((ROOT / "tests" / "questions").glob("*.jsonl")):
        found += [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines() if line]
    openings = ("", "vraagje: ", "question: ", "dus ", "so ", "en ", "and ", "hallo, ")
    return [opening + question for opening in openings for question in found][:count]


def build_seconds(data: Path) -> float:
    """Seconds of a build from nothing, the model being decoded already."""
    begun = time.perf_counter()
    run = [sys.executable, "-m", "iio_kg", "--data-dir", str(data), "build"]
    subprocess.run(run, check=True, capture_output=True)
    return time.perf_counter() - begun


def start(data: Path) -> tuple[subprocess.Popen[bytes], int, float]:
    """Start the server; gives the process, its port, and the seconds until it was ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "iio_kg", "--data-dir", str(data), "serve", "--port", str(port), "--no-rate-limit"],
        stderr=subprocess.DEVNULL,
    )
    while True:
        try:
            if get(http.client.HTTPConnection("127.0.0.1", port, timeout=10), "/readyz") == 200:
                return process, port, time.perf_counter() - begun
        except OSError:
            if process.poll() is not None:
                raise SystemExit("the server ended; run 'make setup' first") from None


def get(connection: http.client.HTTPConnection, path: str) -> int:
    """The status of a request; the body is read."""
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    return response.status


def ask_path(question: str) -> str:
    """The address of a question."""
    return "/api/v1/ask?" + urllib.parse.urlencode({"q": question})


def latencies(port: int, asked: list[str]) -> list[float]:
    """Milliseconds per question, one after another over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for question in asked:
        begun = time.perf_counter()
        get(connection, ask_path(question))
        times.append((time.perf_counter() - begun) * 1000)
    return times


def throughput(port: int, asked: list[str], clients: int) -> float:
    """Questions per second with a number of clients side by side."""

    def client(share: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for question in share:
            get(connection, ask_path(question))

    threads = [threading.Thread(target=client, args=(asked[i::clients],)) for i in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(asked) / (time.perf_counter() - begun)


def resident_megabytes(process_id: int) -> float:
    """Resident memory of a process, in MB (Linux)."""
    status = Path(f"/proc/{process_id}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="questions for the latency (default 200)")
    parser.add_argument("--clients", type=int, default=16, help="clients for the throughput (default 16)")
    options = parser.parse_args()
    # Answers are kept: no question is asked twice.
    everything = questions(options.count * 2 + WARM_UP)
    warm_up, asked = everything[:WARM_UP], everything[WARM_UP:]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        built = build_seconds(data)
        process, port, cold = start(data)
        try:
            latencies(port, warm_up)
            times = latencies(port, asked[: options.count])
            rate = throughput(port, asked[options.count :], options.clients)
            memory = resident_megabytes(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "questions": len(times),
        "build_s": round(built, 2),
        "cold_start_s": round(cold, 2),
        "resident_mb": round(memory),
        "p50_ms": round(percentile(times, 0.5), 2),
        "p95_ms": round(percentile(times, 0.95), 2),
        "questions_per_s": round(rate, 1),
        "clients": options.clients,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, value in result.items():
        print(f"{name:>16}  {value}")


if __name__ == "__main__":
    main()
