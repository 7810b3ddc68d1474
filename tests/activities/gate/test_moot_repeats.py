"""A worker died on its way to the provider, and before another takes over, the message has become needless or unwanted.

Nothing is sent for the sake of knowing. The ledger says what is known: it went, it never came, or nobody can say, and
why nobody tried.
"""

import pytest
from temporalio.exceptions import ApplicationError

from activities.channels import EMAIL
from activities.delivery import Deduplication
from activities.messages import Result
from activities.storage import customers
from activities.storage.database import Database
from activities.storage.ledger import State
from activities.storage.tables import Message
from tests.activities.gate.desk import LIMITS
from tests.activities.gate.fakes import Act, Death
from tests.activities.gate.marketing_desk import MarketingDesk
from tests.activities.storage.rows import NOON

WHY = "interrupted, not repeated: complete"


async def after_death(database: Database, deduplication: Deduplication, act: Act) -> MarketingDesk:
    """The worker has died, the customer has completed their profile, and the lease is over."""
    desk = await MarketingDesk(database, deduplication=deduplication).welcome(last_name=None)
    with pytest.raises(Death):
        await desk.ask(act=act, unless=("last_name",))
    await desk.change(lambda _, customer: setattr(customer, "last_name", "Lovelace"))
    desk.now += LIMITS.lease
    return desk


async def row(desk: MarketingDesk) -> Message:
    """What the ledger says."""
    (message,) = await desk.ledger()
    return message


@pytest.mark.parametrize("act", [Act.DIE_BEFORE, Act.DIE_AFTER])
async def test_a_key_is_not_used_to_find_out(database: Database, act: Act) -> None:
    """Who has done what they are asked to is not asked again; staff read that nobody knows, and why."""
    desk = await after_death(database, Deduplication.KEY, act)
    answers = [await desk.ask(unless=("last_name",)) for _ in range(2)]
    assert {(answer.result, answer.reason) for answer in answers} == {(Result.UNKNOWN, WHY)}
    message = await row(desk)
    assert (message.state, message.reason) == (State.UNKNOWN, WHY)
    assert len(desk.provider.called) == (act is Act.DIE_AFTER)


async def test_without_a_key_nothing_could_have_been_repeated(database: Database) -> None:
    """A provider that neither keeps keys nor can be asked leaves the fate open, whatever the customer does."""
    desk = await after_death(database, Deduplication.NONE, Act.DIE_BEFORE)
    assert (await desk.ask(unless=("last_name",))).reason == "interrupted"
    assert (await row(desk)).state == State.UNKNOWN


async def test_a_provider_that_never_got_it_settles_it(database: Database) -> None:
    """Where the provider says that the message never came, the ledger does not leave it open."""
    desk = await after_death(database, Deduplication.LOOKUP, Act.DIE_BEFORE)
    desk.now += LIMITS.settling
    with pytest.raises(ApplicationError, match="never came"):
        await desk.ask(unless=("last_name",))
    answer = await desk.ask(unless=("last_name",))
    message = await row(desk)
    assert (answer.result, message.state, message.reason) == (Result.SUPPRESSED, State.SUPPRESSED, "complete")
    assert desk.provider.called == []


async def test_a_provider_that_has_it_settles_it(database: Database) -> None:
    """Where the provider shows the message it was sent, though it is not needed any more."""
    desk = await after_death(database, Deduplication.LOOKUP, Act.DIE_AFTER)
    assert (await desk.ask(unless=("last_name",))).result is Result.SENT
    assert (await row(desk)).state == State.ACCEPTED


async def test_an_opt_out_is_named_too(database: Database) -> None:
    """Whoever has left meanwhile gets nothing, and staff read that this is why nobody knows."""
    desk = await MarketingDesk(database, deduplication=Deduplication.KEY).welcome(phone="+420601234567")
    with pytest.raises(Death):
        await desk.ask(act=Act.DIE_BEFORE)
    await desk.change(
        lambda session, customer: customers.decide(session, customer, EMAIL.value, given=False, source="test", now=NOON)
    )
    desk.now += LIMITS.lease
    assert (await desk.ask()).reason == "interrupted, not repeated: opted out"
    assert desk.provider.called == []
