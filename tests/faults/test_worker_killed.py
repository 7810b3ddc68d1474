"""M1: a worker is killed where it hurts most, on every channel, with providers of every kind."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.storage.tables import Enrollment
from tests.fake_providers import FakeProviders
from tests.faults import checker, people
from tests.faults.site import Site, site
from tests.faults.tally import record
from tests.system import until
from worker.processes.supervisor import Supervisor

CUSTOMERS = 3
HEALED = 60.0
CALL = "one-kept-call", "one-plain-call"

# By what the providers do for us: who delivers what, and the journeys that ask for it.
PROVIDERS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "key": (("resend", "webhook"), ("one-email", "one-text", "one-push", "one-kept-call")),
    #"lookup": (("postmark",), ("one-email",)),
    "none": (("sendgrid", "twilio", "fcm"), ("one-email", "one-text", "one-push", "one-plain-call")),
}
WHERE = {
    "FP1": "killed before the call",
    "FP2": "killed before the first byte",
    "FP3": "killed between the answer and its note",
    "FP4": "killed when the answer was noted",
}


async def settings_of(fakes: FakeProviders, kind: str) -> dict[str, str]:
    """What makes a site use providers of one kind; an email's provider wins over the webhook's."""
    found = {"SOJOURN_PUSH_PROVIDER": "webhook", "SOJOURN_WEBHOOK_ALLOW_PRIVATE": "true"} if kind == "key" else {}
    for provider in reversed(PROVIDERS[kind][0]):
        found |= await fakes.settings(provider)
    return {**found, "SOJOURN_WEBHOOK_ALLOW_PRIVATE": "true"}


async def healed(here: Site, *, within: float = HEALED) -> None:
    """Wait until everybody's journey is over."""
    await until(
        lambda: all(row.state == "ended" for row in here.table(Enrollment)), within=within, what="all journeys to end"
    )


@pytest.mark.parametrize("failpoint", WHERE)
async def test_a_worker_killed_at_a_send_costs_nobody_a_second_message(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders, failpoint: str
) -> None:
    """Wherever a worker dies, no customer gets anything twice, and nobody goes without who need not."""
    found = await asyncio.gather(
        *(_killed(temporal_address, tmp_path / kind, fakes, kind, failpoint) for kind in PROVIDERS)
    )
    for kind, evidence in zip(PROVIDERS, found, strict=True):
        assert checker.findings(evidence) == [], kind
        tally = evidence.tally()
        record("M1", WHERE[failpoint], kind, tally)
        assert (tally.doubled, tally.outside) == (0, 0)
        arrived = failpoint in {"FP3", "FP4"}
        if kind == "key" or failpoint == "FP4":
            assert (tally.sent, tally.unclear) == (tally.expected, 0)
        else:
            assert (tally.sent, tally.unclear) == (tally.expected if arrived else 0, tally.expected)


async def _killed(address: str, folder: Path, fakes: FakeProviders, kind: str, failpoint: str) -> checker.Evidence:
    """A run in which a worker dies once with a message of each customer on each channel on its way."""
    journeys = PROVIDERS[kind][1]
    calls = {name: {"url": f"{fakes.url('webhook')}/call"} for name in CALL}
    settings = await settings_of(fakes, kind)
    async with site(folder, address, others=calls, settings=settings) as here, Supervisor(stop_within=0.5) as programs:
        ids = people.register(here, CUSTOMERS, journeys)
        await programs.start(here.program("worker", "mortal", f"{failpoint}:{len(ids)}"))
        exit_ = await asyncio.wait_for(programs.wait_any(), HEALED)
        assert exit_.returncode == -signal.SIGKILL, exit_
        await programs.start(here.program("worker", "successor"))
        await healed(here)
        client = await Client.connect(address)
        assert await checker.replayed(client, here) == []
        assert checker.given_away(folder) == []
        return await checker.gather(here, fakes, promised=ids)
