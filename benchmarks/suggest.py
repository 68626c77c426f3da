"""How long suggestions take, in process and over HTTP. Prints a table and writes ``benchmarks/results/suggest.json``.

What is typed are the beginnings of the questions of the claims and of the names of things, some with two letters
swapped; each is asked for once. It runs on the snapshot that the settings name; the server is a process of its own.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import random
import signal
import time
import urllib.parse
from pathlib import Path

from iio_kg.ask.suggest import Suggester
from iio_kg.config import load_settings
from iio_kg.evaluate.measures import percentile
from iio_kg.snapshot import open_snapshot
from serve import start

RESULTS = Path(__file__).parent / "results" / "suggest.json"
COUNT, WARM_UP = 1000, 50
SEED = 20150601


def beginnings(names: list[str], count: int) -> list[str]:
    """Distinct beginnings of names of 1 to 40 letters, one in four with two letters swapped."""
    chance = random.Random(SEED)
    found: dict[str, None] = {}
    while len(found) < count:
        typed = chance.choice(names)[: chance.randint(1, 40)]
        if len(typed) > 4 and chance.random() < 0.25:
            place = chance.randrange(1, len(typed) - 1)
            typed = typed[:place] + typed[place + 1] + typed[place] + typed[place + 2 :]
        found[typed] = None
    return list(found)


def over_http(port: int, typed: list[str]) -> list[float]:
    """Milliseconds for each, one after another over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for text in typed:
        begun = time.perf_counter()
        connection.request("GET", "/api/v1/suggest?" + urllib.parse.urlencode({"q": text, "lang": "nl"}))
        response = connection.getresponse()
        response.read()
        times.append((time.perf_counter() - begun) * 1000)
        if response.status != 200:
            raise SystemExit(f"the server answered {response.status} to {text!r}")
    return times


def in_process(suggester: Suggester, typed: list[str]) -> list[float]:
    """Milliseconds for each."""
    times = []
    for text in typed:
        begun = time.perf_counter()
        suggester.suggest(text, "nl")
        times.append((time.perf_counter() - begun) * 1000)
    return times


def main() -> None:
    """Measure and report."""
    settings = load_settings()
    snapshot = open_snapshot(settings.data_dir)
    content = snapshot.content
    begun = time.perf_counter()
    suggester = Suggester(content.claims, content.entities, snapshot.manifest.base_uri)
    made = (time.perf_counter() - begun) * 1000
    names = [text for claim in content.claims for texts in claim.questions.values() for text in texts]
    names += [
        name for entity in content.entities for language in ("nl", "en") for name in sorted(entity.names(language))
    ]
    typed = beginnings(names, COUNT + WARM_UP)
    in_process(suggester, typed[:WARM_UP])
    inside = in_process(suggester, typed[WARM_UP:])
    server, port, _ = start(settings.data_dir)
    try:
        over_http(port, typed[:WARM_UP])
        outside = over_http(port, typed[WARM_UP:])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "questions": sum(len(texts) for claim in content.claims for texts in claim.questions.values()),
        "typed": len(inside),
        "made_ms": round(made, 1),
        "process_p50_ms": round(percentile(inside, 0.5), 2),
        "process_p95_ms": round(percentile(inside, 0.95), 2),
        "http_p50_ms": round(percentile(outside, 0.5), 2),
        "http_p95_ms": round(percentile(outside, 0.95), 2),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, value in result.items():
        print(f"{name:>16}  {value}")


if __name__ == "__main__":
    main()
