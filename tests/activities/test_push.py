"""Push as a channel: reached under a token, left like any other, worded in a template, delivered by FCM."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from activities.channels import EMAIL, PUSH, SMS, Channel, MessageClass
from activities.facts import Facts
from activities.gate.gate import MessageGate
from activities.messages import Result, SendOrder
from activities.send_window import SendWindow
from activities.storage import customers
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.tables import Customer
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from tests.activities.gate.desk import REACHABILITY, WORDING, plain_gate
from tests.activities.gate.fakes import Act, FakeProvider
from tests.activities.providers.phone_drivers import driver
from tests.activities.storage.rows import NOON, add_customer, add_enrollment
from tests.fake_providers import FakeProviders

TOKEN = {"push_token": "a-token-of-the-app:APA91b"}


async def facts_of(database: Database, attributes: dict[str, Any], *left: Channel) -> Facts:
    """What journeys know of a customer with these attributes who has left those channels."""

    def transaction(session: Session) -> Facts:
        customer = add_customer(session, attributes=attributes)
        for channel in left:
            customers.decide(session, customer, channel.value, given=False, source="test", now=NOON)
        session.flush()
        return Reachability("test-secret").facts(session, customer)

    return await database.write(transaction)


@pytest.mark.parametrize(
    ("attributes", "left", "reachable", "opted_out"),
    [
        (TOKEN, (), (EMAIL, SMS, PUSH), False),
        ({}, (), (EMAIL, SMS), False),
        ({"push_token": ""}, (), (EMAIL, SMS), False),
        ({"push_token": 7}, (), (EMAIL, SMS), False),
        (TOKEN, (PUSH,), (EMAIL, SMS), False),
        (TOKEN, (EMAIL, SMS), (PUSH,), False),
        (TOKEN, (EMAIL, SMS, PUSH), (), True),
    ],
)
async def test_who_has_a_token_can_be_pushed(
    attributes: dict[str, Any],
    left: tuple[Channel, ...],
    reachable: tuple[Channel, ...],
    opted_out: bool,
    sqlite_database: Database,
) -> None:
    """A customer whose app told us its token is reachable there until they leave; with the last channel they left."""
    facts = await facts_of(sqlite_database, attributes, *left)
    assert (facts.reachable, facts.opted_out) == (reachable, opted_out)


def test_a_push_template_has_a_title_and_words(tmp_path: Path) -> None:
    """The first line is the title; a customer's name cannot make a second one."""
    (tmp_path / "hello.push.txt").write_text("Hello {{ first_name }}\nYour account is\nnearly complete.\n")
    renderer = JinjaRenderer(Brand(), [tmp_path])
    assert renderer.names()["hello"] == {PUSH}
    assert renderer.message_class("hello", PUSH) is MessageClass.MARKETING
    rendered = renderer.render("hello", PUSH, {"first_name": "Ada"})
    assert (rendered.subject, rendered.html) == ("Hello Ada", "")
    assert rendered.text == "Your account is\nnearly complete."


def order_for(enrollment_id: str, **changes: Any) -> SendOrder:
    """A push that a journey sends."""
    values: dict[str, Any] = {
        "enrollment_id": enrollment_id,
        "step": "push",
        "visit": 1,
        "seq": 1,
        "channel": PUSH,
        "template": "complete-your-account",
        **changes,
    }
    return SendOrder(**values)


async def enrolled(database: Database) -> tuple[str, str]:
    """An enrollment and the customer in it, who has a token."""

    def transaction(session: Session) -> tuple[str, str]:
        customer = add_customer(session, attributes=dict(TOKEN))
        return add_enrollment(session, customer).id, customer.id

    return await database.write(transaction)


async def test_a_push_goes_through_the_gate_to_the_phone(sqlite_database: Database, fakes: FakeProviders) -> None:
    """Claimed, sent by FCM under the token, and settled, as an email is."""
    enrollment_id, _ = await enrolled(sqlite_database)
    async with driver("fcm", fakes) as fcm:
        gate = MessageGate(
            sqlite_database, {PUSH: fcm}, plain_gate(sqlite_database, FakeProvider())._renderer, WORDING, REACHABILITY
        )
        answer = await gate.send(order_for(enrollment_id), lambda: NOON)
        again = await gate.send(order_for(enrollment_id), lambda: NOON)
    assert (answer.result, again.message_id) == (Result.SENT, answer.message_id)
    [sent] = await fakes.sent("fcm")
    assert (sent["sending"]["key"], sent["sending"]["recipient"]) == (answer.message_id, TOKEN["push_token"])


async def test_a_token_that_is_gone_is_not_used_again(sqlite_database: Database) -> None:
    """After the app was removed nothing is pushed there; a new token of the app is another address."""
    enrollment_id, customer_id = await enrolled(sqlite_database)
    gate = plain_gate(sqlite_database, FakeProvider(act=Act.REFUSE_ADDRESS))
    answer = await gate.send(order_for(enrollment_id), lambda: NOON)
    assert answer.result is Result.FAILED
    assert PUSH not in answer.facts.reachable

    def renewed(session: Session) -> Facts:
        customer = session.get_one(Customer, customer_id)
        customer.attributes = {"push_token": "another-token"}
        session.add(customer)
        session.flush()
        return REACHABILITY.facts(session, customer)

    assert PUSH in (await sqlite_database.write(renewed)).reachable


async def test_a_push_keeps_to_the_window(sqlite_database: Database) -> None:
    """No phone rings at night, and FCM is told when the customer's day ends."""
    enrollment_id, _ = await enrolled(sqlite_database)
    provider = FakeProvider()
    window = SendWindow("09:00", "21:00")
    gate = plain_gate(sqlite_database, provider)
    night = NOON + timedelta(hours=12)
    assert (await gate.send(order_for(enrollment_id, window=window), lambda: night)).result is Result.DEFERRED
    assert (await gate.send(order_for(enrollment_id, window=window), lambda: NOON)).result is Result.SENT
    [delivery] = provider.accepted
    assert delivery.not_after == NOON + timedelta(hours=9)
