"""The findings of the corpus, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iio_kg.ask.collect import Shelf, shelve
from iio_kg.graph.namespaces import Names

if TYPE_CHECKING:
    from iio_kg.build import Material
    from iio_kg.graph.claims import Claim


@pytest.fixture(scope="module")
def shelf(material: Material) -> Shelf:
    return shelve(material, Names())


@pytest.fixture(scope="module")
def claims(shelf: Shelf) -> dict[str, Claim]:
    return {claim.iri.partition("/claim/")[2]: claim for claim in shelf.claims}
