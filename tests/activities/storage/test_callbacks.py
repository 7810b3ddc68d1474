"""Callbacks in the database: once each, in any order, and what follows for the customer."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from activities.callbacks import Callback, Kind
from activities.channels import EMAIL, SMS
from activities.storage import callbacks, customers
from activities.storage.callbacks import Taken
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.ledger import State
from activities.storage.message_reports import CONFIRMED_LATE, RANKS
from activities.storage.tables import (
    Consent,
    Customer,
    Enrollment,
    InboxEvent,
    Message,
    OutboxItem,
    ProviderCallback,
    Suppression,
    TimelineEntry,
    Voucher,
)
from tests.activities.storage.receptions import reception_at
from tests.activities.storage.rows import NOON, add_customer, add_enrollment, add_pool
from tests.databases import PostgresServer

REACHABILITY = Reachability("secret")
KEY = f"msg_{'0' * 31}1"
LATER = NOON + timedelta(hours=1)
NUMBER = "+447700900123"


class Post:
    """A customer with one message that has left, and what its provider tells."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.number = 0

    def begin(self, channel: str = "email", state: State = State.ACCEPTED, **columns: Any) -> None:
        """Let a customer in and a message out."""

        def enter(session: Session) -> None:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())
            customer = add_customer(session, id="cus_1")
            enrollment = add_enrollment(session, customer, id="enr_1")
            message = {
                "id": KEY,
                "enrollment_id": enrollment.id,
                "customer_id": customer.id,
                "step": "reminder",
                "visit": 1,
                "channel": channel,
                "template": "complete-your-account",
                "state": state.value,
                "message_class": "marketing",
                "first_asked_at": NOON,
                "decided_at": NOON,
                "provider": "acme",
                "to": "ada@example.com" if channel == "email" else NUMBER,
            }
            session.add(Message(**{**message, **columns}))

        self.database.write_now(enter)

    def told(self, kind: Kind, at: datetime = LATER, **more: Any) -> Callback:
        """A callback about the message, with an id of its own."""
        self.number += 1
        return Callback(**{"provider": "acme", "id": str(self.number), "kind": kind, "at": at, "key": KEY, **more})

    def take(self, *told: Callback, now: datetime = LATER + timedelta(hours=1)) -> list[Taken]:
        """Let callbacks arrive, each in a transaction of its own."""
        reception = reception_at(now, REACHABILITY)

        def take(callback: Callback) -> Taken:
            return self.database.write_now(lambda session: callbacks.take(session, reception, callback))

        return [take(each) for each in told]

    def merge_parked(self, now: datetime = LATER) -> None:
        """Do the chore."""
        reception = reception_at(now, REACHABILITY)
        self.database.write_now(lambda session: callbacks.merge_parked(session, reception))

    def all(self, table: type[Any]) -> list[Any]:
        """The rows of a table."""
        return self.database.read_now(lambda session: list(session.exec(select(table)).all()))

    @property
    def message(self) -> Message:
        """The one there is."""
        (found,) = self.all(Message)
        return found  # type: ignore[no-any-return] # rows of any table

    def reachable(self) -> Sequence[str]:
        """Where the customer may be written to."""
        return self.database.read_now(
            lambda session: REACHABILITY.facts(session, session.get_one(Customer, "cus_1")).reachable
        )

    def state(self) -> dict[str, Any]:
        """Everything that must not depend on the order in which callbacks came."""
        return {
            "delivery": self.message.delivery,
            "state": self.message.state,
            "suppressions": {(row.channel, row.reason) for row in self.all(Suppression)},
            "consents": {(row.channel, row.given) for row in self.all(Consent)},
            "events": {(row.type, row.occurred_at) for row in self.all(InboxEvent) if row.type[:8] == "message."},
            "reachable": set(self.reachable()),
        }


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Database]:
    """A database of the module's own, quick enough for many examples; each begins with nothing in it."""
    opened = Database("sqlite://", inline=True)
    opened.create_all()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def postgresql(postgres: PostgresServer) -> Iterator[Database]:
    """The same on PostgreSQL."""
    with postgres.fresh() as url:
        opened = Database(url)
        opened.create_all()
        yield opened
        opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def post(request: pytest.FixtureRequest) -> Post:
    """A post office: once on SQLite, once on PostgreSQL."""
    return Post(request.getfixturevalue(request.param))


REPORTS = st.lists(st.sampled_from(list(RANKS)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=30)
@given(data=st.data(), kinds=REPORTS)
def test_any_order_leads_to_the_same_end(sqlite: Database, data: st.DataObject, kinds: list[Kind]) -> None:
    """Whichever way a provider's reports overtake each other and repeat, a message ends in one state (B7)."""
    post = Post(sqlite)
    reports = [post.told(kind) for kind in kinds]
    post.begin()
    post.take(*reports)
    in_order = post.state()
    shuffled = data.draw(st.permutations([*reports, *data.draw(st.lists(st.sampled_from(reports), max_size=3))]))
    post.begin()
    post.take(*shuffled)
    assert post.state() == in_order
    assert in_order["delivery"] == max(kinds, key=lambda kind: RANKS[kind])


SPOKEN = st.lists(st.sampled_from(["STOP", "START"]), min_size=1, max_size=5)


@settings(deadline=None, max_examples=30)
@given(data=st.data(), texts=SPOKEN)
def test_the_last_word_counts_in_any_order(sqlite: Database, data: st.DataObject, texts: list[str]) -> None:
    """A customer's latest STOP or START decides, whichever of their texts arrives last."""
    post = Post(sqlite)
    said = [
        post.told(Kind.RECEIVED, NOON + timedelta(minutes=n), key="", address=NUMBER, text=text)
        for n, text in enumerate(texts)
    ]
    post.begin("sms")
    post.take(*data.draw(st.permutations(said)))
    stopped = texts[-1] == "STOP"
    assert (SMS in post.reachable()) is not stopped
    assert {(row.channel, row.given) for row in post.all(Consent)} == {("sms", not stopped)}
    assert [row.reason for row in post.all(Suppression)] == (["stop"] if stopped else [])


def test_a_repetition_changes_nothing(post: Post) -> None:
    """A provider that tells the same thing 46 times is heard once."""
    post.begin()
    told = post.told(Kind.BOUNCED)
    taken = post.take(*[told] * 46)
    assert (taken[0].tell, [each.tell for each in taken[1:]]) == (("enr_1",), [()] * 45)
    assert len(post.all(ProviderCallback)) == 1
    assert [row.type for row in post.all(InboxEvent)] == ["message.bounced"]


@pytest.mark.parametrize("kind", [Kind.SENT, Kind.DELIVERED, Kind.FAILED])
def test_an_unknown_message_is_cleared_up_by_a_late_callback(post: Post, kind: Kind) -> None:
    """Support sees that a message did leave after all, and when that became known (guarantees A6)."""
    post.begin(state=State.UNKNOWN, reason="timeout")
    line = {"channel": "email", "template": "complete-your-account", "result": "unknown", "message_id": KEY}
    entry = TimelineEntry(enrollment_id="enr_1", seq=1, at=NOON, kind="message", step="reminder", data=line)
    post.database.write_now(lambda session: session.add(entry))
    post.take(post.told(kind, provider_id="P1"))
    assert (post.message.state, post.message.reason, post.message.provider_id) == ("accepted", "", "P1")
    (kept,) = post.all(TimelineEntry)
    assert kept.data == line | {"result": "sent", "note": CONFIRMED_LATE}


@pytest.mark.parametrize("state", [State.CLAIMED, State.REJECTED, State.SUPPRESSED, State.CANCELLED])
def test_what_never_left_cannot_arrive(post: Post, state: State) -> None:
    """A report about a message that was never let pass is kept and believed in nothing."""
    post.begin(state=state)
    post.take(post.told(Kind.COMPLAINED))
    assert (post.message.state, post.message.delivery) == (state.value, "")
    assert [row.state for row in post.all(ProviderCallback)] == ["ignored"]
    assert set(post.reachable()) == {EMAIL, SMS}


def test_a_callback_before_the_answer_waits_for_the_id(post: Post) -> None:
    """A report that overtakes the answer to its own message, and knows only the provider's id, is not lost."""
    post.begin(state=State.ATTEMPTING)
    post.take(post.told(Kind.DELIVERED, key="", provider_id="P1"))
    post.merge_parked()
    assert post.message.delivery == ""

    def settle(session: Session) -> None:
        message = session.get_one(Message, KEY)
        message.provider_id, message.state = "P1", "accepted"
        session.add(message)

    post.database.write_now(settle)
    for _ in range(2):
        post.merge_parked()
    assert post.message.delivery == "delivered"
    assert [row.type for row in post.all(InboxEvent)] == ["message.delivered"]
    assert [(row.state, row.message_id) for row in post.all(ProviderCallback)] == [("applied", KEY)]


def test_somebody_elses_message_is_given_up(post: Post) -> None:
    """Reports on messages that are not ours are not looked at for ever."""
    post.begin(provider_id="P1")
    post.take(post.told(Kind.DELIVERED, key="", provider_id="P2"))
    post.database.write_now(lambda session: setattr(session.get_one(Message, KEY), "provider_id", "P2"))
    post.merge_parked(LATER + timedelta(days=3))
    assert post.message.delivery == ""


@pytest.mark.parametrize(
    ("kind", "reasons", "consents"),
    [
        (Kind.BOUNCED, {("email", "hard bounce")}, set()),
        (Kind.COMPLAINED, {("email", "complaint")}, {("email", False)}),
        (Kind.OPTED_OUT, set(), {("email", False)}),
        (Kind.FAILED, set(), set()),
        (Kind.SENT, set(), set()),
    ],
)
def test_who_bounced_or_complained_is_left_alone(
    post: Post, kind: Kind, reasons: set[tuple[str, str]], consents: set[tuple[str, bool]]
) -> None:
    """A bad address and an annoyed customer get nothing more; a full mailbox is tried again another time (D10)."""
    post.begin()
    (taken,) = post.take(post.told(kind))
    state = post.state()
    assert (state["suppressions"], state["consents"]) == (reasons, consents)
    assert (EMAIL in state["reachable"]) is not bool(reasons | consents)
    assert SMS in state["reachable"]
    told = {row.kind for row in post.all(OutboxItem)}
    assert ("facts" in told) is bool(reasons | consents)
    assert taken.tell == ("enr_1",)


def test_a_machine_opens_nothing(post: Post) -> None:
    """What a mail program loads by itself shows that the message arrived, not that it was read."""
    post.begin()
    post.take(
        post.told(Kind.OPENED, machine=True),
        post.told(Kind.CLICKED, NOON + timedelta(seconds=3)),
    )
    assert post.message.delivery == "delivered"
    assert {(row.type, row.properties["machine"]) for row in post.all(InboxEvent)} == {
        ("message.opened", True),
        ("message.clicked", True),
    }
    post.take(post.told(Kind.OPENED))
    assert post.message.delivery == "opened"


def test_a_household_that_shares_a_number_leaves_together(post: Post) -> None:
    """STOP holds for everyone with the number, and for whoever registers with it later."""
    post.begin("sms")
    post.database.write_now(lambda session: add_customer(session, id="cus_2", email="bob@example.com"))
    post.take(post.told(Kind.RECEIVED, key="", address=NUMBER, text="Stop"))
    assert {(row.customer_id, row.given) for row in post.all(Consent)} == {("cus_1", False), ("cus_2", False)}
    assert {row.source for row in post.all(Consent)} == {"text message: STOP"}
    (kept,) = post.all(ProviderCallback)
    assert (kept.word, kept.text, kept.customer_id) == ("stop", "Stop", "cus_1")
    late = post.database.write_now(lambda session: add_customer(session, id="cus_3", email=None))
    reachable = post.database.read_now(lambda session: REACHABILITY.facts(session, late).reachable)
    assert SMS not in reachable


def test_a_number_nobody_has_is_remembered(post: Post) -> None:
    """STOP from a customer who was erased keeps their number free of texts."""
    post.begin("sms")
    post.take(post.told(Kind.RECEIVED, key="", address="+447700900999", text="STOP"))
    assert [row.reason for row in post.all(Suppression)] == ["stop"]
    assert post.all(Consent) == []


def test_a_newer_decision_stands(post: Post) -> None:
    """A customer who asked for texts again on the page is not taken back by an older STOP that arrives late."""
    post.begin("sms")

    def agree(session: Session) -> None:
        customer = session.get_one(Customer, "cus_1")
        customers.decide(session, customer, "sms", given=True, source="preferences page", now=LATER)

    post.database.write_now(agree)
    post.take(post.told(Kind.RECEIVED, NOON, key="", address=NUMBER, text="STOP"))
    assert [(row.given, row.source) for row in post.all(Consent)] == [(True, "preferences page")]
    assert SMS in post.reachable()


def test_who_comes_back_on_the_page_gets_texts_again(post: Post) -> None:
    """A customer who texted STOP and later ticks texts on the preferences page is taken at their last word."""
    post.begin("sms")
    post.take(post.told(Kind.RECEIVED, NOON, key="", address=NUMBER, text="STOP"))
    assert SMS not in post.reachable()

    def agree(session: Session) -> None:
        customer = session.get_one(Customer, "cus_1")
        customers.decide(session, customer, "sms", given=True, source="preferences page", now=LATER)

    post.database.write_now(agree)
    assert SMS in post.reachable()


def test_start_brings_no_dead_number_back(post: Post) -> None:
    """START takes back STOP, not what the provider found out about the number."""
    post.begin("sms")
    post.take(
        post.told(Kind.RECEIVED, NOON, key="", address=NUMBER, text="STOP"),
        post.told(Kind.BOUNCED),
        post.told(Kind.RECEIVED, LATER, key="", address=NUMBER, text="START"),
    )
    assert [row.reason for row in post.all(Suppression)] == ["hard bounce"]


def test_a_text_that_may_mean_stop_pauses_the_journey(post: Post) -> None:
    """Nothing more goes out until somebody has read what the customer wrote (D7)."""
    post.begin("sms")
    post.take(post.told(Kind.RECEIVED, key="", address=NUMBER, text="please stop this"))
    (enrollment,) = post.all(Enrollment)
    assert enrollment.held
    assert "STOP" in enrollment.hold_reason
    assert [(row.type, row.properties["word"]) for row in post.all(InboxEvent)] == [("message.received", "maybe stop")]
    assert SMS in post.reachable()


@pytest.mark.parametrize(("answered", "asks"), [(False, True), (True, False)])
def test_help_is_answered_once(post: Post, answered: bool, asks: bool) -> None:
    """A customer who texts HELP gets one answer, from the provider or from us (D8)."""
    post.begin("sms")
    told = post.told(Kind.RECEIVED, key="", address=NUMBER, text="help", answered=answered)
    assert [each.asks_for_help for each in post.take(told, told)] == [asks, False]


def test_what_an_erased_customer_wrote_is_forgotten(post: Post) -> None:
    """Their words go, and that they said STOP stays as evidence."""
    post.begin("sms")
    post.take(post.told(Kind.RECEIVED, key="", address=NUMBER, text="STOP"))
    post.database.write_now(lambda session: callbacks.forget_texts(session, "cus_1"))
    assert [(row.text, row.word) for row in post.all(ProviderCallback)] == [("", "stop")]


@pytest.mark.parametrize(("code", "customer"), [("CODE1", ""), ("OTHER", "cus_1")])
def test_a_redeemed_code_reaches_the_journeys_of_its_customer(post: Post, code: str, customer: str) -> None:
    """A journey that waits for a voucher to be used hears of it, by its code or by the customer's id."""
    post.begin()

    def give(session: Session) -> None:
        add_pool(session, "CODE1")
        voucher = session.get_one(Voucher, "CODE1")
        voucher.enrollment_id, voucher.state = "enr_1", "assigned"
        session.add(voucher)

    post.database.write_now(give)
    post.take(post.told(Kind.REDEEMED, key="", code=code, customer=customer))
    (event,) = post.all(InboxEvent)
    assert (event.type, event.customer_id, event.properties) == ("voucher.redeemed", "cus_1", {"code": code})
