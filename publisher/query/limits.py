"""What one query may take, and how many there may be."""

from __future__ import annotations

from dataclasses import dataclass

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
    def too_slow(self) -> str:
        return f"The query was ended after {self.timeout:g} seconds (SPARQL_TIMEOUT): ask for less at a time."

    @property
    def too_much_memory(self) -> str:
        size = f"{self.memory / 2**20:,.0f} MiB of memory (SPARQL_MEMORY)"
        return f"The query was ended when it needed more than {size}: ask for less at a time."

    @property
    def too_many_bytes(self) -> str:
        return f"The result is larger than {self.max_bytes:,} bytes (SPARQL_MAX_BYTES): ask for less at a time."

    @property
    def cut(self) -> str:
        """What a result that was cut says of itself."""
        return f"The result was cut after {self.max_rows:,} rows or triples (SPARQL_MAX_ROWS)."


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
