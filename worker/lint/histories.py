"""Recorded histories replayed with today's code, as a worker would after the deploy."""

import json
import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from google.protobuf.json_format import ParseError
from temporalio.client import WorkflowHistory
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import Replayer

from worker.lint.findings import Finding
from worker.sandbox import journey_runner
from workflows.journey import Journey

REASON = re.compile(r'Nondeterminism error: ([^"]*)"')


async def replay(journeys: Mapping[str, type[Journey]], files: list[Path]) -> list[Finding]:
    """Replay each history; customers inside such a path would be stuck where one does not replay.

    Args:
        journeys: today's, by name.
        files: histories in the JSON form of the Temporal SDK.
    """
    found: list[Finding] = []
    sound: dict[str, Path] = {}
    gone: dict[str, list[Path]] = defaultdict(list)

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            try:
                history = WorkflowHistory.from_json(f"{file.parent.name}/{file.stem}", json.loads(file.read_bytes()))
                name = history.events[0].workflow_execution_started_event_attributes.workflow_type.name
            except (ValueError, LookupError, ParseError) as error:
                found.append(Finding(file, 1, f"is no history: {error}"))
                continue
            if name in journeys:
                sound[history.workflow_id] = file
                yield history
            else:
                gone[name].append(file)

    # One worker for all of them: started anew for each, they took twice the processor time.
    replayer = Replayer(workflows=list(journeys.values()), workflow_runner=journey_runner(), runtime=_silent_runtime())
    with _without_log():
        async with replayer.workflow_replay_iterator(histories()) as results:
            async for result in results:
                if result.replay_failure is not None:
                    file = sound[result.history.workflow_id]
                    found.append(Finding(file, 1, f"does not replay: {_reason(result.replay_failure)}"))
    for name, those in gone.items():
        recorded = f" ({len(those)} recorded paths)" if len(those) > 1 else ""
        found.append(
            Finding(those[0], 1, f"there is no journey {name!r} any more{recorded}: who is inside would be stuck")
        )
    return found


def _reason(failure: Exception) -> str:
    """What the SDK's core says of it, out of the record that it prints whole."""
    said = str(failure).strip() or type(failure).__name__
    core = REASON.search(said)
    return core[1] if core else said.splitlines()[0]


def _silent_runtime() -> Runtime:
    """The SDK's core writes its log to stdout, where the findings go."""
    return Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(TelemetryFilter("OFF", "OFF"))))


@contextmanager
def _without_log() -> Iterator[None]:
    """A failed replay is told once, as a finding."""
    logger = logging.getLogger("temporalio")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
