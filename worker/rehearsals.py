"""Rehearsals for the console: on a thread of their own, one at a time, and never for long."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import lru_cache
from time import perf_counter
from typing import Any

from activities.templates.brand import Brand
from api.rehearsals import Rehearsal, RehearsalFailedError, RehearsedMessage, Rehearser, WrongScenarioError
from worker.rehearsal.errors import RehearsalError
from worker.rehearsal.rehearse import Rehearsed, rehearse
from worker.rehearsal.scenario import ScenarioError, parse_scenario
from workflows.journey import Journey

PATIENCE = 10.0  # wall seconds
KEPT = 32  # results: a page, and each message in its frame, ask for the same one, and it is the same to the byte
MOST_STEPS = 10_000  # of the journey: what takes longer than our patience ends by itself soon after


def rehearser(catalogue: Mapping[str, type[Journey]], brand: Brand) -> Rehearser:
    """Rehearses these journeys.

    Args:
        catalogue: journeys by name.
        brand: in whose name messages are written.
    """
    thread = ThreadPoolExecutor(1, "rehearsal")

    @lru_cache(KEPT)
    def run(journey: str, scenario: str) -> Rehearsal:
        began = perf_counter()
        found = asyncio.run(rehearse(catalogue[journey], parse_scenario(scenario), brand, max_steps=MOST_STEPS))
        return _answer(found, timedelta(seconds=perf_counter() - began))

    async def rehearses(journey: str, scenario: Mapping[str, Any]) -> Rehearsal:
        try:
            done = asyncio.get_running_loop().run_in_executor(thread, run, journey, json.dumps(scenario))
            return await asyncio.wait_for(done, PATIENCE)
        except ScenarioError as error:
            path, _, why = str(error).partition(": ")
            raise WrongScenarioError(path, why) from error
        except RehearsalError as error:
            raise RehearsalFailedError(f"The journey did not come to an end: {error}") from error
        except TimeoutError as error:
            raise RehearsalFailedError(f"The rehearsal took longer than {PATIENCE:.0f} seconds.") from error

    return rehearses


def _answer(found: Rehearsed, took: timedelta) -> Rehearsal:
    return Rehearsal(
        entered=found.entered,
        outcome=found.outcome,
        reason=found.reason,
        started_at=_instant(found.started_at),
        ended_at=_instant(found.ended_at),
        timezone=found.timezone,
        timeline=found.timeline,
        messages=[
            RehearsedMessage(row.step, row.channel, row.template, row.decided_at, row.subject, row.html, row.text)
            for row in found.messages
            if row.decided_at is not None
        ],
        took=took,
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
