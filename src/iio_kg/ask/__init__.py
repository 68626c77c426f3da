"""From a question to an answer with its evidence: understand, retrieve, judge, compose."""

from iio_kg.ask.engine import ask

__all__ = ["ask"]
