"""One customer in several journeys at once, before gates whose time stands still."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from activities.channels import EMAIL, Channel
from activities.delivery import Accepted, Deduplication, Verdict
from activities.frequency import NO_CAPS, FrequencyCaps
from activities.gate.gate import GateLimits, MessageGate
from activities.gate.webhooks import LedgerWebhookGate
from activities.messages import GateAnswer, SendOrder
from activities.send_window import SendWindow
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.tables import Customer, Message
from activities.storage.timeline_view import entries
from activities.webhooks import Call, WebhookOrder
from tests.activities.gate.desk import WORDING, PlainRenderer
from tests.activities.gate.fakes import Act, FakeProvider
from tests.activities.storage.rows import NOON, add_customer, add_enrollment

WINDOW = SendWindow("09:00", "21:00")


class WillingService:
    """Takes every call."""

    name = "service"

    async def call(self, call: Call) -> Verdict:
        """Accepted."""
        return Accepted(call.key)


class MarketingDesk:
    """The gates over one database.

    Args:
        database: the ledger's.
        caps: how much marketing a customer gets at most.
        consent_by_default: whether silence is consent.
        deduplication: what the provider can do about repeated attempts.
    """

    def __init__(
        self,
        database: Database,
        caps: FrequencyCaps = NO_CAPS,
        *,
        consent_by_default: bool = True,
        deduplication: Deduplication = Deduplication.NONE,
    ) -> None:
        self.database = database
        self.provider = FakeProvider(deduplication)
        self.reachability = Reachability("test-secret", consent_by_default=consent_by_default)
        limits = GateLimits(caps=caps)
        providers = dict.fromkeys(Channel, self.provider)
        self.gate = MessageGate(database, providers, PlainRenderer(), WORDING, self.reachability, limits)
        self.webhooks = LedgerWebhookGate(database, WillingService(), lambda _: None, self.reachability, limits)
        self.now = NOON
        self.customer_id = ""
        self.journeys: list[str] = []

    async def welcome(self, journeys: int = 1, **columns: Any) -> "MarketingDesk":
        """Let a customer into so many journeys."""

        def enter(session: Session) -> tuple[str, list[str]]:
            customer = add_customer(session, **columns)
            return customer.id, [add_enrollment(session, customer).id for _ in range(journeys)]

        self.customer_id, self.journeys = await self.database.write(enter)
        return self

    async def ask(
        self, template: str = "news", channel: Channel = EMAIL, *, journey: int = 0, act: Act = Act.ACCEPT, **more: Any
    ) -> GateAnswer:
        """Ask for a message of a journey; the template's name is the step's."""
        order = SendOrder(
            **{
                "enrollment_id": self.journeys[journey],
                "step": template,
                "visit": 1,
                "seq": await self._seq(journey),
                "channel": channel,
                "template": template,
                "window": WINDOW,
                **more,
            }
        )
        self.provider.act = act
        return await self.gate.send(order, lambda: self.now)

    async def push(self, step: str = "push", *, journey: int = 0, **more: Any) -> GateAnswer:
        """Ask for a marketing call of a journey."""
        order = WebhookOrder(
            self.journeys[journey],
            step,
            1,
            await self._seq(journey),
            url="https://push.example",
            marketing=True,
            **more,
        )
        return await self.webhooks.call(order, lambda: self.now)

    async def change(self, how: Callable[[Session, Customer], object]) -> None:
        """Change what is known of the customer."""
        await self.database.write(lambda session: how(session, session.get_one(Customer, self.customer_id)))

    async def ledger(self) -> Sequence[Message]:
        """The customer's messages and calls."""
        return await self.database.read(lambda session: session.exec(select(Message)).all())

    async def sent_at(self) -> list[datetime]:
        """When the customer's messages were let pass, the oldest first."""
        statement = select(Message.decided_at).where(Message.state == "accepted")
        found = await self.database.read(lambda session: session.exec(statement).all())
        return sorted(at for at in found if at)

    async def timeline(self, journey: int = 0) -> list[dict[str, Any]]:
        """What staff read."""
        return await self.database.read(lambda session: entries(session, self.journeys[journey]))

    async def _seq(self, journey: int) -> int:
        return len(await self.timeline(journey)) + 1
