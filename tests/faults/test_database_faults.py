"""M10: another process locks the database, or the disk is full, while customers register and messages leave."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx

from activities.storage import api_keys
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.runs import PATIENCE, healed, run, sound
from tests.faults.site import Site
from tests.faults.tally import record
from tests.system import until
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor

JOURNEYS = ("one-email", "one-text", "one-kept-call")
LOCKED = 12.0  # seconds; longer than anybody waits for a lock
ROOM = 100 * 1024  # bytes that the disk has left


async def test_a_locked_database_loses_nothing(temporal_address: str, tmp_path: Path, fakes: FakeProviders) -> None:
    """While a backup holds the database nobody is told that they are registered who is not, and nothing doubles."""
    async with _site(temporal_address, tmp_path, fakes) as (here, programs, client):
        await programs.start(here.program("worker"))
        log = here.folder / "worker.log"
        await until(lambda: "serves task queue" in log.read_text(), within=PATIENCE, what="the worker")
        ids = people.register(here, 3, JOURNEYS)
        lock = sqlite3.connect(here.folder / "sojourn.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        body = people.profile()
        refused, _ = await asyncio.gather(client.post("/v1/registrations", json=body), asyncio.sleep(LOCKED))
        lock.execute("ROLLBACK")
        lock.close()
        assert refused.status_code == 503
        again = await client.post("/v1/registrations", json=body)
        assert again.status_code == 202, again.text
        ids += [each["id"] for each in again.json()["enrollments"]]
        await healed(here)
        tally = (await sound(here, fakes, ids)).tally()
    record("M10", "database locked for 12 seconds", "key", tally)
    assert (tally.expected, tally.sent, tally.doubled, tally.unclear) == (len(ids), len(ids), 0, 0)


async def test_a_full_disk_loses_nothing(temporal_address: str, tmp_path: Path, fakes: FakeProviders) -> None:
    """Who registers while the disk is full is told to come again; once there is room everybody gets all, once."""
    async with _site(temporal_address, tmp_path, fakes) as (here, programs, client):
        await programs.start(here.program("worker"))
        ids = people.register(here, 3, JOURNEYS)
        largest = max(path.stat().st_size for path in here.folder.glob("sojourn.db*"))
        _limit_files(programs, largest + ROOM)
        taken: list[httpx.Response] = []
        refused: list[httpx.Response] = []
        while not refused:
            answer = await client.post("/v1/registrations", json=people.profile())
            (taken if answer.status_code == 202 else refused).append(answer)
        assert refused[0].status_code in {500, 503}
        assert refused[0].headers["content-type"] == "application/problem+json"
        _limit_files(programs, resource.RLIM_INFINITY)
        taken.append(await client.post("/v1/registrations", json=people.profile()))
        ids += [each["id"] for answer in taken for each in answer.json()["enrollments"]]
        await healed(here)
        tally = (await sound(here, fakes, ids)).tally()
    record("M10", "no room on the disk", "key", tally)
    assert (tally.sent, tally.doubled, tally.unclear) == (tally.expected, 0, 0)


def _limit_files(programs: Supervisor, size: int) -> None:
    """Let no file of the site's programs grow beyond a size: what SQLite is told then, a full disk tells, too."""
    for pid in programs.pids.values():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@asynccontextmanager
async def _site(
    address: str, folder: Path, fakes: FakeProviders
) -> AsyncIterator[tuple[Site, Supervisor, httpx.AsyncClient]]:
    """A site with an API that runs, and a client of it."""
    (port,) = free_ports(1)
    more = {"SOJOURN_API_PORT": str(port)}
    async with run(address, folder / "site", fakes, "key", more=more, enters=JOURNEYS) as (here, programs):
        key = here.database.write_now(lambda session: api_keys.create_key(session, "client", datetime.now(UTC)))
        await programs.start(here.program("api"))
        headers = {"authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=here.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
            yield here, programs, client
