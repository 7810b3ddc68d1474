"""M8 and M13: what keeps a message from going reaches past the end of the window, and the night stays quiet."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from temporalio.client import Client

from activities.clock import JourneyClock
from activities.storage.tables import Enrollment, Message
from tests.fake_providers import FakeProviders
from tests.faults import checker, people
from tests.faults.outage import cut_line
from tests.faults.runs import PATIENCE, healed, run, sound
from tests.faults.site import Site
from tests.faults.tally import Tally, record
from tests.system import until

PRAGUE = ZoneInfo(people.ZONE)
EVENING = datetime(2027, 6, 10, 18, tzinfo=PRAGUE)
NINE_PM = datetime(2027, 6, 10, 21, tzinfo=PRAGUE)
SIX_AM = datetime(2027, 6, 11, 6, tzinfo=PRAGUE)
NINE_AM = datetime(2027, 6, 11, 9, tzinfo=PRAGUE)
SPEED = 1200.0  # a journey hour in three seconds
HOUR = 3600.0
CUSTOMERS = 20


async def test_a_provider_that_is_away_over_the_evening_writes_in_the_morning(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """After twelve hours without a provider every message leaves in the next window, spread, and none at night."""
    kinds = {"key": "resend", "lookup": "postmark", "none": "sendgrid"}
    found = await asyncio.gather(
        *(_away(temporal_address, tmp_path / kind, fakes, kind, name) for kind, name in kinds.items())
    )
    for kind, evidence in zip(kinds, found, strict=True):
        tally = evidence.tally()
        record("outage", "provider away for 12 journey hours, over the end of a window", kind, tally)
        assert (tally.expected, tally.sent, tally.doubled, tally.outside) == (CUSTOMERS, CUSTOMERS, 0, 0)
        assert _arrivals(evidence)[0] >= NINE_AM
        assert _arrivals(evidence)[-1] < NINE_PM + timedelta(days=1)
        woken = await _planned(evidence.site)
        assert woken[-1] - woken[0] > timedelta(minutes=15), "all at once"


async def _away(address: str, folder: Path, fakes: FakeProviders, kind: str, provider: str) -> checker.Evidence:
    port = httpx.URL(fakes.address).port or 0
    async with cut_line(port) as line:
        away = {f"SOJOURN_{provider.upper()}_URL": f"http://127.0.0.1:{line.port}/{provider}"}
        async with run(address, folder, fakes, kind, more=away) as (here, programs):
            await programs.start(here.program("worker"))
            await until(lambda: _serves(here), within=PATIENCE, what="the worker", every=0.1)
            here.clock = JourneyClock(datetime.now(UTC), EVENING.astimezone(UTC), SPEED)
            ids = people.register(here, CUSTOMERS, ["one-email"], spread=HOUR)
            await until(lambda: _now(here) >= SIX_AM, within=PATIENCE, what="six in the morning", every=0.1)
            assert all(row.attempts == 0 or row.state == "retryable" for row in here.table(Message))
            await line.connect()
            await healed(here)
            return await sound(here, fakes, ids)


async def test_patience_that_ends_at_night_ends_in_the_morning(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """A provider that says "in four hours" in the evening gets the messages in the morning."""
    wait = timedelta(hours=4) / SPEED
    await fakes.script("sendgrid", {"do": "answer", "status": 429, "retry_after": str(wait.seconds), "times": 3})
    async with run(temporal_address, tmp_path / "site", fakes, "none") as (here, programs):
        await programs.start(here.program("worker"))
        await until(lambda: _serves(here), within=PATIENCE, what="the worker", every=0.1)
        here.clock = JourneyClock(datetime.now(UTC), EVENING.astimezone(UTC), SPEED)
        ids = people.register(here, 3, ["one-email"])
        await until(lambda: _now(here) >= NINE_PM, within=PATIENCE, what="the evening", every=0.1)
        await until(lambda: _now(here) >= NINE_AM, within=PATIENCE, what="the morning", every=0.1)
        await healed(here)
        evidence = await sound(here, fakes, ids)
    record("M8", "429 whose Retry-After ends at night", "none", evidence.tally())
    _all_in_the_morning(evidence, 3)


async def test_a_worker_that_is_down_over_a_whole_window_wakes_nobody(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders
) -> None:
    """Who registered before a night without workers hears from us when their next window is open."""
    late_evening = NINE_PM - timedelta(hours=1)
    async with run(
        temporal_address, tmp_path / "site", fakes, "none", origin=late_evening.astimezone(UTC), speed=SPEED
    ) as (here, programs):
        ids = people.register(here, 3, ["one-email"])
        await until(lambda: _now(here) >= NINE_PM, within=PATIENCE, what="the night", every=0.1)
        await programs.start(here.program("worker"))
        await until(lambda: _now(here) >= NINE_AM, within=PATIENCE, what="the morning", every=0.1)
        await healed(here)
        evidence = await sound(here, fakes, ids)
    record("M13", "no worker until the window is closed", "none", evidence.tally())
    _all_in_the_morning(evidence, 3)


def _all_in_the_morning(evidence: checker.Evidence, number: int) -> None:
    tally = evidence.tally()
    assert tally == Tally(expected=number, sent=number)
    assert all(at >= NINE_AM for at in _arrivals(evidence))


def _arrivals(evidence: checker.Evidence) -> Sequence[datetime]:
    clock = evidence.site.clock
    return sorted(clock.at(at) for arrivals in evidence.delivered.values() for at in arrivals)


async def _planned(here: Site) -> Sequence[datetime]:
    """When each journey's last timer was to end: what a busy machine makes of it is another matter."""
    client = await Client.connect(here.address)
    found = []
    for row in here.table(Enrollment):
        events = [event async for event in client.get_workflow_handle(row.workflow_id).fetch_history_events()]
        timer = [event for event in events if event.HasField("timer_started_event_attributes")][-1]
        lasts = timer.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        found.append(here.clock.at(timer.event_time.ToDatetime(UTC) + lasts))
    return sorted(found)


def _now(here: Site) -> datetime:
    return here.clock.at(datetime.now(UTC))


def _serves(here: Site) -> bool:
    return "serves task queue" in (here.folder / "worker.log").read_text()
