"""Keeps the SDK's and the journeys' own log lines of rehearsed runs out of the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


def _not_rehearsed(_record: logging.LogRecord) -> bool:
    return not _rehearsing.get()


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what this task logs through the SDK's loggers; other tasks and threads go on logging."""
    for name in ("temporalio.workflow", "temporalio.activity", "temporalio.worker._workflow_instance"):
        logging.getLogger(name).addFilter(_not_rehearsed)  # adding it twice adds it once
    token = _rehearsing.set(True)
    try:
        yield
    finally:
        _rehearsing.reset(token)
