"""The simulated customers go on living while the system runs: new ones come, and those inside do what they do."""

import asyncio
import heapq
import itertools
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from sqlmodel import Session, col, select

import workflows
from activities.clock import JourneyClock
from activities.storage import customers
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.ledger import State
from activities.storage.tables import Customer, Message, Simulation
from api.values.numbers import whole
from worker.dev import acts
from worker.dev.population import PREFIX, REGISTERED, Deed, Population

PAUSE = 1.0  # seconds between two looks at what is due
LOOK_BACK = timedelta(days=30)  # nobody does anything later than this after a message


@dataclass(frozen=True, order=True)
class _Planned:
    """What somebody will do; ordered by its time."""

    at: datetime  # journey clock
    order: int
    number: int
    does: Deed
    message_id: str


class Crowd:
    """Lives on while its context is open; does nothing where there is no simulated population.

    Args:
        url: of the system's database; what is written there, its relays carry on.
        population: as declared.
        clock: the journey clock.
        reachability: as the system reads consents.
    """

    def __init__(self, url: str, population: Population, clock: JourneyClock, reachability: Reachability) -> None:
        self._url = url
        self._population = population
        self._admission = Admission(workflows.catalogue(), clock)
        self._reachability = reachability
        self._planned: list[_Planned] = []
        self._numbers = itertools.count()
        self._work: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._work is not None:
            self._work.cancel()
            with suppress(asyncio.CancelledError):
                await self._work

    async def _run(self) -> None:
        database = Database(self._url)
        try:
            state = await database.read(lambda session: session.get(Simulation, 1))
            if state is None:
                return
            await database.read(lambda session: self._look_back(session, state))
            seen = state.lived_until
            await database.write(self._open_doors)
            while True:
                now = datetime.now(UTC)
                until = self._admission.clock.at(now)
                await database.read(lambda session, seen=seen, until=until: self._look(session, seen, until))  # type: ignore[misc] # bound now
                seen = until
                while self._planned and self._planned[0].at <= until:
                    due = heapq.heappop(self._planned)
                    await database.write(lambda session, due=due, now=now: self._act(session, due, now))  # type: ignore[misc] # as above
                await database.write(lambda session, now=now: self._come(session, now))  # type: ignore[misc] # as above
                await asyncio.sleep(PAUSE)
        finally:
            database.close()

    def _open_doors(self, session: Session) -> None:
        """Whoever would have come while nobody was here has gone elsewhere."""
        session.get_one(Simulation, 1).lived_until = self._admission.clock.at(datetime.now(UTC))

    def _look_back(self, session: Session, state: Simulation) -> None:
        """Plan what those who were there before will still do."""
        since = state.lived_until - LOOK_BACK
        known = select(Customer).where(col(Customer.created_at) > self._admission.clock.wall(since))
        for customer in session.exec(known).all():
            if (number := _number(customer)) is not None:
                self._plan(number, REGISTERED, customer.registered_at, "", state.lived_until)
        self._look(session, since, state.lived_until, not_before=state.lived_until)

    def _look(self, session: Session, since: datetime, until: datetime, *, not_before: datetime | None = None) -> None:
        """Plan what follows the messages that went out meanwhile."""
        went = (
            select(Message, Customer)
            .join(Customer, col(Customer.id) == Message.customer_id)
            .where(
                col(Message.first_asked_at) > since - timedelta(days=1),
                col(Message.decided_at) > since,
                col(Message.decided_at) <= until,
                Message.state == State.ACCEPTED,
            )
        )
        for message, customer in session.exec(went).all():
            number = _number(customer)
            if number is not None and message.decided_at is not None:
                self._plan(number, acts.followed(message), message.decided_at, message.id, not_before or since)

    def _plan(self, number: int, after: str, at: datetime, message_id: str, not_before: datetime) -> None:
        for act in self._population.person(number).acts(after):
            if at + act.delay > not_before:
                planned = _Planned(at + act.delay, next(self._numbers), number, act.does, message_id)
                heapq.heappush(self._planned, planned)

    def _act(self, session: Session, due: _Planned, now: datetime) -> None:
        customer = customers.find(session, f"{PREFIX}{due.number}", locked=True)
        if customer is None:  # erased meanwhile
            return
        message = session.get(Message, due.message_id) if due.message_id else None
        person = self._population.person(due.number)
        acts.act(session, due.does, person, customer, message, self._admission, self._reachability, now)

    def _come(self, session: Session, now: datetime) -> None:
        """New ones register, as many as have come in a day so far."""
        state = session.get_one(Simulation, 1, with_for_update=True)
        journey_now = self._admission.clock.at(now)
        due = int((journey_now - state.lived_until) / timedelta(days=1) * state.a_day)
        for _ in range(due):
            person = self._population.person(state.people)
            registered = acts.register(session, person, self._admission, now)
            self._plan(person.number, REGISTERED, registered.customer.registered_at, "", state.lived_until)
            state.people += 1
        state.lived_until += timedelta(days=due / state.a_day)
        session.add(state)


def _number(customer: Customer) -> int | None:
    """Which of them it is; None for everybody else."""
    id_ = customer.external_id or ""
    return whole(id_.removeprefix(PREFIX)) if id_.startswith(PREFIX) else None
