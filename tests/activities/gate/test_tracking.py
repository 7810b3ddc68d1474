"""Which emails carry traces: none, unless the shop turns them on."""

from datetime import timedelta

import pytest
from sqlmodel import select

from activities.channels import EMAIL, SMS, Channel
from activities.gate.gate import MessageGate
from activities.gate.tracking import Tracking
from activities.messages import SendOrder
from activities.storage.database import Database
from activities.storage.tables import Message, TrackedLink
from tests.activities.gate.desk import REACHABILITY, RENDERER, WORDING
from tests.activities.gate.fakes import FakeProvider
from tests.activities.storage.rows import NOON, enrolled

OPEN_TRACE, CLICK_TRACE = "https://hello.example/o/", "https://hello.example/c/"


async def sent(database: Database, channel: Channel, *, opens: bool, clicks: bool) -> Message:
    """A message that asks to confirm, through a gate that traces."""
    mine = await database.write(enrolled)
    tracking = Tracking(WORDING.links, opens=opens, clicks=clicks)
    providers = dict.fromkeys(Channel, FakeProvider())
    gate = MessageGate(database, providers, RENDERER, WORDING, REACHABILITY, tracking=tracking)
    template = "welcome" if channel is EMAIL else "confirm-reminder"
    week = timedelta(days=7).total_seconds()
    await gate.send(SendOrder(mine, "welcome", 1, 1, channel, template, confirm_seconds=week), lambda: NOON)
    return await database.read(lambda session: session.exec(select(Message).where(Message.enrollment_id == mine)).one())


async def test_without_a_setting_nothing_is_traced(database: Database) -> None:
    """A shop that has turned nothing on sends emails without a pixel, and with links that lead where they say."""
    message = await sent(database, EMAIL, opens=False, clicks=False)
    assert OPEN_TRACE not in message.html
    assert CLICK_TRACE not in message.html
    assert await database.read(lambda session: session.exec(select(TrackedLink)).all()) == []


async def test_what_a_customer_acts_with_is_never_wrapped(database: Database) -> None:
    """With all traces on, the links to confirm, choose and leave stay as they are, and the text part has none."""
    message = await sent(database, EMAIL, opens=True, clicks=True)
    assert message.html.count(OPEN_TRACE) == 1
    for page in ("confirm", "unsubscribe", "preferences"):
        assert f'href="https://hello.example/{page}/' in message.html
    assert "/o/" not in message.text
    assert "/c/" not in message.text
    targets = await database.read(lambda session: session.exec(select(TrackedLink.target)).all())
    assert all(target.startswith("https://www.hearthmoor.example") for target in targets)


@pytest.mark.parametrize("opens", [True, False])
async def test_texts_carry_no_traces(database: Database, opens: bool) -> None:
    """A text message has room for one link, and that one is the customer's."""
    message = await sent(database, SMS, opens=opens, clicks=True)
    assert message.html == ""
    assert "/c/" not in message.text
