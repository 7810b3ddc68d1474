"""The gate of webhooks, over a real database and a real HTTP server: once, on time, and no secret left behind."""

import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError

from activities.delivery import Ambiguous, Verdict
from activities.facts import Hold
from activities.gate.webhooks import LedgerWebhookGate
from activities.messages import GateAnswer, Result
from activities.providers.webhook_calls import WebhookCalls
from activities.rewards import RewardOrder
from activities.send_window import SendWindow
from activities.storage import customers, enrollments, vouchers
from activities.storage.database import Database
from activities.storage.enrolled import end, set_hold
from activities.storage.rewards import DatabaseRewards
from activities.storage.tables import Customer, Enrollment, Message, TimelineEntry
from activities.storage.timeline_view import entries
from activities.webhooks import FROM, PREFIX, SECRET, Call, WebhookOrder
from tests.activities.gate.desk import REACHABILITY
from tests.activities.gate.fakes import Death
from tests.activities.providers.http_server import HttpServer, an_answer, an_http_server
from tests.activities.storage.rows import NOON, REWARD, add_customer, add_enrollment, add_pool

TOKEN = "canary-token-91c2"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {"PUSH_TOKEN": TOKEN, "SIGNING": SIGNING}
WINDOW = SendWindow("09:00", "21:00")
BODY = {
    "who": {FROM: "customer_id"},
    "names": [{FROM: "first_name"}, {FROM: "last_name"}],
    "order": {FROM: "event.orderId"},
    "token": {SECRET: "PUSH_TOKEN", PREFIX: ""},
    "fixed": 1,
}


def nobody_knows(_name: str) -> None:
    """No secret is set."""


class Desk:
    """One customer, one gate and one service, which time passes by only when told."""

    def __init__(self, database: Database, service: HttpServer) -> None:
        self.database = database
        self.service = service
        self.calls = WebhookCalls(allow_private=True)
        self.gate = LedgerWebhookGate(database, self.calls, SECRETS.get, REACHABILITY)
        self.now = NOON
        self.seq = 0
        self.enrollment_id = ""
        self.customer_id = ""

    async def welcome(self) -> "Desk":
        """Let a customer in, by an order of theirs."""

        def enter(session: Session) -> tuple[str, str]:
            customer = add_customer(session, external_id="c1", attributes={"shoe": 39})
            bought = {"orderId": "o-7", "trap": {SECRET: "PUSH_TOKEN", PREFIX: ""}}
            return customer.id, add_enrollment(session, customer, trigger_properties=bought).id

        self.customer_id, self.enrollment_id = await self.database.write(enter)
        return self

    def order(self, **more: Any) -> WebhookOrder:
        """A call of this customer's journey."""
        self.seq += 1
        wanted = WebhookOrder(
            self.enrollment_id,
            "webhook-push",
            1,
            self.seq,
            url=f"http://127.0.0.1:{self.service.port}/push",
            headers={"Authorization": {SECRET: "PUSH_TOKEN", PREFIX: "Bearer "}, "X-Shop": "hearth"},
            body=BODY,
        )
        return replace(wanted, **more)

    async def ask(self, order: WebhookOrder | None = None) -> GateAnswer:
        """Ask the gate."""
        return await self.gate.call(order or self.order(), lambda: self.now)

    async def change(self, how: Callable[[Session, Customer, Enrollment], object]) -> None:
        """Change the customer's rows."""

        def transaction(session: Session) -> None:
            rows = session.get_one(Customer, self.customer_id), session.get_one(Enrollment, self.enrollment_id)
            how(session, *rows)
            session.add_all(rows)

        await self.database.write(transaction)

    async def timeline(self) -> list[dict[str, Any]]:
        """What staff read."""
        return await self.database.read(lambda session: entries(session, self.enrollment_id))

    async def row(self) -> Message:
        """The one row of the ledger."""
        return await self.database.read(lambda session: session.exec(select(Message)).one())


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """A customer before the gate, at noon, and a service that takes every call."""
    async with an_http_server() as service:
        made = await Desk(database, service).welcome()
        yield made
        await made.calls.aclose()


async def test_a_call_is_made_once_however_often_it_is_asked_for(desk: Desk) -> None:
    """The service hears once, with everything in its place, and the journey the same answer five times."""
    order = desk.order()
    answers = [await desk.ask(order) for _ in range(5)]
    assert {(answer.result, answer.message_id) for answer in answers} == {(Result.SENT, answers[0].message_id)}
    (call,) = desk.service.calls
    assert call.json() == {"who": "c1", "names": ["Ada", None], "order": "o-7", "token": TOKEN, "fixed": 1}
    assert (call.headers["authorization"], call.headers["x-shop"]) == (f"Bearer {TOKEN}", "hearth")
    assert call.headers["webhook-id"] == call.headers["idempotency-key"] == answers[0].message_id
    assert "webhook-signature" not in call.headers
    (entry,) = await desk.timeline()
    assert (entry["kind"], entry["step"], entry["result"]) == ("webhook", "webhook-push", "sent")
    assert entry["url"] == order.url
    assert (await desk.row()).journey == "data-collection-voucher"  # by which staff filter all messages
    assert entry["headers"] == {"Authorization": "Bearer ***", "X-Shop": "hearth"}
    assert entry["body"] == {"who": "c1", "names": ["Ada", None], "order": "o-7", "token": "***", "fixed": 1}


async def test_the_service_can_tell_that_it_is_us(desk: Desk) -> None:
    """A signed call is one that any Standard Webhooks library accepts, over the very bytes that came."""
    await desk.ask(desk.order(signed_with="SIGNING"))
    (call,) = desk.service.calls
    assert Webhook(SIGNING).verify(call.body, call.headers) == call.json()
    (entry,) = await desk.timeline()
    assert entry["headers"]["webhook-signature"] == "***"


async def test_no_secret_is_left_behind(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads tables, timeline, answers or logs finds neither token nor signing secret, in good times and bad."""
    caplog.set_level(logging.DEBUG)
    told: list[object] = [await desk.ask(desk.order(signed_with="SIGNING"))]
    desk.service.answer = an_answer(202, json.dumps({"id": f"quoting {TOKEN}"}).encode())
    told.append(await desk.ask(desk.order(visit=2, step="webhook-push#2")))
    for number, answer in enumerate((an_answer(422, TOKEN.encode()), an_answer(429), an_answer(500), None), 3):
        desk.service.answer = answer
        try:
            told.append(await desk.ask(desk.order(visit=number, step=f"webhook-push#{number}", signed_with="SIGNING")))
        except ApplicationError as error:
            told.append(error)
    assert len(desk.service.calls) == 6
    tables = ("messages", "timeline", "enrollments", "customers", "outbox", "inbox")
    rows = await desk.database.read(
        lambda session: [str(row) for name in tables for row in session.execute(text(f"SELECT * FROM {name}"))]  # noqa: S608 - names of ours
    )
    seen = "\n".join([*rows, *map(repr, told), caplog.text, str(await desk.timeline())])
    assert "Bearer ***" in seen
    for secret in (TOKEN, SIGNING, SIGNING.removeprefix("whsec_")):
        assert secret not in seen


async def test_an_event_cannot_ask_for_a_secret(desk: Desk) -> None:
    """Whoever posts events cannot make a property that is taken for one of our secrets."""
    await desk.ask(desk.order(body={"said": {FROM: "event.trap"}}))
    assert desk.service.calls[0].json() == {"said": {SECRET: "PUSH_TOKEN", PREFIX: ""}}


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (lambda _s, c, _e: setattr(c, "erased_at", NOON), ("erased", True, "")),
        (lambda s, _c, e: enrollments.cancel(s, e, "by phone", NOON), ("cancelled", True, "by phone")),
        (lambda s, _c, e: end(s, e, "terminated", "by Bea", NOON), ("terminated", True, "by Bea")),
    ],
    ids=["erased", "cancelled", "ended"],
)
async def test_nobody_is_told_of_a_customer_who_has_left(
    desk: Desk, before: Callable[[Session, Customer, Enrollment], object], expected: tuple[str, bool, str]
) -> None:
    """From the commit of an erasure or a cancel on, nothing is said about the customer any more."""
    await desk.change(before)
    answer = await desk.ask()
    assert (answer.result, answer.reason, answer.ends, answer.detail) == (Result.SUPPRESSED, *expected)
    assert not desk.service.calls
    (entry,) = await desk.timeline()
    # Nothing is written behind the end of a journey, which says the same.
    assert entry.get("outcome", entry.get("result")) in {expected[0], f"suppressed:{expected[0]}"}
    assert not entry.get("url")
    assert not entry.get("body")


async def test_a_hold_keeps_the_call(desk: Desk) -> None:
    """While staff hold the journey nothing is called; after the resume it is."""
    await desk.change(lambda s, _c, e: set_hold(s, e, held=True, reason="asked"))
    answer = await desk.ask()
    assert (answer.result, answer.hold) == (Result.HELD, Hold(1, True, "asked"))
    await desk.change(lambda s, _c, e: set_hold(s, e, held=False, reason=""))
    assert (await desk.ask()).result is Result.SENT
    assert len(desk.service.calls) == 1


def _leave(session: Session, customer: Customer, _: Enrollment) -> None:
    for channel in ("email", "sms"):
        customers.decide(session, customer, channel, given=False, source="test", now=NOON)


async def test_only_marketing_asks_for_consent_and_the_window(desk: Desk) -> None:
    """A service call goes to those who want no marketing, and at night; a push with an offer does neither."""
    desk.now = NOON + timedelta(hours=10, minutes=30)
    night = await desk.ask(desk.order(marketing=True, window=WINDOW))
    assert (night.result, night.until) == (Result.DEFERRED, NOON + timedelta(hours=21))
    await desk.change(_leave)
    assert (await desk.ask(desk.order(step="webhook-care"))).result is Result.SENT
    left = await desk.ask(desk.order(marketing=True, window=WINDOW))
    assert (left.result, left.reason, left.ends) == (Result.SUPPRESSED, "opted out", True)


@pytest.mark.parametrize("deduplicates", [True, False])
async def test_a_call_of_unclear_fate_is_repeated_only_where_the_service_keeps_ids(
    desk: Desk, deduplicates: bool
) -> None:
    """A lost answer makes no second push, unless the service promised to take it for the first."""
    desk.service.answer = None
    order = desk.order(deduplicates=deduplicates)
    if not deduplicates:
        assert (await desk.ask(order)).result is Result.UNKNOWN
        assert (await desk.ask(order)).result is Result.UNKNOWN
        assert len(desk.service.calls) == 1
        return
    with pytest.raises(ApplicationError):
        await desk.ask(order)
    await desk.change(lambda _s, c, _e: setattr(c, "first_name", "Augusta"))
    desk.service.answer = an_answer(200)
    assert (await desk.ask(order)).result is Result.SENT
    first, second = desk.service.calls
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


class _Dying:
    """The worker is killed during the call."""

    name = "dying"

    async def call(self, call: Call) -> Verdict:  # noqa: ARG002 - the contract's signature
        raise Death


@pytest.mark.parametrize(("deduplicates", "calls"), [(True, 1), (False, 0)])
async def test_whoever_dies_in_a_call_leaves_one_that_is_explained(desk: Desk, deduplicates: bool, calls: int) -> None:
    """After a crash the lease is waited for; then the call is repeated under its id, or left unclear."""
    order = desk.order(deduplicates=deduplicates)
    dying = LedgerWebhookGate(desk.database, _Dying(), SECRETS.get, REACHABILITY)
    with pytest.raises(Death):
        await dying.call(order, lambda: desk.now)
    with pytest.raises(ApplicationError, match="under way"):
        await desk.ask(order)
    desk.now += timedelta(seconds=91)
    assert (await desk.ask(order)).result is (Result.SENT if deduplicates else Result.UNKNOWN)
    assert len(desk.service.calls) == calls


async def test_an_id_is_not_used_after_a_service_may_have_forgotten_it(desk: Desk) -> None:
    """A worker that comes back after a day leaves the call unclear, for the service may take it for a new one."""
    order = desk.order(deduplicates=True)
    with pytest.raises(Death):
        await LedgerWebhookGate(desk.database, _Dying(), SECRETS.get, REACHABILITY).call(order, lambda: desk.now)
    desk.now += timedelta(hours=20)
    assert (await desk.ask(order)).result is Result.UNKNOWN
    assert not desk.service.calls


async def test_a_service_that_is_away_is_called_again_for_two_days(desk: Desk) -> None:
    """A service that says 'too many' gets the call later, as long as two days; then the journey goes on without."""
    order = desk.order()
    desk.service.answer = an_answer(429, Retry_After="7")
    with pytest.raises(ApplicationError) as caught:
        await desk.ask(order)
    assert caught.value.next_retry_delay == timedelta(seconds=7)
    desk.now += timedelta(hours=47)
    desk.service.answer = an_answer(200)
    late = await desk.ask(order)
    assert late.result is Result.SENT
    desk.service.answer = an_answer(429)
    other = desk.order(step="webhook-other")
    with pytest.raises(ApplicationError):
        await desk.ask(other)
    desk.now += timedelta(hours=48)
    given_up = await desk.ask(other)
    assert (given_up.result, given_up.reason) == (Result.FAILED, "unavailable")


async def test_a_missing_secret_waits_for_staff(desk: Desk) -> None:
    """A call whose secret nobody has set is not made without it; it says so, and goes once the secret is there."""
    gate = LedgerWebhookGate(desk.database, desk.calls, nobody_knows, REACHABILITY)
    order = desk.order()
    with pytest.raises(ApplicationError, match="SOJOURN_SECRET_PUSH_TOKEN is not set"):
        await gate.call(order, lambda: desk.now)
    assert not desk.service.calls
    assert (await desk.ask(order)).result is Result.SENT


async def test_a_body_that_breaks_its_contract_is_not_sent_and_shows(desk: Desk) -> None:
    """The client never gets what was not agreed upon; staff read what would have been said."""
    answer = await desk.ask(desk.order(contract="member-welcome"))
    assert (answer.result, answer.reason) == (Result.FAILED, "contract")
    assert not desk.service.calls
    (entry,) = await desk.timeline()
    assert (entry["result"], entry["body"]["who"]) == ("failed:contract", "c1")


@pytest.mark.parametrize("name", ["Ada\r\nX-Evil: 1", "Zoë"])
async def test_a_customer_cannot_write_into_the_headers(desk: Desk, name: str) -> None:
    """A value that does not fit into a header stops the call instead of becoming another header."""
    await desk.change(lambda _s, c, _e: setattr(c, "first_name", name))
    answer = await desk.ask(desk.order(headers={"X-Name": {FROM: "first_name"}}))
    assert (answer.result, answer.reason) == (Result.FAILED, "header X-Name")
    assert not desk.service.calls


async def test_the_reward_goes_along(desk: Desk) -> None:
    """The service is told the very code and the points that this journey gave, and nobody else's."""
    rewards = DatabaseRewards(desk.database, REACHABILITY)
    named = {name: {FROM: name} for name in ("voucher.code", "voucher.valid_until", "points.issued", "points.balance")}

    def pool(session: Session) -> None:
        add_pool(session, "SAVE-1", "SAVE-2")
        other = add_enrollment(session, add_customer(session, email="b@example.com"))
        vouchers.assign(session, REWARD, other.id, "voucher", 1, NOON, "Europe/London")

    await desk.database.write(pool)
    given = await rewards.assign_voucher(
        RewardOrder(desk.enrollment_id, "voucher", 1, 1, design=REWARD), lambda: desk.now
    )
    desk.seq = 1
    await desk.ask(desk.order(body=named, hands_over=given.reward_id))
    points = await rewards.award_points(RewardOrder(desk.enrollment_id, "points", 1, 3, amount=40), lambda: desk.now)
    desk.seq = 3
    await desk.ask(desk.order(body=named, hands_over=points.reward_id, step="webhook-points"))
    first, second = (call.json() for call in desk.service.calls)
    assert first["voucher.code"] == "SAVE-2"
    assert date.fromisoformat(first["voucher.valid_until"]) > NOON.date()
    assert (first["points.issued"], first["points.balance"]) == (0, 0)
    assert second == {"voucher.code": None, "voucher.valid_until": None, "points.issued": 40, "points.balance": 40}


async def test_the_mailbox_keeps_a_call_without_its_secrets(desk: Desk, tmp_path: Path) -> None:
    """With no address at all a developer reads in a file what would have been said, and needs no secret."""
    gate = LedgerWebhookGate(desk.database, WebhookCalls(tmp_path / "mail"), nobody_knows, REACHABILITY)
    answer = await gate.call(desk.order(url="mailbox:push", signed_with="SIGNING"), lambda: desk.now)
    assert answer.result is Result.SENT
    (path,) = (tmp_path / "mail").iterdir()
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["headers"] == {"Authorization": "Bearer ***", "X-Shop": "hearth"}
    assert (kept["url"], kept["body"]["who"], kept["body"]["token"]) == ("mailbox:push", "c1", "***")


async def test_an_attempt_that_wakes_late_settles_nothing(desk: Desk) -> None:
    """A paused worker cannot overwrite what another one found out meanwhile."""
    order = desk.order(deduplicates=True)

    class Slow:
        name = "slow"

        async def call(self, call: Call) -> Verdict:  # noqa: ARG002 - the contract's signature
            desk.now += timedelta(seconds=91)
            assert (await desk.ask(order)).result is Result.SENT
            return Ambiguous("woke up")

    slow = LedgerWebhookGate(desk.database, Slow(), SECRETS.get, REACHABILITY)
    assert (await slow.call(order, lambda: desk.now)).result is Result.SENT
    assert (await desk.row()).state == "accepted"
    assert len(await desk.database.read(lambda session: session.exec(select(TimelineEntry)).all())) == 1
