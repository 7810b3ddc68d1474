"""Holdouts: drawn by lot, kept for good, and of no cost."""

import math
from typing import Any

from sqlmodel import Session, select

from activities.arms import share
from activities.storage.database import Database
from activities.storage.enrollments import of_customer
from activities.storage.holdout import HELD_OUT, TREATED, arm_of_entry
from activities.storage.reports import JourneyReport
from activities.storage.tables import OutboxItem
from tests.activities.storage.reports.populations import DAY, JOURNEY, Population

CUSTOMERS = 100_000
HALF = 0.5


def test_the_share_that_is_held_out_is_the_one_asked_for() -> None:
    """Of 100,000 customers as many are held out as a fair lot would, give or take what chance explains."""
    for wanted in (0.01, 0.1, 0.5):
        held_out = sum(arm_of_entry(f"cus_{n}", JOURNEY, wanted, []) == HELD_OUT for n in range(CUSTOMERS))

        # five standard deviations of the binomial: once in 1.7 million honest draws
        assert abs(held_out - CUSTOMERS * wanted) < 5 * math.sqrt(CUSTOMERS * wanted * (1 - wanted))


def test_the_lots_of_two_journeys_have_nothing_to_do_with_each_other() -> None:
    """Whoever is held out of one journey is as likely as anybody else to be held out of another."""
    pairs = [(share(f"cus_{n}", "welcome/holdout"), share(f"cus_{n}", f"{JOURNEY}/holdout")) for n in range(CUSTOMERS)]
    covariance = sum((a - HALF) * (b - HALF) for a, b in pairs) / CUSTOMERS

    # the correlation of independent even lots has a standard deviation of 1 / sqrt(n)
    assert abs(covariance * 12) < 5 / math.sqrt(CUSTOMERS)


def test_an_arm_is_kept_at_every_further_entry() -> None:
    """Nobody who was in a journey changes arms when the share is changed; at 0 nobody is held out any more."""
    assert arm_of_entry("cus_1", JOURNEY, 0.9999, [TREATED, HELD_OUT]) == TREATED
    assert arm_of_entry("cus_1", JOURNEY, 0.0001, [HELD_OUT]) == HELD_OUT
    assert arm_of_entry("cus_1", JOURNEY, 0.0, [HELD_OUT]) == TREATED


async def test_who_is_held_out_costs_no_workflow_and_is_measured(database: Database) -> None:
    """A customer who is held out hears nothing, starts nothing, and their conversion counts all the same."""

    def transaction(session: Session) -> tuple[JourneyReport, Any, Any]:
        people = Population(session)
        ada = people.register("ada")
        people.hold_out(0.999999)
        bea = people.register("bea")
        people.now += DAY
        people.complete(bea)
        started = session.exec(select(OutboxItem.enrollment_id).where(OutboxItem.kind == "start")).all()
        mine = {row.journey: row for row in of_customer(session, bea)}
        assert people.entry(ada).id in started
        assert mine[JOURNEY].id not in started
        return people.report(), mine[JOURNEY], mine["welcome"]

    report, held_out, welcome = await database.write(transaction)

    assert (held_out.arm, held_out.state, held_out.outcome) == (HELD_OUT, "ended", "held out")
    assert (welcome.arm, welcome.state) == (TREATED, "starting")
    assert [(arm.arm, arm.enrolled, arm.converted) for arm in report.arms] == [(TREATED, 1, 0), (HELD_OUT, 1, 1)]
    assert report.lift is not None
    assert report.lift.difference == -1
    assert [(step.step, step.entered) for step in report.steps] == [("start", 1)]
    assert report.outcomes == {}


async def test_entries_of_both_arms_follow_the_same_rules(database: Database) -> None:
    """A held-out order enters once an order, as a followed-up one does, and stays in its arm."""

    def transaction(session: Session) -> list[tuple[str, str]]:
        people = Population(session)
        people.hold_out(0.999999, "order-follow-up")
        ada = people.register("ada")
        order = {"products": [{"category": "Winter boots"}], "completedOn": "2027-02-01T00:00:00Z"}
        for number in ("1", "2", "2"):
            people.event(ada, "order.completed", orderId=number, **order)
            people.now += DAY
        return [(row.entry_key, row.arm) for row in of_customer(session, ada) if row.journey == "order-follow-up"]

    assert await database.write(transaction) == [("1", HELD_OUT), ("2", HELD_OUT)]
