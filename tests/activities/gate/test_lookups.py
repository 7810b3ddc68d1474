"""A provider that can be asked: what it has is not sent again, and what it never got is."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.delivery import Deduplication
from activities.messages import Result
from activities.storage.database import Database
from tests.activities.gate.desk import LIMITS
from tests.activities.gate.fakes import Act, Death, LookUp
from tests.activities.gate.marketing_desk import MarketingDesk


async def desk_after(database: Database, act: Act) -> MarketingDesk:
    """A provider that can be asked, after a first attempt of unclear fate."""
    desk = await MarketingDesk(database, deduplication=Deduplication.LOOKUP).welcome()
    with pytest.raises((Death, ApplicationError)):
        await desk.ask(act=act)
    desk.now += LIMITS.lease
    return desk


@pytest.mark.parametrize("act", [Act.LOSE_ANSWER, Act.DIE_AFTER])
async def test_what_the_provider_shows_was_sent(database: Database, act: Act) -> None:
    """A customer who has the message does not get it again."""
    desk = await desk_after(database, act)
    assert (await desk.ask()).result is Result.SENT
    assert len(desk.provider.accepted) == 1


@pytest.mark.parametrize("act", [Act.LOSE_REQUEST, Act.DIE_BEFORE])
async def test_what_the_provider_never_got_is_sent_after_all(database: Database, act: Act) -> None:
    """A message that is not shown is asked about for an hour, since an index may be late; then it is sent."""
    desk = await desk_after(database, act)
    with pytest.raises(ApplicationError, match="does not show it yet"):
        await desk.ask()
    assert desk.provider.accepted == []
    desk.now += LIMITS.settling
    with pytest.raises(ApplicationError, match="never came"):
        await desk.ask()
    assert (await desk.ask()).result is Result.SENT
    assert len(desk.provider.accepted) == 1


async def test_a_provider_that_cannot_tell_leaves_it_open(database: Database) -> None:
    """While the search is broken nothing is sent again; after two days staff read that nobody knows."""
    desk = await desk_after(database, Act.LOSE_ANSWER)
    desk.provider.look = LookUp.CANNOT_TELL
    desk.now += 2 * LIMITS.settling
    with pytest.raises(ApplicationError, match="cannot tell"):
        await desk.ask()
    desk.now += LIMITS.patience + timedelta(hours=12)  # by day, again
    assert (await desk.ask()).result is Result.UNKNOWN
    assert len(desk.provider.accepted) == 1
