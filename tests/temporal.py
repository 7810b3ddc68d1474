"""A real Temporal server for tests: the dev server, with time that can be skipped."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from temporalio.testing import WorkflowEnvironment

from worker.payloads import CONVERTER
from worker.processes.temporal_server import find_temporal
from workflows.journey import search_attributes

# Skipping is off by default; without the second flag each timer costs half a second of look-ahead.
FLAGS = ("frontend.WorkflowTimeSkippingEnabled=true", 'history.timerProcessorMaxTimeShift="1ms"')
STARTS = 5


@asynccontextmanager
async def skipping_server(*flags: str) -> AsyncIterator[WorkflowEnvironment]:
    """A server whose time skips ahead whenever a journey only waits.

    Args:
        flags: further dynamic configuration, ``name=value``.
    """
    arguments = [word for flag in (*FLAGS, *flags) for word in ("--dynamic-config-value", flag)]
    async with await _started(arguments) as environment:
        yield environment


async def _started(arguments: Sequence[str], starts: int = STARTS) -> WorkflowEnvironment:
    """The SDK gives a server five seconds, which on a busy machine may be too few; then another one is started."""
    try:
        return await WorkflowEnvironment.start_time_skipping_v2(
            dev_server_existing_path=str(find_temporal()),
            dev_server_log_level="error",
            dev_server_extra_args=arguments,
            search_attributes=list(search_attributes.ALL),
            data_converter=CONVERTER,
        )
    except RuntimeError as error:
        if "did not start within" not in str(error) or starts == 1:
            raise
    return await _started(arguments, starts - 1)
