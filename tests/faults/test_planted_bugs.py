"""The suite is worth something: with a protection switched off, the check that stands for it fails."""

import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlmodel
from sqlmodel import Session
from standardwebhooks import Webhook

from activities.callbacks import CallbackRefusedError, Incoming, Kind
from activities.channels import EMAIL
from activities.delivery import Verdict
from activities.gate.gate import MessageGate
from activities.messages import Result, SendOrder
from activities.providers.callbacks import parsers
from activities.providers.callbacks.standard_webhooks import SignedHooks
from activities.providers.http_calls import Answer, HttpApi
from activities.send_window import SendWindow
from activities.storage import idempotency, ledger, message_reports, outbox, vouchers
from activities.storage.database import Database
from activities.storage.designs import standard_design
from activities.storage.facts import Reachability
from activities.storage.idempotency import Scope, StoredAnswer
from activities.storage.tables import Message
from tests.activities.gate.desk import REACHABILITY, plain_gate
from tests.activities.gate.fakes import FakeProvider
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.email_drivers import driver
from tests.activities.storage.rows import NOON, add_customer, add_enrollment
from tests.fake_providers import FakeProviders
from worker.fake_providers.resend import CALLBACK_SECRET, WRONG_SECRET

ORDER = SendOrder("", "reminder", 1, 1, EMAIL, "reminder")
NIGHT = NOON + timedelta(hours=11)


@dataclass
class Bench:
    """What checks work with."""

    database: Database
    fakes: FakeProviders

    async def enter(self) -> str:
        """A customer in a journey; the enrollment's id."""
        return await self.database.write(lambda session: add_enrollment(session, add_customer(session)).id)


Check = Callable[[Bench], Awaitable[None]]
Plant = Callable[[pytest.MonkeyPatch], None]


async def _once(bench: Bench) -> None:
    """Temporal asks again for a message whose answer it has not heard."""
    provider, order = FakeProvider(), replace(ORDER, enrollment_id=await bench.enter())
    for attempt in range(5):
        await plain_gate(bench.database, provider).send(replace(order, seq=attempt + 1), lambda: NOON)
    assert len(provider.accepted) == 1


async def _in_the_window(bench: Bench) -> None:
    """A message was asked for by day, and comes before the gate at night."""
    provider = FakeProvider()
    order = replace(ORDER, enrollment_id=await bench.enter(), window=SendWindow("09:00", "21:00"))
    answer = await plain_gate(bench.database, provider).send(order, lambda: NIGHT)
    assert (answer.result, provider.accepted) == (Result.DEFERRED, [])


async def _never_to_the_suppressed(bench: Bench) -> None:
    """An address has complained."""
    provider, order = FakeProvider(), replace(ORDER, enrollment_id=await bench.enter())
    await bench.database.write(
        lambda session: REACHABILITY.suppress(session, EMAIL, "ada@example.com", "complained", NOON)
    )
    await plain_gate(bench.database, provider).send(order, lambda: NOON)
    assert provider.accepted == []


async def _signed(_: Bench) -> None:
    """A stranger tells of a bounce."""
    now, body = datetime.now(UTC), '{"type": "email.bounced", "data": {"email_id": "1", "tags": {}}}'
    headers = {"svix-id": "1", "svix-timestamp": str(int(now.timestamp()))}
    headers["svix-signature"] = Webhook(WRONG_SECRET).sign("1", now, body)
    parser = parsers({"resend": [CALLBACK_SECRET]})["resend"]
    try:
        parser.parse(Incoming(body.encode(), headers, "https://hello.example/v1/hooks/resend", now))
    except CallbackRefusedError:
        return
    raise AssertionError("a forged callback was taken")


async def _keyed(bench: Bench) -> None:
    """A provider that keeps keys gets a message whose answer was lost again."""
    await bench.fakes.script("resend", {"do": "reset", "processed": True})
    async with driver("resend", bench.fakes) as provider:
        for _ in range(2):
            await provider.deliver(an_email())
    assert len(await bench.fakes.sent("resend")) == 1


async def _in_time(bench: Bench) -> None:
    """A worker wakes when the time to write is over."""
    async with driver("sendgrid", bench.fakes) as provider:
        await provider.deliver(an_email(seconds=-1))
    assert await bench.fakes.journal("sendgrid") == []


async def _start_first(bench: Bench) -> None:
    """A journey is not started yet, and there is news for it."""
    enrollment_id = await bench.enter()

    def push(session: Session) -> None:
        for kind in ("start", "facts", "cancel"):
            outbox.push(session, enrollment_id, kind, NOON)

    await bench.database.write(push)
    claimed = await bench.database.write(lambda session: outbox.claim(session, NOON, limit=10))
    assert [item.kind for item in claimed] == ["start"]


async def _leased(bench: Bench) -> None:
    """Two relays look at the same moment."""
    enrollment_id = await bench.enter()
    await bench.database.write(lambda session: outbox.push(session, enrollment_id, "start", NOON))
    found = [await bench.database.write(lambda session: outbox.claim(session, NOON, limit=10)) for _ in range(2)]
    assert [len(each) for each in found] == [1, 0]


async def _same_answer(bench: Bench) -> None:
    """A client repeats a request with its key."""
    scope = Scope("key", "POST /v1/registrations", "k1")

    def request(session: Session) -> StoredAnswer | None:
        known = idempotency.claim(session, scope, "fingerprint", NOON)
        if known is None:
            idempotency.keep(session, scope, StoredAnswer(202, {}))
        return known

    assert await bench.database.write(request) is None
    assert await bench.database.write(request) == StoredAnswer(202, {})


async def _one_code_each(bench: Bench) -> None:
    """A code is assigned twice for the same step."""
    enrollment_id = await bench.enter()

    def load(session: Session) -> None:
        vouchers.load(session, standard_design("profile-reward"), ["ONE", "TWO"])

    def assign(session: Session) -> str:
        given = vouchers.assign(session, "profile-reward", enrollment_id, "voucher", 1, NOON, "UTC")
        assert given is not None
        return given.code

    await bench.database.write(load)
    assert len({await bench.database.write(assign) for _ in range(2)}) == 1


async def _monotone(_: Bench) -> None:
    """A provider's reports come in the wrong order."""
    for reports in itertools.permutations((Kind.SENT, Kind.DELIVERED, Kind.BOUNCED)):
        status = ""
        for each in reports:
            status = message_reports.merged_status(status, each)
        assert status == Kind.BOUNCED


def _no_claim(patch: pytest.MonkeyPatch) -> None:
    """Each attempt has a row of its own."""
    slot_of, claim = ledger.slot_of, MessageGate._claim

    def own_row(self: MessageGate, case: Any) -> Message:
        row = claim(self, case)
        row.visit = case.order.seq
        return row

    patch.setattr(ledger, "slot_of", lambda order: slot_of(order) | {"visit": order.seq})
    patch.setattr(MessageGate, "_claim", own_row)


def _no_window(patch: pytest.MonkeyPatch) -> None:
    """The gate relies on the journey to have waited."""
    patch.setattr(SendWindow, "next_open", lambda _self, at, _zone: at)
    patch.setattr(MessageGate, "_closes", lambda _self, _case: None)


def _no_suppression(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks into the list of addresses that complained."""
    standing = Reachability._standing
    patch.setattr(Reachability, "_standing", lambda *given: (standing(*given)[0], {}))


def _no_signature_check(patch: pytest.MonkeyPatch) -> None:
    """Whoever sets the headers is believed."""
    patch.setattr(SignedHooks, "check", lambda _self, incoming: incoming.headers["svix-id"])


def _no_key(patch: pytest.MonkeyPatch) -> None:
    """Our key is left out of the call."""
    call = HttpApi.call

    async def without_key(self: HttpApi, *given: Any, headers: Mapping[str, str], **named: Any) -> Answer | Verdict:
        kept = {name: value for name, value in headers.items() if name.lower() != "idempotency-key"}
        return await call(self, *given, headers=kept, **named)

    patch.setattr(HttpApi, "call", without_key)


def _no_deadline(patch: pytest.MonkeyPatch) -> None:
    """A driver writes whenever it wakes."""
    call = HttpApi.call

    async def at_leisure(self: HttpApi, *given: Any, deadline: float, **named: Any) -> Answer | Verdict:
        return await call(self, *given, deadline=deadline + 60, **named)

    patch.setattr(HttpApi, "call", at_leisure)


def _no_order(patch: pytest.MonkeyPatch) -> None:
    """The outbox hands out whatever is due."""
    patch.setattr(outbox, "exists", lambda: sqlmodel.exists().where(sqlmodel.false()))


def _no_lease(patch: pytest.MonkeyPatch) -> None:
    """What one relay has taken on, another may take, too."""
    patch.setattr(outbox, "LEASE", timedelta(0))


def _no_idempotency(patch: pytest.MonkeyPatch) -> None:
    """A key is no reason not to do the work again."""
    patch.setattr(idempotency, "RETENTION", timedelta(0))


def _no_reservation(patch: pytest.MonkeyPatch) -> None:
    """A step that asks again gets another code."""
    assign, visits = vouchers.assign, itertools.count(2)

    def anew(session: Session, design: str, enrollment_id: str, step: str, _visit: int, *given: Any) -> Any:
        return assign(session, design, enrollment_id, step, next(visits), *given)

    patch.setattr(vouchers, "assign", anew)


def _no_ranks(patch: pytest.MonkeyPatch) -> None:
    """The last report wins."""
    patch.setattr(message_reports, "merged_status", lambda _known, news: news.value)


PROTECTIONS: Mapping[str, tuple[Check, Plant]] = {
    "the claim before the call": (_once, _no_claim),
    "the window at the gate": (_in_the_window, _no_window),
    "the suppression list": (_never_to_the_suppressed, _no_suppression),
    "the signature of callbacks": (_signed, _no_signature_check),
    "the provider's key": (_keyed, _no_key),
    "the deadline of a call": (_in_time, _no_deadline),
    "the order of the outbox": (_start_first, _no_order),
    "the lease of the outbox": (_leased, _no_lease),
    "the Idempotency-Key": (_same_answer, _no_idempotency),
    "one code for one step": (_one_code_each, _no_reservation),
    "the order of reports": (_monotone, _no_ranks),
}


@pytest.mark.parametrize("protection", PROTECTIONS)
async def test_a_protection_that_is_switched_off_is_missed(
    protection: str, migrated_file: Path, tmp_path: Path, fakes: FakeProviders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check holds; a developer who takes the protection away is told."""
    check, plant = PROTECTIONS[protection]
    async with _bench(migrated_file, tmp_path / "with.db", fakes) as bench:
        await check(bench)
    await fakes.clear()
    plant(monkeypatch)
    async with _bench(migrated_file, tmp_path / "without.db", fakes) as bench:
        with pytest.raises(AssertionError):
            await check(bench)


@asynccontextmanager
async def _bench(migrated: Path, path: Path, fakes: FakeProviders) -> AsyncIterator[Bench]:
    database = Database(f"sqlite:///{shutil.copy(migrated, path)}")
    try:
        yield Bench(database, fakes)
    finally:
        database.close()
