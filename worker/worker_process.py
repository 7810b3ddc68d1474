"""`sojourn worker`: runs journeys and their activities, carries the outbox, and keeps house."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

import workflows
from activities.clock import JourneyClock
from api.relay import Relay
from worker.assembly import assemble, system_clock
from worker.connection import connect, register_search_attributes
from worker.counting import keep_counting
from worker.erasures import Erasures
from worker.import_rules import import_rules
from worker.journey_secrets import require_webhooks
from worker.patience import patiently
from worker.payload_keys import data_converter, require_payload_keys
from worker.pulse import Pulse
from worker.reconciler import Reconciler
from worker.recounting import keep_recounting
from worker.sandbox import journey_runner
from worker.schema import require_migrated
from worker.settings import Settings
from worker.sources.activity import SourceImports
from worker.sources.addresses import url_of
from worker.sources.workflow import ImportFromSource
from worker.stuck import StuckWatch
from worker.voucher_sources import stock_keeper
from worker.weekly_summary import weekly_summaries
from worker.wiring import Parts, build_activities

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=20)
ACTIVITIES = 100
ACTIVITIES_ON_SQLITE = 20
JOURNEY_POLLS = 10


def build_worker(client: Client, parts: Parts, task_queue: str, sources: SourceImports | None = None) -> Worker:
    """A worker for all journeys, and for imports from databases.

    Args:
        client: of Temporal.
        parts: what activities are built from.
        task_queue: it serves.
        sources: reads those databases; none are read if not given.
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[*workflows.catalogue().values(), ImportFromSource],
        activities=[*build_activities(parts), *([sources.import_from_source] if sources else [])],
        workflow_runner=journey_runner(),
        # SQLite has one writer: what stands in line for it stands there in order of arrival, while what Temporal
        # has not handed out yet goes live customers first.
        max_concurrent_activities=ACTIVITIES_ON_SQLITE if parts.database.is_sqlite else ACTIVITIES,
        max_concurrent_local_activities=100,
        # Of the SDK's five polls one asks for journeys that begin; a bulk of them would wait for seconds.
        max_concurrent_workflow_task_polls=JOURNEY_POLLS,
        nonsticky_to_sticky_poll_ratio=0.5,
        graceful_shutdown_timeout=GRACE,
    )


async def run_worker(settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        settings: checked.
        stop: ends the run, too; for tests.

    Raises:
        TemporalUnreachableError: Temporal does not answer at the start.
        WrongSettingError: the database is not migrated.
        DatabaseUnusableError: it cannot be opened, for a minute.
    """
    pulse = Pulse()
    parts = replace(assemble(settings), moment=pulse.moment)
    try:
        clock = await patiently(lambda: _first_look(parts, settings), settings)
        keeper = stock_keeper(parts.database, settings)
        journeys = workflows.catalogue()
        parts.database.read_now(lambda session: require_webhooks(session, journeys, parts.secrets, settings))
        client = await connect(data_converter(settings.encryption))
        await require_payload_keys(client, parts.database, settings.encryption)
        await register_search_attributes(client)
        relay = Relay(
            parts.database,
            client,
            parts.reachability,
            settings.task_queue,
            bulk_a_turn=settings.imports_per_turn,
        )
        sources = SourceImports(import_rules(parts.database, settings), url_of)
        async with build_worker(client, parts, settings.task_queue, sources):
            log.info("the worker serves task queue %s", settings.task_queue)
            await _until_stopped(
                stop or stop_on_signals(),
                pulse.run(),
                relay.run(),
                Reconciler(parts.database, client).run(),
                keep_counting(parts.database),
                keep_recounting(parts.database, journeys, clock),
                weekly_summaries(parts, settings, clock, StuckWatch(client, settings.task_queue).journeys).run(),
                Erasures(parts.database, settings.mail_folder).run(),
                *([keeper.run()] if keeper else []),
            )
            log.info("the worker finishes what it has begun")
    finally:
        parts.database.close()


def _first_look(parts: Parts, settings: Settings) -> JourneyClock:
    require_migrated(settings)
    return system_clock(parts.database, settings)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _until_stopped(stop: asyncio.Event, *chores: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(chore) for chore in chores]
    try:
        await stop.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
