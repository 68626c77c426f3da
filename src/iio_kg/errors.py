"""The errors a person may see: one sentence each, and the way they are shown at each door.

Every error that is the user's or the maintainer's to mend is an `IioKgError`. The command line prints its
sentence and exits with `exit_code`; the web doors answer with its `status` as problem+json (RFC 9457).
"""

from __future__ import annotations


class IioKgError(Exception):
    """Something a person can mend.

    Args:
        message: What was wrong and where, as one sentence.
        hint: What to do about it, as one sentence; may be empty.
    """

    status = 500
    title = "Internal error"
    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigError(IioKgError):
    """A setting is unknown or has a value that cannot be used."""

    title = "Unusable setting"


class CorpusError(IioKgError):
    """A document of the corpus is missing, unreadable or contradicts its metadata."""

    title = "Unusable corpus"


class GraphError(IioKgError):
    """The ontology or the claims are not valid; the message names file and line."""

    title = "Unusable graph"


class ModelError(IioKgError):
    """The language model is missing, half-written or not the one the index was made with."""

    status = 503
    title = "Model unavailable"


class SnapshotError(IioKgError):
    """The snapshot is missing, damaged or made by another version."""

    status = 503
    title = "Snapshot unavailable"


class BadQuestion(IioKgError):
    """The question, or a filter beside it, cannot be used."""

    status = 400
    title = "Unusable question"


class BadQuery(IioKgError):
    """The SPARQL query cannot be run as it stands."""

    status = 400
    title = "Unusable query"


class QueryRefused(BadQuery):
    """The SPARQL query asks for something this endpoint does not do (SERVICE, FROM elsewhere, update)."""

    status = 403
    title = "Query refused"


class QueryTimeout(BadQuery):
    """The SPARQL query took longer than the limit and was ended."""

    status = 503
    title = "Query took too long"


class EndpointBusy(IioKgError):
    """Too many SPARQL queries are asked at once."""

    status = 503
    title = "Too busy"


class ResultTooLarge(BadQuery):
    """The SPARQL result is larger than the limit."""

    status = 413
    title = "Result too large"


class NotFound(IioKgError):
    """There is nothing at this address."""

    status = 404
    title = "Not found"


class NotAcceptable(IioKgError):
    """None of the media types asked for can be given."""

    status = 406
    title = "Not acceptable"


class ServerError(IioKgError):
    """The server cannot start or go on (a port in use, no file descriptors)."""

    title = "Server cannot run"
