"""M11 and M12: events at the very timer; a no at the very moment at which a message is let pass."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, col, select
from temporalio.testing import WorkflowEnvironment

from activities.channels import EMAIL
from activities.delivery import Deduplication
from activities.messages import Result, SendOrder
from activities.storage import enrollments, erasure
from activities.storage.customers import decide
from activities.storage.database import Database
from activities.storage.facts import customer_changed
from activities.storage.ids import new_id
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Customer, Enrollment, Message
from tests.activities.gate.desk import REACHABILITY, plain_gate
from tests.activities.gate.fakes import FakeProvider
from tests.activities.storage.rows import NOON, add_customer, add_enrollment
from tests.faults.runs import seeded
from tests.faults.tally import Tally, record
from tests.workflows.test_events import race

TRIES, A_WAVE = 500, 100
AT_ONCE = 25
Stop = Callable[[Session, Customer, Enrollment], object]


async def test_five_hundred_answers_at_the_very_timer_take_one_path_each(
    server: WorkflowEnvironment, tmp_path: Path
) -> None:
    """An event and the end of the wait for it at the same instant: one path, one message, every time (M11)."""
    sent = await race(server, tmp_path, waves=TRIES // A_WAVE, at_once=A_WAVE)
    record("M11", "an event at the very end of the wait for it", "key", Tally(TRIES, sent), runs=TRIES)


def _opt_out(session: Session, customer: Customer, _: Enrollment) -> None:
    decide(session, customer, EMAIL.value, given=False, source="unsubscribe page", now=NOON)
    customer_changed(session, customer, NOON)


def _cancel(session: Session, _: Customer, enrollment: Enrollment) -> None:
    enrollments.cancel(session, enrollment, "asked by phone", NOON)


def _hold(session: Session, _: Customer, enrollment: Enrollment) -> None:
    enrollments.hold(session, enrollment, "asked by phone", NOON)


def _erase(session: Session, customer: Customer, _: Enrollment) -> None:
    erasure.erase(session, customer, REACHABILITY, source="api", now=NOON, journey_now=NOON)


STOPS: dict[str, Stop] = {"opt-out": _opt_out, "cancel": _cancel, "hold": _hold, "erase": _erase}


@pytest.mark.parametrize("what", STOPS)
async def test_nothing_leaves_after_a_no(database: Database, what: str) -> None:
    """Of a no and a message at the same instant the earlier one wins: what was not let pass by then never goes."""
    chance = seeded(what)
    provider = FakeProvider(Deduplication.NONE)
    gate = plain_gate(database, provider)

    def enter(session: Session) -> str:
        return add_enrollment(session, add_customer(session, email=f"{new_id('x')}@example.com")).id

    def stop(session: Session, enrollment_id: str) -> bool:
        """Say no; whether the message had been let pass before."""
        row = session.get_one(Enrollment, enrollment_id, with_for_update=True)
        customer = session.get_one(Customer, row.customer_id, with_for_update=True)
        STOPS[what](session, customer, row)
        passed = select(Message.id).where(
            Message.enrollment_id == enrollment_id, col(Message.state).in_(SENT_OR_MAY_BE)
        )
        return session.exec(passed).first() is not None

    async def one(enrollment_id: str, turns: int) -> tuple[bool, Result]:
        async def say_no() -> bool:
            for _ in range(turns):
                await asyncio.sleep(0)
            return await database.write(lambda session: stop(session, enrollment_id))

        order = SendOrder(enrollment_id, "reminder", 1, 1, EMAIL, "reminder")
        passed, answer = await asyncio.gather(say_no(), gate.send(order, lambda: NOON))
        return passed, answer.result

    sent = 0
    for _ in range(TRIES // len(STOPS) // AT_ONCE):
        ids = [await database.write(enter) for _ in range(AT_ONCE)]
        found = await asyncio.gather(*(one(each, chance.choice((0, 1, 2, 4))) for each in ids))
        sent += sum(result is Result.SENT for _, result in found)
        for passed, result in found:
            assert (result is Result.SENT) == passed, f"{what}: {result}, let pass before the no: {passed}"
    assert len(provider.accepted) == sent
    tries = TRIES // len(STOPS)
    assert 0 < sent < tries, "it was no race"
    record("M12", f"{what} at the moment of a send", "none", Tally(expected=sent, sent=sent), runs=tries)
