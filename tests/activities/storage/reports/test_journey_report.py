"""What a report says of small populations, counted by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from activities.storage import accounts
from activities.storage.database import Database
from activities.storage.reports import JourneyReport, journey_counts, rollup
from tests.activities.storage.reports.populations import DAY, DESIGN, JOURNEY, WHOLE, Population

HALF = 0.5


def adds_up(report: JourneyReport) -> bool:
    """Whether nobody is lost at any step."""
    return all(
        step.entered == step.waiting + step.left + step.ended and min(step.waiting, step.left, step.ended) >= 0
        for step in report.steps
    )


def steps_of(report: JourneyReport) -> dict[str, tuple[int, int, int, int]]:
    """Entered, waiting, left and ended by step."""
    return {step.step: (step.entered, step.waiting, step.left, step.ended) for step in report.steps}


@pytest.mark.parametrize("folded", [False, True], ids=["as it happened", "folded into days"])
async def test_every_step_says_who_came_who_waits_who_left_and_who_ended(database: Database, folded: bool) -> None:
    """A marketer sees at each step how many came, and what became of every one of them."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        rows = [people.entry(people.register(name)) for name in ("ada", "bea", "cyd", "dee", "eve")]
        ada, bea, cyd, dee, _ = rows
        for row in (ada, bea, cyd, dee):
            people.walk(row, "first-check", "first-wait")
        if folded:
            rollup.fold(session)
        people.walk(ada, "second-check")
        people.walk(bea, "second-check")
        people.end(ada, "rewarded by email")
        people.end(cyd, "cancelled")
        return people.report()

    report = await database.write(transaction)

    assert steps_of(report) == {
        "start": (5, 1, 4, 0),
        "first-check": (4, 0, 4, 0),
        "first-wait": (4, 1, 2, 1),
        "second-check": (2, 1, 0, 1),
    }
    assert adds_up(report)
    assert report.outcomes == {"cancelled": 1, "rewarded by email": 1}
    assert {(flow.source, flow.target, flow.outcome): flow.count for flow in report.flows} == {
        ("start", "first-check", ""): 4,
        ("first-check", "first-wait", ""): 4,
        ("first-wait", "second-check", ""): 2,
        ("first-wait", "end", "cancelled"): 1,
        ("second-check", "end", "rewarded by email"): 1,
    }


async def test_the_way_that_most_take_comes_first(database: Database) -> None:
    """A marketer reads the steps along the widest way, then along those that branch off it, the wider ones first."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        ways = {"ada": "by-letter", "bea": "by-text", "cyd": "by-text", "dee": "by-drum"}
        for name, way in ways.items():
            people.walk(people.entry(people.register(name)), "first-check", way)
        return people.report()

    report = await database.write(transaction)

    assert [step.step for step in report.steps] == ["start", "first-check", "by-text", "by-drum", "by-letter"]
    assert [(flow.target, flow.count) for flow in report.flows] == [
        ("first-check", 4),
        ("by-text", 2),
        ("by-drum", 1),
        ("by-letter", 1),
    ]


async def test_a_hold_moves_nobody_from_their_step(database: Database) -> None:
    """Whoever is put on hold while they wait is still counted at that wait, and an order they hear of is no step."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        row = people.entry(people.register("ada"))
        people.walk(row, "first-wait")
        for step, event_type in (("hold", "journey.held"), ("hold#2", "journey.resumed"), ("called", "call.completed")):
            people.record(row, ("event", step, {"type": event_type}))
        return people.report()

    report = await database.write(transaction)

    assert steps_of(report) == {"start": (1, 0, 1, 0), "first-wait": (1, 1, 0, 0)}


async def test_an_end_before_any_step_is_an_end_at_the_start(database: Database) -> None:
    """A journey that support cancels before it began is counted, and nobody seems to wait for ever."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        people.end(people.entry(people.register("ada")), "cancelled")
        return people.report()

    report = await database.write(transaction)

    assert steps_of(report) == {"start": (1, 0, 0, 1)}


async def test_what_a_reset_journey_says_after_its_end_moves_nobody(database: Database) -> None:
    """A journey that was terminated, settled and then reset in the Temporal UI is counted as ended, once."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        row = people.entry(people.register("ada"))
        people.walk(row, "first-wait")
        people.end(row, "terminated")
        people.walk(row, "second-check", "second-wait")
        people.end(row, "not complete")
        return people.report()

    report = await database.write(transaction)

    assert steps_of(report) == {"start": (1, 0, 1, 0), "first-wait": (1, 0, 0, 1)}
    assert report.outcomes == {"terminated": 1}


async def test_each_message_says_what_became_of_it(database: Database) -> None:
    """Of every message a marketer sees how many were planned, went, waited, were held back and were read, by people."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        results = ("sent", "sent", "suppressed:opted out", "deferred", "failed:refused by the provider 550 5.1.1")
        customers = [people.register(name) for name in ("ada", "bea", "cyd", "dee", "eve")]
        sent = []
        for customer, result in zip(customers, results, strict=True):
            row = people.entry(customer)
            if result == "deferred":
                said = {"channel": "email", "template": "complete-your-account", "result": "deferred"}
                people.record(row, *[("message", "complete-your-account-email", said)] * 2)
            else:
                sent.append(people.message(row, "complete-your-account", result))
        ada, bea = customers[:2]
        for customer, event_type, machine in (
            (ada, "message.delivered", False),
            (ada, "message.opened", True),
            (ada, "message.opened", False),
            (ada, "message.opened", False),
            (bea, "message.clicked", True),
            (bea, "message.bounced", False),
        ):
            message_id = sent[customers.index(customer)]
            people.event(customer, event_type, message_id=message_id, machine=machine)
        people.event(ada, "message.opened", message_id=sent[1])  # somebody else's message
        people.now += DAY
        people.event(ada, "consent.withdrawn", channel="email")
        people.event(bea, "consent.withdrawn", channel="sms")  # got no text
        return people.report()

    [message] = (await database.write(transaction)).messages

    assert (message.step, message.channel, message.template) == (
        "complete-your-account-email",
        "email",
        "complete-your-account",
    )
    assert message.planned == 5
    assert (message.sent, message.failed, message.unknown, message.pending) == (2, 1, 0, 1)
    assert message.suppressed == {"opted out": 1}
    assert message.deferred == 2
    assert (message.delivered, message.bounced, message.complained, message.unsubscribed) == (1, 1, 0, 1)
    assert (message.opened, message.opened_by_machine) == (1, 1)
    assert (message.clicked, message.clicked_by_machine) == (0, 1)


async def test_rates_leave_out_whoever_was_complete_from_the_first(database: Database) -> None:
    """The rate is about customers the journey could do something for, in time and once each."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        people.register("zoe", **WHOLE)
        ada, bea, cyd, _ = [people.register(name) for name in ("ada", "bea", "cyd", "dee")]
        people.now += 2 * DAY
        people.complete(ada)
        ada.phone = None
        people.change(ada, "phone")
        people.now += 6 * DAY
        people.end(people.entry(bea), "not complete")
        people.complete(bea)
        people.complete(ada)
        people.now += 30 * DAY
        people.complete(cyd)
        return people.report()

    report = await database.write(transaction)

    [treated] = report.arms
    assert (treated.enrolled, treated.met_at_entry, treated.converted, treated.rate) == (5, 1, 2, HALF)
    assert report.lift is None
    assert (report.time_to_convert.median, report.time_to_convert.p90) == (2 * DAY, 8 * DAY)
    assert [(day.day.day, day.enrolled, dict(day.converted)) for day in report.days] == [
        (1, 5, {}),
        (3, 0, {"treated": 1}),
        (9, 0, {"treated": 1}),
    ]


async def test_a_cohort_is_followed_to_the_end(database: Database) -> None:
    """A report of some days is about those who entered on them, with everything they did since."""

    def transaction(session: Any) -> list[JourneyReport]:
        people = Population(session)
        early = people.register("ada")
        people.now += 3 * DAY
        people.register("bea")
        people.complete(early)
        people.walk(people.entry(early), "first-wait")
        one, four = date(2027, 3, 1), date(2027, 3, 4)
        return [people.report(since=one, until=one), people.report(since=four), people.report(until=four)]

    first, later, both = await database.write(transaction)

    assert [(report.enrolled, report.converted) for report in (first, later, both)] == [(1, 1), (1, 0), (2, 1)]
    assert steps_of(first) == {"start": (1, 0, 1, 0), "first-wait": (1, 1, 0, 0)}
    assert steps_of(later) == {"start": (1, 1, 0, 0)}
    assert first.time_to_convert.median == 3 * DAY
    assert later.time_to_convert.median is None


async def test_vouchers_are_followed_to_the_till(database: Database) -> None:
    """Of each design a marketer sees what was given, what came back and what a completed profile costs."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        people.stock("SAVE-1", "SAVE-2", "SAVE-3", "SAVE-4", unit_cost=1000)
        customers = [people.register(name) for name in ("ada", "bea", "cyd")]
        codes = []
        for customer in customers:
            people.message(people.entry(customer), "voucher-offer", "sent", promised=DESIGN)
        for customer in customers[:2]:
            people.complete(customer)
            codes.append(people.voucher(people.entry(customer)))
        people.event(customers[0], "voucher.redeemed", code=codes[0])
        people.event(customers[0], "voucher.redeemed", code=codes[0])
        people.event(customers[2], "voucher.redeemed", code="SAVE-4")  # given to nobody
        return people.report()

    [voucher] = (await database.write(transaction)).vouchers

    assert (voucher.assigned, voucher.redeemed, voucher.left, voucher.reserved) == (2, 1, 2, 0)
    assert (voucher.conversions, voucher.cost, voucher.cost_per_conversion) == (2, 1000, 500)


async def test_all_accounts_count_for_the_share_of_complete_ones(database: Database) -> None:
    """The seeds' own figure, the share of accounts with all optional data, is followed day by day."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        people.register("zoe", **WHOLE)
        ada, bea, _ = [people.register(name) for name in ("ada", "bea", "cyd")]
        people.now += DAY
        people.complete(ada)
        people.now += DAY
        accounts.erased(session, bea, people.now)
        people.now += DAY
        ada.date_of_birth = None
        people.change(ada, "date_of_birth")
        return people.report()

    report = await database.write(transaction)

    assert [(point.day.day, point.accounts, point.complete) for point in report.accounts] == [
        (1, 4, 1),
        (2, 4, 2),
        (3, 3, 2),
        (4, 3, 1),
    ]
    assert report.accounts[0].share == 1 / 4


async def test_the_arms_of_a_split_are_compared(database: Database) -> None:
    """The arms of a split are compared by what customers did after they came to it."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        for number, name in enumerate(("ada", "bea", "cyd", "dee", "eve")):
            customer = people.register(name)
            row = people.entry(customer)
            if name == "eve":
                people.complete(customer)  # before the split
            people.now += timedelta(hours=1)
            arm = {"split": "tone", "arm": "plain" if number < 2 else "warm"}
            line = ("split", "split-tone", arm)
            if name == "ada":
                people.record(row, line)
                people.complete(customer)
            elif name == "dee":  # its line is told late
                told, people.now = people.now, people.now + DAY
                people.complete(customer)
                people.now = told
                people.record(row, line)
            else:
                people.record(row, line)
        return people.report()

    [split] = (await database.write(transaction)).splits

    assert split.name == "tone"
    assert [(arm.arm, arm.enrolled, arm.met_at_entry, arm.converted, arm.rate) for arm in split.arms] == [
        ("plain", 2, 0, 1, HALF),
        ("warm", 3, 1, 1, HALF),
    ]
    [lift] = split.lifts
    assert (lift.arm, lift.against, lift.difference, lift.ratio, lift.sample_needed) == ("warm", "plain", 0, 1, None)


async def test_an_order_converts_whoever_was_welcomed(database: Database) -> None:
    """A first order counts for the welcome, also after the journey is over, within its window."""

    def transaction(session: Any) -> JourneyReport:
        people = Population(session)
        ada, bea, cyd = [people.register(name) for name in ("ada", "bea", "cyd")]
        people.event(ada, "order.completed", orderId="1")
        people.event(ada, "order.completed", orderId="2")
        people.end(people.entry(bea, "welcome"), "not confirmed")
        people.now += 20 * DAY
        people.event(bea, "order.completed", orderId="3")
        people.now += 11 * DAY
        people.event(cyd, "order.completed", orderId="4")
        return people.report("welcome")

    report = await database.write(transaction)

    assert (report.goal, report.conversion_window) == ("a first order", 30 * DAY)
    assert (report.enrolled, report.converted) == (3, 2)


async def test_the_list_of_journeys_agrees_with_the_reports(database: Database) -> None:
    """The counts beside a journey's name are those of its report."""

    def transaction(session: Any) -> Any:
        people = Population(session)
        for name in ("ada", "bea", "cyd"):
            people.walk(people.entry(people.register(name)), "first-wait")
        people.end(people.entry(people.register("dee")), "cancelled")
        rollup.fold(session, limit=5)
        people.session.flush()
        return journey_counts(session, [JOURNEY, "welcome", "unknown"])

    counts = await database.write(transaction)

    assert (counts[JOURNEY].enrolled, counts[JOURNEY].open, counts[JOURNEY].ended) == (4, 3, 1)
    assert counts[JOURNEY].waiting == {"first-wait": 3}
    assert counts[JOURNEY].outcomes == {"cancelled": 1}
    assert counts["welcome"].waiting == {"start": 4}
    assert counts["unknown"].enrolled == 0
