"""The export: everything we hold about one person, and no secret."""

import json
from typing import Any

from sqlmodel import Session, select

from activities.storage.database import Database
from activities.storage.export import FORMAT, export
from activities.storage.tables import Customer, Voucher
from activities.storage.vouchers import assign, reserve
from tests.activities.storage.rows import NOON, REWARD, add_customer, add_pool
from tests.activities.storage.test_erasure import CANARY, EMAIL_ADDRESS, PHONE, REACHABILITY, person


async def exported(database: Database, customer_id: str) -> dict[str, Any]:
    """The document."""
    return await database.read(
        lambda session: export(session, session.get_one(Customer, customer_id), REACHABILITY, NOON)
    )


async def test_everything_is_in_it(database: Database) -> None:
    """A customer who asks what we hold reads it all: who they are, what was sent, what happened, what they have."""
    mine = await database.write(person)
    document = json.loads(json.dumps(await exported(database, mine)))
    assert document["format"] == FORMAT
    profile = document["profile"]
    assert (profile["customer_id"], profile["id"], profile["email"], profile["phone"]) == (
        mine,
        f"crm-{CANARY}",
        EMAIL_ADDRESS,
        PHONE,
    )
    assert profile["attributes"] == {"pet": CANARY}
    assert [each["channel"] for each in document["consents"]] == ["email"]
    assert [each["source"] for each in document["confirmations"]] == ["confirm page"]
    assert [each["state"] for each in document["enrollments"]] == ["ended", "running"]
    assert [each["kind"] for each in document["timeline"]] == ["profile", "outcome"]
    (message,) = document["messages"]
    assert (message["to"], message["subject"], message["decided_at"]) == (EMAIL_ADDRESS, CANARY, "2027-01-12T12:00:00Z")
    assert [each["amount"] for each in document["points"]] == [50]
    assert [each["field"] for each in document["increases"]] == ["loyalty"]
    assert sorted(each["type"] for each in document["events"]) == ["message.opened", "order.completed"]
    assert sorted(each["kind"] for each in document["callbacks"]) == ["bounced", "received"]
    assert [each["target"] for each in document["links"]] == [f"https://shop.example/sale?for={CANARY}#{CANARY}"]


async def test_the_same_data_give_the_same_document(database: Database) -> None:
    """Two exports can be compared."""
    mine = await database.write(person)
    first, second = [json.dumps(await exported(database, mine)) for _ in range(2)]
    assert first == second


async def test_no_secret_is_in_it(database: Database) -> None:
    """A code that is only kept for a promise, a short link into the profile and hashes are told to nobody."""
    mine = await database.write(person)

    def give(session: Session) -> list[str]:
        add_pool(session, "GIVEN-1", "KEPT-2")
        ended, running = [each["id"] for each in export(session, _row(session), REACHABILITY, NOON)["enrollments"]]
        assign(session, REWARD, ended, "reward", 1, NOON, "Europe/London")
        reserve(session, REWARD, running, NOON, "Europe/London")
        return [voucher.code for voucher in session.exec(select(Voucher).order_by(Voucher.code))]

    def _row(session: Session) -> Customer:
        return session.get_one(Customer, mine)

    assert await database.write(give) == ["GIVEN-1", "KEPT-2"]
    document = await exported(database, mine)
    assert {each["state"]: each["code"] for each in document["vouchers"]} == {"assigned": "GIVEN-1", "reserved": None}
    text = json.dumps(document)
    assert [word for word in ("KEPT-2", f"/profile/{CANARY}", "_hash", "fingerprint") if word in text] == []


async def test_a_bare_customer_has_every_key(database: Database) -> None:
    """Programs that read the document find all its keys, whatever is known."""
    mine, bare = await database.write(person), await database.write(lambda session: add_customer(session).id)
    assert list(await exported(database, bare)) == list(await exported(database, mine))
