"""What follows an erasure: copies in the mailbox go, late ones too, and it is complete only when all is gone."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session
from temporalio.testing import WorkflowEnvironment

from activities.delivery import Deduplication, Delivery, Verdict
from activities.providers.mailbox import Mailbox, forget
from activities.storage import customers, erasure
from activities.storage.tables import Enrollment, Erasure
from tests.system import until
from tests.workflows.entered import Entered, Postbox, entered
from worker.erasures import Erasures


class SlowMailbox(Postbox):
    """A mailbox whose messages are on their way until the box is opened."""

    name = "mailbox"

    def __init__(self, folder: Path) -> None:
        super().__init__(Deduplication.KEY)
        self._mailbox = Mailbox(folder)

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Keep the message once the box is open."""
        self.delivered.append(delivery)
        await self.open.wait()
        return await self._mailbox.deliver(delivery)


def erase(customer: Entered) -> str:
    """Erase the customer, as the API does; their id."""
    system, now = customer.system, datetime.now(UTC)

    def transaction(session: Session) -> str:
        mine = session.get_one(Enrollment, customer.id).customer_id
        row = customers.find(session, mine, locked=True)
        assert row is not None
        erasure.erase(session, row, system.parts.reachability, source="api", now=now, journey_now=system.clock.at(now))
        return mine

    return system.database.write_now(transaction)


def record(customer: Entered, id_: str) -> Erasure:
    """What is on record."""
    return customer.system.database.read_now(lambda session: session.get_one(Erasure, id_))


async def test_the_mailbox_forgets_and_the_journey_ends(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """After an erasure no copy of a message is left, the journey ends as erased, and the record says it is all done."""
    folder = tmp_path / "mail"
    async with entered(server, tmp_path, postbox=SlowMailbox(folder)) as customer:
        await customer.forward(days=4)
        assert len(list(folder.glob("*.eml"))) == 1
        theirs = folder / "20270101T000000Z-email-msg_other.eml"
        theirs.write_text("somebody else's")
        mine, chore = erase(customer), Erasures(customer.system.database, folder)
        assert await chore.turn() == 0  # the journey has not heard of it
        assert list(folder.glob("*.eml")) == [theirs]
        await customer.system.carry()
        await customer.end()
        assert customer.ended_as == ("erased", "")
        assert customer.codes("reserved") == []
        assert await chore.turn() == 1
        assert record(customer, mine).cleared_at is not None
        assert await chore.turn() == 0


async def test_a_message_that_was_leaving_is_not_lost_sight_of(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A message on its way while its customer is erased arrives, is counted as sent, and its copy goes as well."""
    folder, postbox = tmp_path / "mail", SlowMailbox(tmp_path / "mail")
    postbox.open.clear()
    async with entered(server, tmp_path, postbox=postbox) as customer:
        leaving = asyncio.create_task(customer.forward(days=4))
        await until(lambda: bool(postbox.delivered), what="the message to leave")
        mine, chore = erase(customer), Erasures(customer.system.database, folder)
        assert await chore.turn() == 0
        postbox.open.set()
        await leaving
        await customer.system.carry()
        await customer.end()
        assert customer.ended_as == ("erased", "")
        assert await chore.turn() == 1
        assert list(folder.iterdir()) == []
        (message,) = customer.ledger()
        assert (message.state, message.to, message.subject, message.html, message.text) == ("accepted", "", "", "", "")
        assert record(customer, mine).cleared_at is not None


def test_calls_in_the_mailbox_go_too(tmp_path: Path) -> None:
    """What a journey told another system stays in the mailbox no longer than its messages."""
    call = tmp_path / "20270101T000000Z-webhook-msg_1.json"
    call.write_text("{}")
    forget(tmp_path, {"msg_1"})
    assert list(tmp_path.iterdir()) == []
    forget(tmp_path / "nowhere", {"msg_1"})
