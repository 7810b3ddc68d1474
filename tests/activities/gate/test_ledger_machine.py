"""The ledger under everything that can happen to a worker, found by search (guarantees G4).

Hypothesis puts asks, deaths, pauses, refusals, opt-outs and the passing of time into any order. The model is
what a provider really took; the promises of the gate are checked after every step.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, select
from temporalio.exceptions import ApplicationError

from activities.channels import EMAIL, SMS
from activities.delivery import Deduplication, Delivery
from activities.frequency import FrequencyCap, FrequencyCaps
from activities.gate.gate import GateLimits, MessageGate
from activities.messages import GateAnswer, Promise, Result, Reward, SendOrder
from activities.send_window import SendWindow
from activities.storage import enrollments
from activities.storage.customers import decide
from activities.storage.database import Database
from activities.storage.facts import customer_changed
from activities.storage.ids import new_id
from activities.storage.ledger import SENT_OR_MAY_BE
from activities.storage.tables import Customer, Enrollment, Message, Voucher
from tests.activities.gate.desk import plain_gate
from tests.activities.gate.fakes import Act, Death, FakeProvider, LookUp
from tests.activities.storage.rows import NOON, REWARD, add_customer, add_enrollment, add_pool

WINDOW = SendWindow("09:00", "21:00")
PROMISE = Promise(Reward.VOUCHER, 2 * 86400, REWARD)
CAP = FrequencyCap(2, 1)
CAPPED = GateLimits(caps=FrequencyCaps((CAP,)))
LEASE_OVER = int(CAPPED.lease.total_seconds()) + 1
SETTLED = {Result.SENT, Result.FAILED, Result.UNKNOWN, Result.SUPPRESSED}

# Shrunk examples name what was asked by its place here.
ORDERS = (
    SendOrder("", "reminder", 1, 0, EMAIL, "reminder", WINDOW),
    SendOrder("", "reminder", 2, 0, EMAIL, "reminder", WINDOW, unless=("last_name",)),
    SendOrder("", "offer", 1, 0, EMAIL, "offer", WINDOW, promise=PROMISE),
    SendOrder("", "offer", 1, 0, SMS, "offer", WINDOW, promise=PROMISE),
)

EXAMPLES = settings(
    max_examples=50,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


def capped_gate(database: Database, provider: FakeProvider) -> MessageGate:
    """The gate with quick words that lets two messages a day pass."""
    return plain_gate(database, provider, CAPPED)


class News(StrEnum):
    """What can be decided while messages are on their way."""

    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"
    RENAME = "rename"
    COMPLETE = "complete"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    ERASE = "erase"


@dataclass(eq=False)
class Worker:
    """A worker that stopped in the middle of an attempt; the operating system may wake it at any time."""

    place: int
    attempt: Coroutine[Any, Any, GateAnswer]


class LedgerMachine(RuleBasedStateMachine):
    """One customer, one journey, four messages, and any provider."""

    database: Database
    gate_of: Callable[[Database, FakeProvider], MessageGate] = staticmethod(capped_gate)

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.seq = 0
        self.paused: list[Worker] = []
        self.answers: dict[int, tuple[Result, str, bool]] = {}
        self.asked: set[int] = set()
        self.opted_out = self.held = self.cancelled = self.erased = self.complete = False
        self.trespasses: list[str] = []

    @initialize(deduplication=st.sampled_from(Deduplication))
    def begin(self, deduplication: Deduplication) -> None:
        """A customer enters a journey; their messages go through a provider of that class."""

        def prepare(session: Session) -> tuple[str, str]:
            customer = add_customer(session, email=f"{new_id('x')}@example.com", phone=f"+44{new_id('7')}")
            add_pool(session, *(new_id("code") for _ in range(2)))
            return customer.id, add_enrollment(session, customer).id

        self.customer_id, self.enrollment_id = self.database.write_now(prepare)
        self.provider = FakeProvider(deduplication, now=lambda: self.now, on_call=self.passed_the_gate)
        self.gate = self.gate_of(self.database, self.provider)

    def passed_the_gate(self, delivery: Delivery) -> None:
        """Note what must not be true of a message that the gate lets pass."""
        rules = {
            "opted out": self.opted_out and self.place < 3,
            "held": self.held,
            "cancelled": self.cancelled,
            "erased": self.erased,
            "complete": self.complete and bool(ORDERS[self.place].unless),
            "outside the window": not WINDOW.is_open(self.now, "Europe/London"),
            "beyond the cap": len(self.got_within(CAP.span) - {delivery.key}) >= CAP.messages,
        }
        self.trespasses += [name for name, broken in rules.items() if broken]

    def got_within(self, span: timedelta) -> set[str]:
        """Keys of the messages that the customer has had lately."""
        return {delivery.key for delivery in self.provider.accepted if delivery.decided_at > self.now - span}

    # What happens

    @rule(place=st.sampled_from(range(len(ORDERS))), act=st.sampled_from(Act), look=st.sampled_from(LookUp))
    def ask(self, place: int, act: Act, look: LookUp) -> None:
        """The journey asks the gate, for the first time or again."""
        self.seq += 1
        self.asked.add(place)
        self.place, self.provider.act, self.provider.look = place, act, look
        self.drive(Worker(place, self.gate.send(self.order(place), lambda: self.now)))

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 9), act=st.sampled_from(Act), look=st.sampled_from(LookUp))
    def ask_again(self, which: int, act: Act, look: LookUp) -> None:
        """The journey asks once more for a message that it has no answer for."""
        self.ask(self.open[which % len(self.open)], act, look)

    @rule(
        place=st.sampled_from(range(len(ORDERS))),
        pause=st.sampled_from([Act.PAUSE_BEFORE, Act.PAUSE_AFTER]),
        later=st.sampled_from([0, LEASE_OVER]),
        acts=st.lists(st.sampled_from(Act), min_size=1, max_size=3),
    )
    def be_overtaken(self, place: int, pause: Act, later: int, acts: list[Act]) -> None:
        """A worker pauses, others are given its message, soon or when its lease is over, and it wakes."""
        before = list(self.paused)
        self.ask(place, pause, LookUp.TRUTH)
        overtaken = [worker for worker in self.paused if worker not in before]
        self.now += timedelta(seconds=later)
        for act in acts:
            self.ask(place, act, LookUp.TRUTH)
        for worker in overtaken:
            self.paused.remove(worker)
            self.drive(worker)

    @precondition(lambda self: self.paused)
    @rule(which=st.integers(0, 9))
    def wake(self, which: int) -> None:
        """A paused worker goes on where it stood."""
        self.drive(self.paused.pop(which % len(self.paused)))

    @rule(seconds=st.sampled_from([1, 10, 16, LEASE_OVER, 3600, 13 * 3600, 24 * 3600]))
    def time_passes(self, seconds: int) -> None:
        """Leases run out, windows close and open."""
        self.now += timedelta(seconds=seconds)

    @rule(news=st.sampled_from(News))
    def hear(self, news: News) -> None:
        """The customer or support decides something while messages are on their way."""
        match news:
            case News.OPT_OUT | News.OPT_IN:
                given = news is News.OPT_IN
                self.opted_out = not given
                self.change(lambda session, mine: decide(session, mine, "email", given=given, source="", now=self.now))
            case News.RENAME:
                self.change(lambda _, mine: setattr(mine, "first_name", "Bea"))
            case News.COMPLETE:
                self.complete = True
                self.change(lambda _, mine: setattr(mine, "last_name", "Byron"))
            case News.HOLD | News.RESUME if not self.cancelled:
                self.held = news is News.HOLD
                self.act(enrollments.hold if self.held else enrollments.resume)
            case News.CANCEL if len(self.asked) == len(ORDERS):  # or there would be little left to search
                self.cancelled = True
                self.act(enrollments.cancel)
            case News.ERASE if len(self.asked) == len(ORDERS):
                self.erased = True
                self.change(lambda _, mine: setattr(mine, "erased_at", self.now))

    # What must hold

    @invariant()
    def nothing_passes_that_must_not(self) -> None:
        """I3 and I4: let pass inside the window only, and never after an opt-out, a hold, a cancel, an erasure."""
        assert self.trespasses == []

    @invariant()
    def no_message_goes_twice(self) -> None:
        """I1: whatever dies, pauses or repeats, a customer gets each message once at most."""
        if hasattr(self, "provider"):
            keys = [delivery.key for delivery in self.provider.accepted]
            assert len(keys) == len(set(keys))

    @invariant()
    def a_key_stands_for_one_content(self) -> None:
        """A11: a provider that knows keys never sees one with two contents."""
        assert not (hasattr(self, "provider") and self.provider.altered)

    def a_promise_that_may_have_been_read_is_kept(self) -> None:
        """I5: while a message that promises a voucher has gone, or may have, one code is kept; never two."""
        messages, kept = self.database.read_now(
            lambda session: (
                session.exec(select(Message).where(Message.enrollment_id == self.enrollment_id)).all(),
                session.exec(select(Voucher).where(Voucher.enrollment_id == self.enrollment_id)).all(),
            )
        )
        out = [message for message in messages if message.promised and message.state in SENT_OR_MAY_BE]
        assert len(kept) <= 1
        assert kept or not out

    def teardown(self) -> None:
        """When everything is well again, every message that was asked for comes to an answer."""
        if not hasattr(self, "provider"):
            return
        for worker in self.paused:
            worker.attempt.close()
        if self.held and not self.cancelled:
            self.hear(News.RESUME)
        for days in (0, 0, 1, 1):  # a day makes room under the cap
            for place in self.open:
                self.now = WINDOW.next_open(self.now + timedelta(days=days, seconds=LEASE_OVER), "Europe/London")
                self.ask(place, Act.ACCEPT, LookUp.TRUTH)
        assert not self.open
        self.nothing_passes_that_must_not()
        self.no_message_goes_twice()

    # How it is driven

    @property
    def open(self) -> list[int]:
        """Places of messages that were asked for and have no answer."""
        return sorted(self.asked - set(self.answers))

    def order(self, place: int) -> SendOrder:
        """An order of this journey."""
        wanted = ORDERS[place]
        return SendOrder(
            self.enrollment_id,
            wanted.step,
            wanted.visit,
            self.seq,
            wanted.channel,
            wanted.template,
            wanted.window,
            wanted.unless,
            promise=wanted.promise,
        )

    def act(self, how: Callable[[Session, Enrollment, str, datetime], None]) -> None:
        """Do what support does through the API."""
        self.database.write_now(
            lambda session: how(session, session.get_one(Enrollment, self.enrollment_id), "by phone", self.now)
        )

    def change(self, how: Callable[[Session, Customer], object]) -> None:
        """Change the customer, as the API does."""

        def transaction(session: Session) -> None:
            customer = session.get_one(Customer, self.customer_id)
            how(session, customer)
            customer_changed(session, customer, self.now)

        self.database.write_now(transaction)

    def drive(self, worker: Worker) -> None:
        """Let a worker run until it answers, gives up, dies or pauses."""
        try:
            worker.attempt.send(None)
        except StopIteration as finished:
            self.check(worker.place, finished.value)
        except ApplicationError:
            pass  # Temporal asks again
        except Death:
            pass
        else:
            self.paused.append(worker)
        self.a_promise_that_may_have_been_read_is_kept()

    def check(self, place: int, answer: GateAnswer) -> None:
        """An answer is true, and stays what it was."""
        if answer.result not in SETTLED:
            return
        taken = any(self.is_of(delivery, place) for delivery in self.provider.accepted)
        if answer.result is Result.SENT:
            assert taken, "said sent, and it was not"
        elif answer.result is not Result.UNKNOWN:
            assert not taken, f"said {answer.result} {answer.reason}, and it was sent"
        told = (answer.result, answer.reason, answer.ends)
        assert self.answers.setdefault(place, told) == told

    def is_of(self, delivery: Delivery, place: int) -> bool:
        """Whether a delivery is of that order."""
        message = self.database.read_now(lambda session: session.get_one(Message, delivery.key))
        wanted = ORDERS[place]
        return (message.step, message.visit, message.channel) == (wanted.step, wanted.visit, wanted.channel)


def test_no_order_of_events_breaks_a_promise_of_the_gate(machine: type[LedgerMachine]) -> None:
    """Customers get each message once at most, never against their will, and journeys are told the truth."""
    run_state_machine_as_test(machine, settings=EXAMPLES)
