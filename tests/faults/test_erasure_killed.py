"""M19: an erasure is killed at each of its stages, and brought to its end by whoever comes next."""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx

from activities.storage import api_keys
from activities.storage.tables import Customer, Erasure
from tests.fake_providers import FakeProviders
from tests.faults import checker, people
from tests.faults.runs import HEALED, PATIENCE, healed, run
from tests.faults.site import Site
from tests.faults.tally import record
from tests.system import until
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor

BY_THE_API = ("FP7.1", "FP7.2")
BY_A_WORKER = ("FP7.3", "FP7.4", "FP7.5")


async def test_an_erasure_survives_any_death(temporal_address: str, tmp_path: Path, fakes: FakeProviders) -> None:
    """Whoever asks to be forgotten is, whatever dies over it: nothing of them is left in any file of ours."""
    (port,) = free_ports(1)
    more = {"SOJOURN_API_PORT": str(port), "SOJOURN_EMAIL_PROVIDER": "mailbox", "SOJOURN_SMS_PROVIDER": "mailbox"}
    async with run(temporal_address, tmp_path / "site", fakes, "none", more=more) as (here, programs):
        word = f"unforgettable-{uuid4().hex}"
        ids = people.register(here, 1, ["one-email", "one-text"], first_name=word, email=f"{word}@example.com")
        await programs.start(here.program("worker", "first"))
        await healed(here)
        await programs.stop()
        tally = (await checker.gather(here)).tally()
        assert _files_with(here, word)
        (customer,) = here.table(Customer)
        key = here.database.write_now(lambda session: api_keys.create_key(session, "client", datetime.now(UTC)))
        for failpoint in BY_THE_API:
            await programs.start(here.program("api", failpoint, failpoint))
            assert await _erase(here, key, customer.id) is None
            await _died(programs)
        await programs.start(here.program("api"))
        assert (await _erase(here, key, customer.id) or 0) < 300
        await programs.stop()
        for failpoint in BY_A_WORKER:
            await programs.start(here.program("worker", failpoint, failpoint))
            await _died(programs)
        await programs.start(here.program("worker", "last"))
        await until(lambda: here.table(Erasure)[0].cleared_at is not None, within=HEALED, what="the erasure", every=1.0)
        await programs.stop()
        assert _files_with(here, word) == []
    deaths = len(BY_THE_API) + len(BY_A_WORKER)
    record("M19", "an erasure killed at each stage", "key", tally, runs=deaths)
    assert (tally.expected, tally.sent, tally.doubled) == (len(ids), len(ids), 0)


async def _erase(here: Site, key: str, customer_id: str) -> int | None:
    """The status of the answer; None where the API dies over it."""
    headers = {"authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=here.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
        try:
            return (await client.delete(f"/v1/customers/{customer_id}")).status_code
        except httpx.TransportError:
            return None


async def _died(programs: Supervisor) -> None:
    exit_ = await asyncio.wait_for(programs.wait_any(), PATIENCE)
    assert exit_.returncode == -signal.SIGKILL, exit_
    await programs.stop()


def _files_with(here: Site, word: str) -> list[str]:
    """Files of the site that hold what is to be forgotten."""
    here.database.engine.dispose()  # closing a file drops every lock that this process has on it, SQLite's too
    files = [path for path in here.folder.rglob("*") if path.is_file()]
    return [path.name for path in files if word.encode() in path.read_bytes()]
