"""The gate and what providers tell later: a bad address is not written to again, an early callback settles a send."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, SQLModel, select

from activities.callbacks import Callback, Kind
from activities.channels import EMAIL
from activities.delivery import Deduplication, Delivery
from activities.gate.gate import MessageGate
from activities.messages import GateAnswer, Result, SendOrder
from activities.storage import callbacks
from activities.storage.database import Database
from activities.storage.tables import Message, TimelineEntry
from tests.activities.gate.desk import REACHABILITY, plain_gate
from tests.activities.gate.fakes import Act, Death, FakeProvider, LookUp
from tests.activities.storage.receptions import reception_at
from tests.activities.storage.rows import NOON, add_customer, add_enrollment


class Counter:
    """One customer before one gate."""

    def __init__(self, database: Database, deduplication: Deduplication) -> None:
        self.database = database
        self.provider = FakeProvider(deduplication)
        self.gate: MessageGate = plain_gate(database, self.provider)
        self.now = NOON
        self.seq = 0

        def enter(session: Session) -> str:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.execute(table.delete())
            return add_enrollment(session, add_customer(session)).id

        self.enrollment_id = database.write_now(enter)

    async def ask(self, step: str = "reminder", act: Act = Act.ACCEPT) -> GateAnswer:
        """Ask the gate."""
        self.provider.act = act
        self.seq += 1
        return await self.gate.send(
            SendOrder(self.enrollment_id, step, 1, self.seq, EMAIL, "complete-your-account"), lambda: self.now
        )

    def tell(self, kind: Kind, delivery: Delivery | None = None) -> None:
        """Let the provider tell something of the message."""
        key = delivery.key if delivery else self.message.id
        told = Callback("fake", f"{kind}/{key}", kind, self.now, key, "P1")
        reception = reception_at(self.now, REACHABILITY)
        self.database.write_now(lambda session: callbacks.take(session, reception, told))

    @property
    def message(self) -> Message:
        """The one there is."""
        return self.database.read_now(lambda session: session.exec(select(Message)).one())

    def lines(self) -> list[str]:
        """Results on the timeline."""
        rows = self.database.read_now(lambda session: list(session.exec(select(TimelineEntry)).all()))
        return [row.data["result"] for row in rows]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A database of the module's own."""
    opened = Database("sqlite://", inline=True)
    opened.create_all()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("kind", "result", "reason"),
    [
        (Kind.BOUNCED, Result.SUPPRESSED, "hard bounce"),
        (Kind.COMPLAINED, Result.SUPPRESSED, "complaint"),
        (Kind.OPTED_OUT, Result.SUPPRESSED, "opted out"),
        (Kind.FAILED, Result.SENT, ""),
        (Kind.DELIVERED, Result.SENT, ""),
    ],
)
async def test_the_next_message_knows_what_became_of_the_last(
    database: Database, kind: Kind, result: Result, reason: str
) -> None:
    """A customer whose address is dead, who complained or who left gets nothing more; others do."""
    counter = Counter(database, Deduplication.NONE)
    assert (await counter.ask()).result is Result.SENT
    counter.tell(kind)
    answer = await counter.ask("second reminder")
    assert (answer.result, answer.reason) == (result, reason)
    assert len(counter.provider.called) == (2 if result is Result.SENT else 1)


@pytest.mark.parametrize("deduplication", list(Deduplication))
@pytest.mark.parametrize("act", [Act.LOSE_ANSWER, Act.ACCEPT, Act.REFUSE])
async def test_a_callback_during_the_call_counts(database: Database, deduplication: Deduplication, act: Act) -> None:
    """A provider that tells of a message before it answers has it, so the journey goes on as sent, once."""
    counter = Counter(database, deduplication)
    counter.provider.on_call = lambda delivery: counter.tell(Kind.DELIVERED, delivery)
    try:
        answer = await counter.ask(act=act)
    except Exception:  # noqa: BLE001 - Temporal would ask again
        counter.now += timedelta(minutes=5)
        answer = await counter.ask(act=act)
    if act is Act.REFUSE:
        assert answer.result is Result.FAILED  # it says so itself, and nothing else was tried
    else:
        assert (answer.result, counter.message.delivery, counter.lines()) == (Result.SENT, "delivered", ["sent"])
    assert len(counter.provider.called) == 1


@pytest.mark.parametrize("deduplication", list(Deduplication))
async def test_a_callback_explains_what_a_dead_worker_did(database: Database, deduplication: Deduplication) -> None:
    """A worker that died after its call leaves a question that the callback answers, and nothing is sent again."""
    counter = Counter(database, deduplication)
    counter.provider.look = LookUp.CANNOT_TELL
    with pytest.raises(Death):
        await counter.ask(act=Act.DIE_AFTER)
    counter.tell(Kind.SENT)
    answer = await counter.ask()
    assert (answer.result, counter.message.state, counter.message.provider_id) == (Result.SENT, "accepted", "P1")
    assert len(counter.provider.called) == 1
    assert counter.lines() == ["sent"]


async def test_a_late_callback_clears_up_an_unknown_message(database: Database) -> None:
    """What nobody could say at first is known in the end, on the timeline, too (guarantees A6)."""
    counter = Counter(database, Deduplication.NONE)
    assert (await counter.ask(act=Act.LOSE_ANSWER)).result is Result.UNKNOWN
    assert counter.lines() == ["unknown"]
    counter.tell(Kind.DELIVERED)
    assert (counter.message.state, counter.lines()) == ("accepted", ["sent"])
    assert (await counter.ask()).result is Result.SENT
    assert len(counter.provider.called) == 1
