"""M6: the API, or the relay beside it, is killed around a registration, and the client asks again."""

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from activities.storage import api_keys
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.runs import PATIENCE, healed, run, sound
from tests.faults.site import Site
from tests.faults.tally import record
from worker.processes.ports import free_ports

JOURNEYS = ("one-email", "one-text")
WHERE = {
    "FP5": "API killed before it starts the journey",
    "FP6": "API killed when the journey is started",
    "FP8": "API killed before the commit",
    "FP9": "API killed between the commit and its answer",
}


@pytest.mark.parametrize("failpoint", WHERE)
async def test_a_registration_survives_the_death_of_the_api(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders, failpoint: str
) -> None:
    """A client that asks again gets the same answer; the customer is there once, and hears from us once."""
    (port,) = free_ports(1)
    more = {"SOJOURN_API_PORT": str(port)}
    async with run(temporal_address, tmp_path / "site", fakes, "key", more=more, enters=JOURNEYS) as (here, programs):
        key = here.database.write_now(lambda session: api_keys.create_key(session, "client", datetime.now(UTC)))
        asks = {"authorization": f"Bearer {key}", "idempotency-key": str(uuid4())}
        body = people.profile()
        await programs.start(here.program("api", "mortal", failpoint))
        first = await _ask(here, asks, body)
        exit_ = await asyncio.wait_for(programs.wait_any(), PATIENCE)
        assert exit_.returncode == -signal.SIGKILL, exit_
        assert (first is None) == (failpoint in {"FP8", "FP9"})
        await programs.start(here.program("api", "successor"))
        again = await _ask(here, asks, body)
        once_more = await _ask(here, asks, body)
        assert again == once_more
        assert again is not None
        assert first in (None, again)
        ids = [each["id"] for each in again["enrollments"]]
        await programs.start(here.program("worker"))
        await healed(here)
        tally = (await sound(here, fakes, ids)).tally()
    record("M6", WHERE[failpoint], "key", tally)
    assert len(ids) == len(JOURNEYS)
    assert (tally.expected, tally.sent, tally.doubled) == (len(JOURNEYS), len(JOURNEYS), 0)


async def _ask(here: Site, headers: dict[str, str], body: dict[str, str]) -> dict[str, Any] | None:
    """Register; None where the API dies over it."""
    async with httpx.AsyncClient(base_url=here.url, headers=headers, trust_env=False, timeout=PATIENCE) as client:
        try:
            answer = await client.post("/v1/registrations", json=body)
        except httpx.TransportError:
            return None
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found
