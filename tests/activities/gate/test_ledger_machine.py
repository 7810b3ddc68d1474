"""The ledger under everything that can happen to a worker, found by search (guarantees G4).

Hypothesis puts asks, deaths, pauses, refusals, opt-outs and the passing of time into any order. The model is
what a provider really took; the promises of the gate are checked after every step.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
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
from activities.gate.gate import MessageGate
from activities.messages import GateAnswer, Promise, Result, Reward, SendOrder
from activities.send_window import SendWindow
from activities.storage import customers, enrollments
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
SETTLED = {Result.SENT, Result.FAILED, Result.UNKNOWN, Result.SUPPRESSED}

# Shrunk examples name what was asked by its place here.
ORDERS = (
    SendOrder("", "reminder", 1, 0, EMAIL, "reminder", WINDOW),
    SendOrder("", "reminder", 2, 0, EMAIL, "reminder", WINDOW, unless=("last_name",)),
    SendOrder("", "offer", 1, 0, EMAIL, "offer", WINDOW, promise=PROMISE),
    SendOrder("", "offer", 1, 0, SMS, "offer", WINDOW, promise=PROMISE),
)

EXAMPLES = settings(
    max_examples=120,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)


@dataclass
class Worker:
    """A worker that stopped in the middle of an attempt; the operating system may wake it at any time."""

    place: int
    attempt: Coroutine[Any, Any, GateAnswer]


class LedgerMachine(RuleBasedStateMachine):
    """One customer, one journey, four messages, and any provider."""

    database: Database
    gate_of: Callable[[Database, FakeProvider], MessageGate] = staticmethod(plain_gate)

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

    def passed_the_gate(self, _: Delivery) -> None:
        """Note what must not be true of a message that the gate lets pass."""
        rules = {
            "opted out": self.opted_out and self.place < 3,
            "held": self.held,
            "cancelled": self.cancelled,
            "erased": self.erased,
            "complete": self.complete and bool(ORDERS[self.place].unless),
            "outside the window": not WINDOW.is_open(self.now, "Europe/London"),
        }
        self.trespasses += [name for name, broken in rules.items() if broken]

    # What happens

    @rule(place=st.sampled_from(range(len(ORDERS))), act=st.sampled_from(Act), look=st.sampled_from(LookUp))
    def ask(self, place: int, act: Act, look: LookUp) -> None:
        """The journey asks the gate, for the first time or again."""
        self.seq += 1
        self.asked.add(place)
        self.place, self.provider.act, self.provider.look = place, act, look
        self.drive(Worker(place, self.gate.send(self.order(place), lambda: self.now)))

    @precondition(lambda self: self.paused)
    @rule(which=st.integers(0, 9))
    def wake(self, which: int) -> None:
        """A paused worker goes on where it stood."""
        self.drive(self.paused.pop(which % len(self.paused)))

    @rule(seconds=st.sampled_from([1, 10, 16, 26, 3600, 6 * 3600, 13 * 3600, 30 * 3600]))
    def time_passes(self, seconds: int) -> None:
        """Leases run out, windows close and open."""
        self.now += timedelta(seconds=seconds)

    @rule(given=st.booleans())
    def decide(self, *, given: bool) -> None:
        """The customer leaves email, or comes back."""
        self.opted_out = not given
        self.change(
            lambda session, mine: customers.decide(session, mine, "email", given=given, source="", now=self.now)
        )

    @rule(name=st.sampled_from(["Ada", "Bea"]))
    def rename(self, name: str) -> None:
        """The profile changes between two attempts."""
        self.change(lambda _, mine: setattr(mine, "first_name", name))

    @precondition(lambda self: not self.complete)
    @rule()
    def become_complete(self) -> None:
        """The customer does what one of the messages would ask for."""
        self.complete = True
        self.change(lambda _, mine: setattr(mine, "last_name", "Byron"))

    @rule(held=st.booleans())
    def hold(self, *, held: bool) -> None:
        """Support holds the journey, or lets it go on."""
        if self.cancelled:
            return
        self.held = held
        act = enrollments.hold if held else enrollments.resume
        self.database.write_now(
            lambda session: act(session, session.get_one(Enrollment, self.enrollment_id), "asked", self.now)
        )

    @precondition(lambda self: len(self.asked) == len(ORDERS) and not self.cancelled)
    @rule()
    def cancel(self) -> None:
        """Support cancels the journey."""
        self.cancelled = True
        self.database.write_now(
            lambda session: enrollments.cancel(
                session, session.get_one(Enrollment, self.enrollment_id), "by phone", self.now
            )
        )

    @precondition(lambda self: len(self.asked) == len(ORDERS) and not self.erased)
    @rule()
    def erase(self) -> None:
        """The customer asks to be forgotten."""
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
    def a_promise_that_may_have_been_read_is_kept(self) -> None:
        """I5: while a message that promises a voucher has gone, or may have, one code is kept; never two."""
        if not hasattr(self, "provider"):
            return
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
            self.hold(held=False)
        for place in self.asked:
            for _ in range(4):
                if place in self.answers:
                    break
                self.now = WINDOW.next_open(self.now + timedelta(seconds=26), "Europe/London")
                self.ask(place, Act.ACCEPT, LookUp.TRUTH)
            assert place in self.answers
        self.nothing_passes_that_must_not()
        self.no_message_goes_twice()
        self.a_promise_that_may_have_been_read_is_kept()

    # How it is driven

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
        except ApplicationError as again:
            assert again.type in {"InFlight", "Retry"}
            assert not again.non_retryable
        except Death:
            pass
        else:
            self.paused.append(worker)

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
