"""A shop whose provider can be told what to answer, with the gates of two worker processes before it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select
from temporalio.exceptions import ApplicationError

from activities.channels import EMAIL, Channel
from activities.delivery import Accepted, Deduplication, Delivery, Unavailable, Verdict
from activities.gate.gate import MessageGate
from activities.gate.pacing import Pacing, Plan
from activities.messages import GateAnswer, SendOrder
from activities.send_window import SendWindow
from activities.storage import provider_states
from activities.storage.database import Database
from tests.activities.gate.desk import REACHABILITY, SERVICE, WORDING, PlainRenderer
from tests.activities.storage.rows import NOON, add_customer, add_enrollment

WINDOW = SendWindow("09:00", "21:00")
SECOND = timedelta(seconds=1)
DOWN = Unavailable("no connection")


class Company:
    """A provider that answers what it is told to."""

    name = "company"
    deduplication = Deduplication.NONE

    def __init__(self) -> None:
        self.verdict: Verdict | None = None
        self.asked: list[Delivery] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None  # happens once, while it is asked

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Answer."""
        self.asked.append(delivery)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return self.verdict or Accepted(delivery.key)

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 - the contract's signature
        """It cannot tell."""
        return None


class Shop:
    """Customers before gates that share a database and a provider, as those of two worker processes do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.company = Company()
        self.now = NOON
        self.gates = [self.gate(), self.gate()]

    def gate(self, **plan: Any) -> MessageGate:
        """The gate of one more process."""
        pacing = Pacing({"company": Plan(**plan)} if plan else {})
        providers = dict.fromkeys(Channel, self.company)
        return MessageGate(self.database, providers, PlainRenderer(), WORDING, REACHABILITY, pacing=pacing)

    async def orders(self, number: int, template: str = "hello", spread_seconds: int = 900) -> list[SendOrder]:
        """Messages to as many customers."""

        def enter(session: Session) -> list[str]:
            found = []
            for each in range(number):
                customer = add_customer(session, email=f"ada{each}@example.com", phone=None)
                found.append(add_enrollment(session, customer, spread_seconds=spread_seconds).id)
            return found

        window = None if template == SERVICE else WINDOW
        return [SendOrder(each, template, 1, 1, EMAIL, template, window) for each in await self.database.write(enter)]

    async def ask(self, order: SendOrder, gate: int = 0) -> GateAnswer:
        """Ask one of the gates."""
        return await self.gates[gate].send(order, lambda: self.now)

    async def fail(self, orders: list[SendOrder], verdict: Verdict = DOWN) -> None:
        """Have each message fail, so that Temporal is to ask again."""
        self.company.verdict = verdict
        for order in orders:
            with pytest.raises(ApplicationError):
                await self.ask(order)

    async def fall_over(self, orders: list[SendOrder]) -> None:
        """Have each of five messages fail, so that the provider is left alone."""
        *first, last = orders
        await self.fail(first)
        await self.ask(last)

    async def rows(self, table: type[Any]) -> list[Any]:
        """The rows of a table."""
        return await self.database.read(lambda session: list(session.exec(select(table))))

    async def resume(self) -> None:
        """What staff do."""
        await self.database.write(lambda session: provider_states.resume(session, "company", self.now))
