"""One simulated customer's life until now: the real storage, the real workflows and the real gate in virtual time."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session, select
from temporalio.converter import DataConverter

from activities.channels import Channel
from activities.delivery import Accepted, Deduplication, Delivery, Verdict
from activities.storage import outbox
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.links import Links
from activities.storage.tables import Customer, Message, OutboxItem
from activities.storage.tables import Enrollment as EnrollmentRow
from activities.templates.brand import Brand
from activities.webhooks import HIDDEN, Call
from api.relay import enrollment_of
from worker.dev import acts
from worker.dev.population import REGISTERED, Act, Deed, Person
from worker.rehearsal.agenda import Agenda, Due, Rank
from worker.rehearsal.carrying import carry
from worker.rehearsal.engine import VirtualRun
from worker.rehearsal.quiet import quiet
from worker.wiring import Parts, build_activities
from workflows.journey import Enrollment

LONGEST = timedelta(days=20)  # no journey of theirs takes longer
ARRIVES = timedelta(seconds=40)  # after it was sent, journey time


class Lives:
    """Lives customers' lives, one after the other. Nothing is sent.

    Args:
        database: used by nobody else meanwhile.
        admission: journeys and clock.
        links: as the system makes them, so that those in stored messages work.
        reachability: consents and suppressions.
        brand: in whose name.
        until: now, wall clock, UTC.
    """

    def __init__(
        self,
        database: Database,
        admission: Admission,
        links: Links,
        reachability: Reachability,
        brand: Brand,
        until: datetime,
    ) -> None:
        self.database = database
        self.admission = admission
        self.reachability = reachability
        self.until = until
        self._agenda = Agenda(until)
        self._runs: dict[str, VirtualRun] = {}
        self._person: Person | None = None
        post = _Post(self._sent, self._follow)
        self._activities: Sequence[Callable[..., Any]] = build_activities(
            Parts(
                database,
                dict.fromkeys(Channel, post),
                links,
                reachability,
                brand,
                moment=lambda: lambda: self._agenda.now,
                webhooks=post,
                secrets=lambda _name: HIDDEN,
            )
        )

    async def live(self, person: Person, since: datetime) -> None:
        """Live a life until now; journeys that go on then wait in the outbox, to be taken on by Temporal.

        Args:
            person: whose.
            since: when they register, wall clock, UTC.
        """
        self._agenda, self._runs, self._person = Agenda(since), {}, person

        def begin(session: Session) -> str:
            customer = acts.register(session, person, self.admission, since).customer
            self._begin(session, customer)
            self._plan(person.acts(REGISTERED), customer.id, "")
            return customer.id

        customer_id = self.database.write_now(begin)
        with quiet():
            while (due := self._agenda.next(self.until)) is not None:
                done = due.do()
                if done is not None:
                    await done
            self.database.write_now(lambda session: self._hand_over(session, customer_id))

    def _begin(self, session: Session, customer: Customer) -> None:
        """Begin the journeys that let them in, and tell the others what happened."""
        session.flush()
        starts = select(EnrollmentRow).join(OutboxItem).where(OutboxItem.kind == "start")
        for row in session.exec(starts.where(EnrollmentRow.customer_id == customer.id)).all():
            row.state, row.started_at = "running", row.enrolled_at
            self._runs[row.id] = VirtualRun(
                self.admission.journeys[row.journey],  # type: ignore[arg-type] # a journey's class
                enrollment_of(row, self.reachability.facts(session, customer)),
                start=self._agenda.now,
                workflow_id=row.workflow_id,
                activities=self._activities,
                agenda=self._agenda,
                portable=self._agenda.now > self.until - self.admission.clock.real(LONGEST),
            )
        carry(session, customer.id, self._runs.get, self.reachability)

    def _sent(self, message_id: str) -> None:
        """A message leaves: it arrives, and they may do something about it."""
        self._at(ARRIVES, lambda: self._arrive(message_id))
        self._follow(message_id)

    def _follow(self, message_id: str) -> None:
        """Plan what somebody will do about a message, or a call about them."""

        def plan(session: Session) -> None:
            message = session.get_one(Message, message_id)
            assert self._person is not None  # noqa: S101 - it is about somebody
            self._plan(self._person.acts(acts.followed(message)), message.customer_id, message.id)

        self.database.read_now(plan)

    def _plan(self, planned: Sequence[Act], customer_id: str, message_id: str) -> None:
        for each in planned:
            self._at(each.delay, partial(self._act, each.does, customer_id, message_id))

    def _at(self, delay: timedelta, do: Callable[[], None]) -> None:
        self._agenda.after(self.admission.clock.real(delay), Rank.OUTSIDE, Due(do))

    def _arrive(self, message_id: str) -> None:
        def transaction(session: Session) -> None:
            message = session.get_one(Message, message_id)
            customer = session.get_one(Customer, message.customer_id)
            acts.deliver(session, message, customer, self.admission, self._agenda.now)
            self._begin(session, customer)

        self.database.write_now(transaction)

    def _act(self, does: Deed, customer_id: str, message_id: str) -> None:
        def transaction(session: Session) -> None:
            assert self._person is not None  # noqa: S101 - somebody does it
            customer = session.get_one(Customer, customer_id)
            message = session.get(Message, message_id) if message_id else None
            now = self._agenda.now
            acts.act(session, does, self._person, customer, message, self.admission, self.reachability, now)
            self._begin(session, customer)

        self.database.write_now(transaction)

    def _hand_over(self, session: Session, customer_id: str) -> None:
        carry(session, customer_id, lambda _enrollment_id: None, self.reachability)
        payloads = DataConverter.default.payload_converter
        for enrollment_id, run in self._runs.items():
            argument = run.leave()
            if isinstance(argument, Enrollment) and argument.memory is not None:
                memory = json.loads(payloads.to_payload(argument.memory).data)
                outbox.push(session, enrollment_id, "start", self.until, payload={"memory": memory})


class _Post:
    """Takes everything, and delivers nothing."""

    name = "simulated"
    deduplication = Deduplication.KEY

    def __init__(self, sent: Callable[[str], None], called: Callable[[str], None]) -> None:
        self._sent, self._called = sent, called

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Take a message."""
        self._sent(delivery.key)
        return Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It remembers nothing."""
        return None

    async def call(self, call: Call) -> Verdict:
        """Take a call."""
        self._called(call.key)
        return Accepted(call.key)
