"""What one query may take, and how many there may be."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.message import Message
from publisher.settings import Settings


@dataclass(frozen=True)
class Limits:
    """Each is a setting of the operator.

    `timeout` is in seconds from when a worker takes the query, `max_rows` in rows or triples, `max_bytes` those of the
    result as written, `memory` bytes above what a fresh worker uses, `max_length` in characters, `max_depth` in nested
    brackets, `max_matches` in records that one text search gives to a query. Of what SERVICE may name, only the IRIs
    in `service_targets` are ever fetched.
    """

    timeout: float
    max_rows: int
    memory: int
    max_bytes: int
    max_length: int
    max_depth: int
    workers: int
    queue: int
    max_matches: int = 10_000
    service_targets: tuple[str, ...] = ()

    @property
    def too_slow(self) -> Message:
        return Message(
            "The query was ended after %(seconds)s seconds (SPARQL_TIMEOUT): ask for less at a time.",
            seconds=float(self.timeout),
        )

    @property
    def too_much_memory(self) -> Message:
        return Message(
            "The query was ended when it needed more than %(size)s MiB of memory (SPARQL_MEMORY): "
            "ask for less at a time.",
            size=round(self.memory / 2**20),
        )

    @property
    def too_many_bytes(self) -> Message:
        return Message(
            "The result is larger than %(size)s bytes (SPARQL_MAX_BYTES): ask for less at a time.", size=self.max_bytes
        )

    @property
    def cut(self) -> Message:
        """What a result that was cut says of itself."""
        return Message("The result was cut after %(number)s rows or triples (SPARQL_MAX_ROWS).", number=self.max_rows)


def limits(settings: Settings) -> Limits:
    """The limits that the operator has set."""
    return Limits(
        timeout=settings.SPARQL_TIMEOUT,
        max_rows=settings.SPARQL_MAX_ROWS,
        memory=settings.SPARQL_MEMORY * 2**20,
        max_bytes=settings.SPARQL_MAX_BYTES,
        max_length=settings.SPARQL_MAX_LENGTH,
        max_depth=settings.SPARQL_MAX_DEPTH,
        workers=settings.SPARQL_WORKERS,
        queue=settings.SPARQL_QUEUE,
        max_matches=settings.SPARQL_MAX_MATCHES,
        service_targets=settings.SPARQL_SERVICE,
    )
