"""Queries in processes of their own: ended when they take too long, and few that wait for them."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import pytest

from iio_kg.errors import EndpointBusy, QueryTimeout
from iio_kg.graph.worker import Request, Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

#: How long a query may take: longer than a query waits that is sent away.
SECONDS = 3.0
TRIPLES = "".join(f"<http://example.org/s{n}> <http://example.org/p> <http://example.org/o{n}> .\n" for n in range(500))


def request(query: str) -> Request:
    return Request(query, "json", "ttl", [], [])


SHORT = request("ASK { ?s ?p ?o }")
ENDLESS = request("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER (?a != ?d) }")


@pytest.fixture
def workers() -> Iterator[Workers]:
    its = Workers(TRIPLES.encode(), {}, count=1, seconds=SECONDS, max_bytes=1_000_000)
    yield its
    its.close()


def test_a_query_that_takes_too_long_is_ended_and_the_next_one_answered(workers: Workers) -> None:
    assert workers.run(SHORT).kind == "boolean"
    with pytest.raises(QueryTimeout, match="took longer than 3 seconds"):
        workers.run(ENDLESS)
    assert workers.run(SHORT).kind == "boolean"


def test_of_those_that_wait_for_a_long_query_only_the_first_does_so_to_its_end(workers: Workers) -> None:
    workers.run(SHORT)
    with ThreadPoolExecutor() as pool:
        running = {pool.submit(workers.run, ENDLESS) for _ in range(3)}
        refused, left = wait(running, return_when=FIRST_COMPLETED)
        # One runs, one waits for it, and the third, whichever it is, is sent away while they do.
        assert len(refused) == 1
        assert len(left) == 2
        for each in refused:
            with pytest.raises(EndpointBusy, match="busy with other queries"):
                each.result()
