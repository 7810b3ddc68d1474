"""M7: providers break before they take a message, after it, or say nothing that can be understood."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from activities.storage.tables import Customer, Enrollment
from tests.fake_providers import FakeProviders
from tests.faults import people
from tests.faults.runs import PROVIDERS, healed, run, sound
from tests.faults.site import Site
from tests.faults.tally import record

HTML = "<html><h1>502 Bad Gateway</h1></html>"

# What happens to the first request for a customer. Those that are processed reach the customer all the same.
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "answers 500, not taken": {"do": "answer", "status": 500},
    "answers 500, taken": {"do": "answer", "status": 500, "processed": True},
    "502 with a page, not taken": {"do": "answer", "status": 502, "body": HTML},
    "502 with a page, taken": {"do": "answer", "status": 502, "body": HTML, "processed": True},
    "connection reset, not taken": {"do": "reset"},
    "connection reset, taken": {"do": "reset", "processed": True},
    "no HTTP in the answer, not taken": {"do": "garbage"},
    "no HTTP in the answer, taken": {"do": "garbage", "processed": True},
    "silent for too long, not taken": {"do": "hang", "seconds": 10},
    "silent for too long, taken": {"do": "hang", "seconds": 10, "processed": True},
    "408, not taken": {"do": "answer", "status": 408},
    "slow, taken": {"do": "accept", "seconds": 1},
    "429 with Retry-After, not taken": {"do": "answer", "status": 429, "retry_after": "1"},
}
CLEAR = {"slow, taken", "429 with Retry-After, not taken"}  # nobody is in doubt after these


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_whatever_a_provider_answers_nobody_gets_anything_twice(
    temporal_address: str, tmp_path: Path, fakes: FakeProviders, kind: str
) -> None:
    """A provider in trouble costs no customer a second message, and no message that could be saved."""
    providers, journeys = PROVIDERS[kind]
    async with run(temporal_address, tmp_path / "site", fakes, kind) as (here, programs):
        entered = {fault: people.register(here, 1, journeys) for fault in FAULTS}
        rules = [
            {**rule, "recipient": recipient}
            for fault, rule in FAULTS.items()
            for recipient in _recipients(here, entered[fault][0])
        ]
        for provider in {*providers, "webhook"}:
            await fakes.script(provider, *rules)
        await programs.start(here.program("worker"))
        await healed(here)
        evidence = await sound(here, fakes, [each for ids in entered.values() for each in ids])
    for fault, ids in entered.items():
        tally = evidence.tally(ids)
        record("M7", f"provider: {fault}", kind, tally)
        assert (tally.expected, tally.doubled, tally.outside) == (len(journeys), 0, 0), fault
        if kind == "none" and fault not in CLEAR:
            assert tally.unclear == tally.expected, fault
            assert tally.sent == (0 if fault.endswith("not taken") else tally.expected), fault
        else:
            assert (tally.sent, tally.unclear) == (tally.expected, 0), fault


def _recipients(here: Site, enrollment_id: str) -> list[str]:
    """Every address of a customer, as their providers are told it."""

    def transaction(session: Session) -> list[str]:
        of = select(Customer).join(Enrollment).where(Enrollment.id == enrollment_id)
        customer = session.exec(of).one()
        return [customer.email or "", customer.phone or "", customer.attributes["push_token"]]

    return here.database.read_now(transaction)
