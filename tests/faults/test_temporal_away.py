"""M4 and M5: the Temporal server is killed while customers wait, write and register; registrations go on."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import httpx

from activities.storage import api_keys
from activities.storage.tables import Enrollment
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.runs import LONG, PATIENCE, healed, run, sound
from tests.faults.site import JOURNEY, Site, kill, temporal
from tests.faults.tally import record
from tests.system import until
from worker.processes.ports import free_ports
from worker.processes.supervisor import Supervisor

EACH = 6
AWAY = 60 if LONG else 8  # further registrations while it is away, one after the other


async def test_temporal_may_die_at_any_moment(tmp_path: Path, fakes: FakeProviders) -> None:
    """Who waits goes on where they were, who registers meanwhile is taken in, and everybody gets all, once."""
    port, api_port = free_ports(2)
    more = {"SOJOURN_API_PORT": str(api_port)}
    journeys = [JOURNEY, "one-text"]
    async with Supervisor(stop_within=0.5) as servers:
        await servers.start(temporal(tmp_path, port))
        async with run(f"127.0.0.1:{port}", tmp_path / "site", fakes, "key", more=more, enters=journeys) as (
            here,
            programs,
        ):
            key = here.database.write_now(lambda session: api_keys.create_key(session, "client", datetime.now(UTC)))
            await programs.start(here.program("api"))
            await programs.start(here.program("worker"))
            ids = people.register(here, EACH, journeys)
            await until(lambda: here.table(Enrollment)[0].state != "starting", within=PATIENCE, what="the first start")
            ids += people.register(here, EACH, journeys)  # on their way right now
            kill(servers, "temporal", signal.SIGKILL)
            await until(lambda: "temporal" not in servers.pids, within=PATIENCE, what="the death of the server")
            async with httpx.AsyncClient(
                base_url=here.url, headers={"authorization": f"Bearer {key}"}, trust_env=False, timeout=PATIENCE
            ) as client:
                ids += [each for _ in range(AWAY) for each in await _registered(client)]
            assert _waiting(here) >= AWAY
            await servers.start(temporal(tmp_path, port))
            await healed(here)
            tally = (await sound(here, fakes, ids)).tally()
    record("M4, M5", "Temporal killed in waits, sends and starts; registrations meanwhile", "key", tally)
    assert len(ids) == (2 * EACH + AWAY) * len(journeys)
    assert (tally.sent, tally.doubled, tally.unclear) == (tally.expected, 0, 0)


async def _registered(client: httpx.AsyncClient) -> list[str]:
    answer = await client.post("/v1/registrations", json=people.profile())
    assert answer.status_code == 202, answer.text
    return [each["id"] for each in answer.json()["enrollments"]]


def _waiting(here: Site) -> int:
    return sum(row.state == "starting" for row in here.table(Enrollment))
