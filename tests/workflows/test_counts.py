"""What reports count of journeys that really run, and that support ends, resets or holds in the Temporal UI."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select
from temporalio.testing import WorkflowEnvironment

from activities.storage import erasure
from activities.storage.reports import JourneyReport, journey_report, rollup
from activities.storage.tables import Customer, Enrollment
from tests.courses import course
from tests.system import until
from tests.workflows.entered import REWARDED, SHORT, Entered, entered
from worker.reconciler import PAUSE, Reconciler
from worker.rehearsal.scenario import Cancel, ProfileChange
from workflows import catalogue

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
REST = ProfileChange({"last_name": "Byron", "phone": "+420601123456", "date_of_birth": "1990-12-10"})
OFFERED, TO_ACT = "voucher-offer-email", "time-to-act-on-the-email-offer"
SOON = 30.0  # seconds within which the numbers are right again after a terminate or a reset


def report_of(customer: Entered) -> JourneyReport:
    """The report of the customer's journey, which adds up and says what the rows say."""
    database, journey = customer.system.database, catalogue()[customer.branch.journey]
    report = database.read_now(lambda session: journey_report(session, journey))
    rows = database.read_now(lambda session: session.exec(select(Enrollment)).all())
    assert all(step.entered == step.waiting + step.left + step.ended for step in report.steps)
    waiting = [step.step for step in report.steps for _ in range(step.waiting)]
    assert waiting == [row.step or "start" for row in rows if row.state != "ended"]
    assert sum(report.outcomes.values()) == sum(row.state == "ended" for row in rows)
    shown = shown_to_staff(customer)
    assert all(step.entered == step.waiting + step.left + step.ended for step in shown.steps)
    assert all(min(step.waiting, step.left, step.ended) >= 0 for step in shown.steps)
    assert sum(step.waiting for step in shown.steps) == len(waiting)
    assert shown.outcomes == report.outcomes
    for message in report.messages:
        decided = message.sent + message.unknown + message.failed + sum(message.suppressed.values())
        assert message.planned == decided + message.pending
    return report


def shown_to_staff(customer: Entered) -> JourneyReport:
    """The same report with what the code says of it."""
    database, name = customer.system.database, customer.branch.journey
    return database.read_now(lambda session: journey_report(session, catalogue()[name], course=course(name)))


def at(report: JourneyReport, name: str) -> tuple[int, int, int, int]:
    """Entered, waiting, left and ended at a step; nothing of one that nobody came to."""
    found = next((step for step in report.steps if step.step == name), None)
    return (found.entered, found.waiting, found.left, found.ended) if found else (0, 0, 0, 0)


async def terminated(customer: Entered) -> None:
    """Somebody presses 'Terminate'; the reconciler, which looks around every few seconds, finds it."""
    await customer.handle.terminate(reason="a complaint")
    reconciler = Reconciler(customer.system.database, customer.system.client)

    async def settled() -> bool:
        return await reconciler.settle_closed(LONG_AGO) == 1

    await until(settled, within=SOON - PAUSE.total_seconds(), what="the end to be on record")


async def cancelled(customer: Entered) -> None:
    """Support cancels it through the API."""
    await customer.happens(Cancel("asked by phone"))
    await customer.end()


async def erased(customer: Entered) -> None:
    """The customer asks to be forgotten."""
    system = customer.system

    def transaction(session: Session) -> None:
        person = session.exec(select(Customer)).one()
        now = datetime.now(UTC)
        erasure.erase(
            session, person, system.parts.reachability, source="api", now=now, journey_now=system.clock.at(now)
        )

    await system.database.write(transaction)
    await system.carry()
    await customer.end()


async def held_and_resumed(customer: Entered) -> None:
    """Staff hold it in the Temporal UI, and let it go on to its end."""
    await customer.handle.execute_update("hold", "under review")
    report_of(customer)
    await customer.handle.execute_update("resume")
    await customer.forward(days=30)
    await customer.end()


@pytest.mark.parametrize(
    ("what", "outcome"),
    [(terminated, "terminated"), (cancelled, "cancelled"), (erased, "erased"), (held_and_resumed, "not complete")],
)
async def test_the_numbers_add_up_whatever_ends_a_journey(
    server: WorkflowEnvironment, tmp_path: Path, what: Callable[[Entered], Awaitable[None]], outcome: str
) -> None:
    """However a journey ends, nobody seems to wait in it any more, and it is counted once."""
    async with entered(server, tmp_path) as customer:
        await customer.forward(days=6, hours=1)
        before = report_of(customer)
        assert (before.enrolled, before.outcomes) == (1, {})
        assert at(shown_to_staff(customer), OFFERED) == (1, 0, 1, 0)
        assert at(shown_to_staff(customer), TO_ACT) == (1, 1, 0, 0)

        await what(customer)
        customer.system.database.write_now(rollup.fold)

        report = report_of(customer)
        assert (report.enrolled, dict(report.outcomes)) == (1, {outcome: 1})
        assert not any(step.waiting for step in report.steps)
        came, waiting, left, ended = at(shown_to_staff(customer), TO_ACT)
        assert (came, waiting, left + ended) == (1, 0, 1)
        assert at(shown_to_staff(customer), OFFERED) == (1, 0, 1, 0)


async def test_a_reset_journey_is_counted_as_one(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A journey that is reset in the Temporal UI goes its way again: one customer, each message once."""
    async with entered(server, tmp_path, REWARDED, parameters={**SHORT, "promise_wait": "PT4S"}) as customer:
        await until(lambda: len(customer.sent) == 2, what="the promise to be sent")
        await customer.reset("a fix was deployed")
        await customer.until_shown("email offer")
        report_of(customer)
        assert at(shown_to_staff(customer), TO_ACT) == (1, 1, 0, 0)
        await customer.happens(REST)
        await customer.end()

        report = report_of(customer)
        assert (report.enrolled, report.converted, dict(report.outcomes)) == (1, 1, {"rewarded by email": 1})
        assert {message.template: (message.planned, message.sent) for message in report.messages} == {
            "complete-your-account": (1, 1),
            "voucher-offer": (1, 1),
            "your-voucher": (1, 1),
        }
        [voucher] = report.vouchers
        assert (voucher.assigned, voucher.conversions) == (1, 1)
