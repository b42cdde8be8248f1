"""The kinds of errors: each message is a sentence that somebody can act on; the door decides how it looks."""


class PublisherError(Exception):
    """Base of every error that is somebody's to mend; str() is the sentence to show."""


class SettingsError(PublisherError):
    """A setting is unknown, malformed or impossible; names the setting and where it was given."""


class ResourceMissing(PublisherError):
    """A file that belongs to the program (vocabulary, shapes, table) is absent or damaged."""


class UnreadableSource(PublisherError):
    """A file is not in a format that we read, or cannot be read at all; names the file."""


class ForeignFormat(UnreadableSource):
    """A file holds records, but in a format that we do not read; says which one to ask for."""


class DamagedFile(UnreadableSource):
    """A packed file cannot be unpacked, so that what it holds is missing."""


class CatalogError(PublisherError):
    """The catalog or a release cannot be opened or changed; names the folder and what to do."""


class PublishInProgress(CatalogError):
    """Another process is publishing into the same DATA_DIR."""


class StoreError(CatalogError):
    """A remote store does not answer, refuses, or answers what it should not; names its address, never credentials."""


class StoreBehind(StoreError):
    """A release is current, but not yet in the remote store; what is left to be sent goes with the next publish."""


class NotFound(PublisherError):
    """There is no such thing, and never was."""


class Withdrawn(PublisherError):
    """The thing was published and then withdrawn (410): `modified` is the time of the withdrawal, UTC, `name` its kind
    and key, `label` what it was called."""

    def __init__(self, message: str, modified: str, name: tuple[str, str] | None = None, label: str = "") -> None:
        super().__init__(message)
        self.modified, self.name, self.label = modified, name, label


class UnknownStyle(PublisherError):
    """There is no citation style or locale of that name, or it cannot be used for this record."""


class QueryError(PublisherError):
    """Base of what can go wrong with a SPARQL query; `status` is the HTTP status of SPARQL 1.1 Protocol 2.1.7."""

    status = 400


class MalformedQuery(QueryError):
    """The query does not parse, or nests deeper than the limit. `line` and `column` count from 1 and in characters (0:
    the whole query), `pointer` is that line with a caret below the place."""

    def __init__(self, message: str, line: int = 0, column: int = 0, pointer: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.pointer = line, column, pointer


class QueryRefused(QueryError):
    """The query asks for what this endpoint does not do: an update, LOAD, or SERVICE outside the list."""

    status = 403


class QueryTimeout(QueryError):
    """The query ran into SPARQL_TIMEOUT and was ended."""

    status = 503


class QueryTooLarge(QueryError):
    """The query wanted more memory than SPARQL_MEMORY, or its result is larger than SPARQL_MAX_BYTES."""

    status = 503


class StoreUnavailable(QueryError):
    """The remote store does not answer, answers nonsense, or is not yet at the current release."""

    status = 503


class QueryFailed(QueryError):
    """The query is a good one, but could not be carried out: a SERVICE that does not answer, a disk that fails."""

    status = 500


class QueueFull(QueryError):
    """All workers are busy and the queue is full; `retry_after` is in seconds."""

    status = 503
    retry_after = 5
