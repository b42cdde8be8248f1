"""The process of queries ends when its server does."""

from __future__ import annotations

import multiprocessing

from publisher.query import Limits
from publisher.query.worker import serve

LIMITS = Limits(
    timeout=1.0, max_rows=1, memory=300 * 2**20, max_bytes=1000, max_length=1000, max_depth=4, workers=1, queue=1
)


def test_a_worker_ends_in_silence_when_its_server_ends_before_it_has_read_all() -> None:
    """The memory that the worker hands out lies unread in the connection, so that it is reset, not closed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=serve, args=(theirs, LIMITS))
    worker.start()
    theirs.close()
    assert ours.poll(20)
    ours.close()
    worker.join(20)
    assert worker.exitcode == 0
