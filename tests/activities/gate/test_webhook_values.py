"""What a call says: every value arrives as it is, and only declared places take secrets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from activities.gate.webhook_values import values_of, with_secrets, without_secrets
from activities.storage.database import Database
from activities.storage.enrolled import locked
from activities.webhooks import FROM, HIDDEN, NAMES, PREFIX, SECRET, WebhookOrder
from tests.activities.storage.rows import BIRTHDAY, NOON, add_customer, add_enrollment

TEXTS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS | st.sampled_from((FROM, SECRET, PREFIX)), inner),
    max_leaves=8,
)
DECLARED = {"a": [{FROM: "event.x"}, {"b": {SECRET: "TOKEN", PREFIX: "Bearer "}}], "c": {FROM: "event.x"}, "d": 1}


@given(JSON)
def test_any_value_arrives_as_that_value(value: Any) -> None:
    """Whatever a customer is called and an event brings, the service reads just that, and secrets only where we say."""
    shown = without_secrets(DECLARED, lambda _name: value)
    assert shown == {"a": [value, {"b": f"Bearer {HIDDEN}"}], "c": value, "d": 1}
    said = json.loads(json.dumps(with_secrets(DECLARED, json.loads(json.dumps(shown)), lambda _name: "s3")))
    assert said == {"a": [value, {"b": "Bearer s3"}], "c": value, "d": 1}


async def test_every_name_that_a_journey_may_use_has_a_value(sqlite_database: Database) -> None:
    """A developer who uses a name of the list gets the customer's value for it, and never an error when it goes."""

    def transaction(session: Session) -> dict[str, Any]:
        customer = add_customer(
            session,
            external_id="c1",
            last_name="Byron",
            date_of_birth=BIRTHDAY,
            country="GB",
            locale="en-GB",
            attributes={"shoe": 39},
        )
        entered = add_enrollment(session, customer, id="enr_1", trigger_properties={"total": 12.5})
        order = WebhookOrder(entered.id, "s", 1, 1, "mailbox:", template="hello")
        look_up = values_of(session, order, *locked(session, entered.id))
        return {name: look_up(name) for name in (*NAMES, "attributes.shoe", "attributes.hat", "event.total", "event.x")}

    assert await sqlite_database.write(transaction) == {
        "customer_id": "c1",
        "first_name": "Ada",
        "last_name": "Byron",
        "email": "ada@example.com",
        "phone": "+447700900123",
        "date_of_birth": BIRTHDAY.isoformat(),
        "country": "GB",
        "locale": "en-GB",
        "voucher.code": None,
        "voucher.valid_until": None,
        "points.issued": 0,
        "points.balance": 0,
        "template": "hello",
        "occurred_at": NOON.isoformat().replace("+00:00", "Z"),
        "enrollment_id": "enr_1",
        "attributes.shoe": 39,
        "attributes.hat": None,
        "event.total": 12.5,
        "event.x": None,
    }


async def test_a_customer_without_an_id_of_the_clients_has_ours(sqlite_database: Database) -> None:
    """The client can always tell whom a call is about."""

    def transaction(session: Session) -> tuple[Any, str]:
        customer = add_customer(session)
        entered = add_enrollment(session, customer)
        look_up = values_of(session, WebhookOrder(entered.id, "s", 1, 1, ""), entered, customer)
        with pytest.raises(LookupError):
            look_up("shoe_size")
        return look_up("customer_id"), customer.id

    told, ours = await sqlite_database.write(transaction)
    assert told == ours
