"""A journey's own calls and what the service tells later: a callback says what became of a call without an answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.callbacks import Callback, Kind
from activities.delivery import Accepted, Ambiguous, Verdict
from activities.gate.webhooks import LIMITS, LedgerWebhookGate
from activities.messages import Result
from activities.storage import callbacks
from activities.storage.database import Database
from activities.webhooks import Call
from tests.activities.gate.desk import REACHABILITY
from tests.activities.gate.fakes import Death
from tests.activities.gate.marketing_desk import MarketingDesk
from tests.activities.storage.receptions import reception_at


class TellingService:
    """Does with a call what the test says, and keeps count."""

    name = "service"

    def __init__(self, act: Callable[[Call], Verdict]) -> None:
        self.act = act
        self.calls = 0

    async def call(self, call: Call) -> Verdict:
        """What the test says."""
        self.calls += 1
        return self.act(call)


class Desk(MarketingDesk):
    """One customer, and a service that tells later."""

    def serve(self, act: Callable[[Call], Verdict]) -> TellingService:
        """Let a service answer calls so."""
        service = TellingService(act)
        self.webhooks = LedgerWebhookGate(self.database, service, lambda _: None, REACHABILITY, LIMITS)
        return service

    def tell(self, kind: Kind, key: str) -> None:
        """Let the service tell something of a call."""
        told = Callback("webhook", f"{kind}/{key}", kind, self.now, key)
        reception = reception_at(self.now, REACHABILITY)
        self.database.write_now(lambda session: callbacks.take(session, reception, told))

    async def seen(self) -> tuple[str, str, list[str]]:
        """State and delivery in the ledger, and results on the timeline."""
        (row,) = await self.ledger()
        return row.state, row.delivery, [line["result"] for line in await self.timeline()]


def lose_answer(_call: Call) -> Verdict:
    """The call came, and its answer did not."""
    return Ambiguous("timeout")


def die(_call: Call) -> Verdict:
    """The worker is killed during the call."""
    raise Death


@pytest.mark.parametrize("kind", [Kind.SENT, Kind.DELIVERED])
@pytest.mark.parametrize("deduplicates", [True, False])
async def test_a_callback_instead_of_an_answer_counts(database: Database, kind: Kind, deduplicates: bool) -> None:
    """A worker that died in a call leaves a question that the callback answers, and nobody is called again."""
    desk = await _welcome(database)
    service = desk.serve(die)
    with pytest.raises(Death):
        await desk.push(deduplicates=deduplicates)
    (row,) = await desk.ledger()
    desk.tell(kind, row.id)
    desk.now += timedelta(seconds=1)  # no lease need run out: it is known
    assert (await desk.push(deduplicates=deduplicates)).result is Result.SENT
    assert await desk.seen() == ("accepted", kind.value, ["sent"])
    assert service.calls == 1


@pytest.mark.parametrize("deduplicates", [True, False])
async def test_a_callback_during_the_call_counts(database: Database, deduplicates: bool) -> None:
    """A service that tells of a call before its answer is lost has it, so the journey goes on as sent."""
    desk = await _welcome(database)

    def tell_and_lose(call: Call) -> Verdict:
        desk.tell(Kind.DELIVERED, call.key)
        return Ambiguous("timeout")

    service = desk.serve(tell_and_lose)
    try:
        answer = await desk.push(deduplicates=deduplicates)
    except ApplicationError:  # Temporal asks again
        answer = await desk.push(deduplicates=deduplicates)
    assert answer.result is Result.SENT
    assert await desk.seen() == ("accepted", "delivered", ["sent"])
    assert service.calls == 1


@pytest.mark.parametrize("kind", [Kind.SENT, Kind.DELIVERED])
async def test_a_late_callback_clears_up_an_unknown_call(database: Database, kind: Kind) -> None:
    """What nobody could say at first is known in the end, on the timeline, too (guarantees A6)."""
    desk = await _welcome(database)
    service = desk.serve(lose_answer)
    assert (await desk.push()).result is Result.UNKNOWN
    (row,) = await desk.ledger()
    desk.tell(kind, row.id)
    assert await desk.seen() == ("accepted", kind.value, ["sent"])
    assert (await desk.push()).result is Result.SENT
    assert service.calls == 1


async def test_an_answer_needs_no_callback(database: Database) -> None:
    """A call that was answered stays sent when the service tells of it, too."""
    desk = await _welcome(database)
    desk.serve(lambda call: Accepted(call.key))
    assert (await desk.push()).result is Result.SENT
    (row,) = await desk.ledger()
    desk.tell(Kind.DELIVERED, row.id)
    assert await desk.seen() == ("accepted", "delivered", ["sent"])


async def _welcome(database: Database) -> Desk:
    desk = Desk(database)
    await desk.welcome()
    return desk
