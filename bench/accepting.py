"""Registrations accepted, and journeys started, in a second through the real API, beside bare starts.

The API is `sojourn api`, a process of its own, on a SQLite file; accepted means answered 202, after the
commit. Started means that Temporal has the workflow. No worker runs, so only taking in is measured. A bare
start is a client that calls `start_workflow` and keeps nothing.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
from sqlmodel import Session, col, func, select
from temporalio.client import Client

from activities.storage.api_keys import create_key
from activities.storage.database import Database
from activities.storage.migrate import migrate
from activities.storage.tables import Enrollment
from bench import minimal
from bench.figures import Spread
from bench.stage import temporal_server
from worker.processes.child import Child
from worker.processes.ports import LOOPBACK, free_ports
from worker.processes.readiness import http_ok
from worker.processes.supervisor import Supervisor

CALLERS = 20  # requests under way at a time
DEADLINE = 300
LOOK = 0.02


@dataclass(frozen=True)
class Accepting:
    """Figures a second, one of each a round."""

    accepted: Spread
    started: Spread
    bare: Spread


async def measure(folder: Path, *, registrations: int, rounds: int) -> Accepting:
    """Registrations a second, and bare starts beside them.

    Args:
        folder: for databases; thrown away by the caller.
        registrations: a round.
        rounds: of each, interleaved.
    """
    (port,) = free_ports(1)
    data = folder / "api"
    data.mkdir()
    database = Database(f"sqlite:///{data / 'sojourn.db'}")
    migrate(str(database.url))
    key = database.write_now(lambda session: create_key(session, "bench", datetime.now(UTC)))
    accepted, started, bare = [], [], []
    try:
        async with temporal_server(folder) as (client, address), Supervisor() as supervisor:
            url = f"http://{LOOPBACK}:{port}"
            environment = os.environ | {
                "SOJOURN_DATA": str(data),
                "SOJOURN_SECRET_KEYS": "a key for measurements and long enough",
                "SOJOURN_API_PORT": str(port),
                "TEMPORAL_ADDRESS": address,
            }
            command = (sys.executable, "-m", "worker.cli", "api")
            await supervisor.start(Child("api", command, environment, folder / "api.log", http_ok(f"{url}/readyz")))
            async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}) as http:
                await _register(http, database, 20, prefix="warm")
                await _start_bare(client, 20)
                for number in range(rounds):
                    taken_in = await _register(http, database, registrations, prefix=f"r{number}")
                    accepted.append(registrations / taken_in[0])
                    started.append(registrations / taken_in[1])
                    bare.append(await _start_bare(client, registrations))
                    print(
                        f"  round {number + 1}: accepted {accepted[-1]:.0f}  started {started[-1]:.0f}"
                        f"  bare {bare[-1]:.0f}",
                        flush=True,
                    )
    finally:
        database.close()
    return Accepting(Spread(accepted), Spread(started), Spread(bare))


async def _register(
    http: httpx.AsyncClient, database: Database, registrations: int, prefix: str
) -> tuple[float, float]:
    """Seconds until the last is accepted, and until the last has started."""
    places = asyncio.Semaphore(CALLERS)
    before = await database.read(_started)

    async def register(number: int) -> None:
        async with places:
            answer = await http.post(
                "/v1/registrations",
                json={
                    "first_name": "Ada",
                    "email": f"ada-{prefix}-{number}@example.com",
                    "timezone": "Europe/London",
                },
                timeout=DEADLINE,
            )
        if answer.status_code != httpx.codes.ACCEPTED or not answer.json()["enrollments"]:
            raise RuntimeError(f"a registration was answered {answer.status_code}: {answer.text}")

    began = time.perf_counter()
    await asyncio.gather(*map(register, range(registrations)))
    all_accepted = time.perf_counter() - began
    async with asyncio.timeout(DEADLINE):
        while await database.read(_started) < before + registrations:  # noqa: ASYNC110 - another process starts them
            await asyncio.sleep(LOOK)
    return all_accepted, time.perf_counter() - began


def _started(session: Session) -> int:
    return session.exec(select(func.count()).where(col(Enrollment.state) == "running")).one()


async def _start_bare(client: Client, starts: int) -> float:
    """Starts a second."""
    places = asyncio.Semaphore(CALLERS)
    queue = f"nobody-{uuid4().hex[:8]}"
    start = partial(client.start_workflow, "minimal", minimal.Entry("c1", 1), task_queue=queue)

    async def one(number: int) -> None:
        async with places:
            await start(id=f"{queue}/{number}")

    began = time.perf_counter()
    await asyncio.gather(*map(one, range(starts)))
    return starts / (time.perf_counter() - began)
