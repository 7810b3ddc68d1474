"""M2 and M4: workers die every few seconds, and the Temporal server twice, while customers are on their way."""

import asyncio
import random
import signal
from pathlib import Path

from activities.gate.attempts import NOT_REPEATED
from activities.gate.policy import COMPLETE
from activities.storage.ledger import State
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.runs import LONG, PATIENCE, healed, run, seeded, sound
from tests.faults.site import JOURNEY, Site, kill, temporal
from tests.faults.tally import record
from tests.system import until
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor

CUSTOMERS = 200 if LONG else 60
WORKERS = 3  # one of them dies each time
WAITS = {"first_wait": "PT8S", "reminder_wait": "PT8S", "promise_wait": "PT8S"}
ROUNDS = 12 if LONG else 6
PAUSES = (2.0, 5.0)  # seconds between two deaths
SERVER_DIES_IN = (ROUNDS // 3, 2 * ROUNDS // 3)


async def test_customers_never_notice_what_dies_in_the_engine_room(tmp_path: Path, fakes: FakeProviders) -> None:
    """With a third of the workers killed every few seconds and Temporal killed twice, everybody gets all, once."""
    chance = seeded("chaos")
    (port,) = free_ports(1)
    async with Supervisor(stop_within=0.5) as servers:
        await servers.start(temporal(tmp_path, port))
        more = {"SOJOURN_EMAIL_PROVIDER": "resend"}
        async with run(f"127.0.0.1:{port}", tmp_path / "site", fakes, "key", more=more, enters=[JOURNEY]) as (
            here,
            workers,
        ):
            for each in range(WORKERS):
                await workers.start(here.program("worker", f"worker-{each}"))
            ids: list[str] = []
            completed: set[str] = set()
            for each in range(ROUNDS):
                ids += people.register(here, CUSTOMERS // ROUNDS + (each < CUSTOMERS % ROUNDS), [JOURNEY])
                await asyncio.sleep(chance.uniform(*PAUSES))  # not a wait for anything: this is when it strikes
                await _kill_one(here, workers, each, chance)
                if each in SERVER_DIES_IN:
                    await _kill_server(servers, tmp_path, port)
                complete = chance.sample(ids, len(ids) // 10)
                people.complete(here, complete)
                completed.update(complete)
            await healed(here)
            evidence = await sound(here, fakes, ids)
    tally = evidence.tally()
    fault = f"{CUSTOMERS} journeys; {ROUNDS} times a worker of {WORKERS} killed, {len(SERVER_DIES_IN)} times Temporal"
    record("M2", fault, "key", tally)
    assert len(ids) == CUSTOMERS
    assert (tally.sent, tally.doubled, tally.lost, tally.outside) == (tally.expected, 0, 0, 0)
    unknown = [row for row in evidence.ledger if row.state == State.UNKNOWN]
    assert {row.enrollment_id for row in unknown} <= completed
    assert {row.reason for row in unknown} <= {NOT_REPEATED + COMPLETE}


async def _kill_one(here: Site, workers: Supervisor, number: int, chance: random.Random) -> None:
    name = chance.choice(sorted(workers.pids))
    kill(workers, name, signal.SIGKILL)
    await until(lambda: name not in workers.pids, within=PATIENCE, what="the death of a worker")
    await workers.start(here.program("worker", f"worker-{WORKERS + number}"))


async def _kill_server(servers: Supervisor, folder: Path, port: int) -> None:
    kill(servers, "temporal", signal.SIGKILL)
    await until(lambda: "temporal" not in servers.pids, within=PATIENCE, what="the death of the server")
    await servers.start(temporal(folder, port))
