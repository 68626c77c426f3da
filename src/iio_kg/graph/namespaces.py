"""The names of things: prefixes, and the identifiers this project mints.

The vocabulary's files are written with the base `DEFAULT_BASE`; a build under another ``base_uri`` rewrites it.
"""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import Namespace

DEFAULT_BASE = "https://w3id.org/iio-kg/"

BIBO = Namespace("http://purl.org/ontology/bibo/")
FABIO = Namespace("http://purl.org/spar/fabio/")
OA = Namespace("http://www.w3.org/ns/oa#")
PICO = Namespace("http://data.cochrane.org/ontologies/pico/")
QUDT = Namespace("http://qudt.org/schema/qudt/")
QUDT_UNIT = Namespace("http://qudt.org/vocab/unit/")
SCHEMA = Namespace("https://schema.org/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")


@dataclass(frozen=True, slots=True)
class Names:
    """Mints the identifiers under a base; see the table in ``docs/architecture.md``."""

    base: str = DEFAULT_BASE

    @property
    def ontology(self) -> Namespace:
        """The namespace of classes and properties."""
        return Namespace(f"{self.base}ontology#")

    def concept(self, name: str) -> str:
        """A concept, by its local name."""
        return f"{self.base}concept/{name}"

    def document(self, document: str) -> str:
        """A document, by its id."""
        return f"{self.base}document/{document}"

    def passage(self, key: str) -> str:
        """A passage, by its key ``document#p12``."""
        return f"{self.base}document/{key}"

    def dataset(self, name: str) -> str:
        """A dataset, a form it is given in, or a service."""
        return f"{self.base}dataset/{name}"

    def graph(self, name: str) -> str:
        """A named graph."""
        return f"{self.base}graph/{name}"
