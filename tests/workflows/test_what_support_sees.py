"""What support staff find in the Temporal UI: enough to answer a customer, and nothing about the customer."""

from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter
from temporalio.testing import WorkflowEnvironment

from tests.histories.privacy import canaries, given_away
from tests.scenarios import Branch
from tests.system import until
from tests.workflows.entered import Entered, branch_named, entered
from worker.rehearsal.scenario import ProfileChange
from workflows.journey.enrollment import Outcome, Status
from workflows.journey.search_attributes import CUSTOMER_ID, JOURNEY_ARM, JOURNEY_NAME, JOURNEY_OUTCOME

JOURNEY = "data-collection-voucher"
REWARDED = f"{JOURNEY}/rewarded-by-sms"
REST = ProfileChange({"last_name": "Byron", "date_of_birth": "1990-12-10"})
EXPLAINED = {EventType.EVENT_TYPE_TIMER_STARTED, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED}


async def test_every_wait_and_every_activity_says_what_it_is_for(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The history in the Temporal UI reads as a list of reasons, without opening an event."""
    async with entered(server, tmp_path, REWARDED) as customer:
        await _to_the_reward(customer)
        events = [event async for event in customer.handle.fetch_history_events()]
        summaries = [await _summary(event) for event in events if event.event_type in EXPLAINED]
    assert summaries == [
        "Wait: time to complete the profile unprompted",
        "email: complete-your-account",
        "Wait: time to act on the reminder",
        "email: voucher-offer",
        "Wait: time to act on the email offer",
        "sms: voucher-offer",
        "Wait: time to act on the sms offer",
        "voucher: profile-reward",
        "sms: your-voucher",
    ]


async def test_the_card_follows_the_customer(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The card says what the journey waits for, until when on the customer's own clock, and what was sent last."""
    async with entered(server, tmp_path, REWARDED) as customer:
        await customer.until_shown("Waiting")
        assert await customer.details() == (
            "**Waiting: time to complete the profile unprompted**\n- until Tue 30 Mar 2027, 10:30 (Europe/Prague)"
        )
        await customer.forward(days=4)
        assert await customer.details() == (
            "**Waiting: time to act on the reminder**\n"
            "- until Fri 02 Apr 2027, 10:30 (Europe/Prague)\n"
            "- last message: email complete-your-account: sent"
        )
        await customer.handle.execute_update("hold", "under review")
        await customer.forward(days=4)
        assert await customer.details() == (
            "**On hold**\n- on hold: under review\n- last message: email complete-your-account: sent"
        )


async def test_the_status_can_be_asked_for(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """The query `status` answers in one look where the journey stands."""
    async with entered(server, tmp_path, REWARDED) as customer:
        await customer.until_shown("Waiting")
        status: Status = await customer.handle.query("status", result_type=Status)
        assert status.what == "Waiting: time to complete the profile unprompted"
        assert status.step == "time-to-complete-the-profile-unprompted"
        assert status.until is not None
        assert (status.until - customer.branch.scenario.start).days == 3
        assert status.held is False


async def test_support_finds_a_journey_by_what_it_knows(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Journeys can be listed by name, customer, arm and outcome, and the result says which end it was."""
    async with entered(server, tmp_path, REWARDED) as customer:
        description = await customer.describe()
        attributes = description.typed_search_attributes
        assert attributes[JOURNEY_NAME] == JOURNEY
        assert attributes[JOURNEY_ARM] == "treated"
        assert attributes[CUSTOMER_ID] == customer.system.row(customer.id).customer_id
        assert attributes.get(JOURNEY_OUTCOME) is None
        assert await description.static_summary() == JOURNEY
        assert attributes[CUSTOMER_ID] in (await description.static_details() or "")
        await _to_the_reward(customer)
        assert (await customer.describe()).typed_search_attributes[JOURNEY_OUTCOME] == "rewarded by sms"
        assert await customer.system.client.get_workflow_handle(
            description.id, result_type=Outcome
        ).result() == Outcome("rewarded by sms")
        assert await customer.details() == "**Ended: rewarded by sms**\n- last message: sms your-voucher: sent"
        query = f"CustomerId = '{attributes[CUSTOMER_ID]}' AND JourneyOutcome = 'rewarded by sms'"
        await until(lambda: _lists(customer, query), what="visibility to show it")


@pytest.mark.parametrize("name", [REWARDED, f"{JOURNEY}/custom-attributes", "data-collection-points/rewarded-by-sms"])
async def test_nothing_in_temporal_tells_who_the_customer_is(
    server: WorkflowEnvironment, tmp_path: Path, name: str
) -> None:
    """History, search attributes, memo, summaries and cards hold no name, address, phone, birthday or code."""
    branch: Branch = branch_named(name)
    secrets = canaries(branch)
    assert len(secrets) > 5
    async with entered(server, tmp_path, name) as customer:
        seen: list[Any] = []
        await customer.forward(days=7)
        seen.append(await customer.details())
        await customer.happens(REST)
        await customer.forward(hours=1)
        seen += [await customer.details(), str(await customer.handle.query("status"))]
        await customer.forward(days=30)
        await customer.end()
        seen.append(await customer.details())
        description = await customer.describe()
        seen += [
            (await customer.handle.fetch_history()).to_json_dict(),
            description.id,
            str(description.typed_search_attributes),
            str(dict(await description.memo())),
            str([await description.static_summary(), await description.static_details()]),
        ]
        assert customer.postbox.delivered
        assert given_away([message.text for message in customer.postbox.delivered], secrets) != set()
        assert given_away(seen, secrets) == set()


async def _to_the_reward(customer: Entered) -> None:
    await customer.forward(days=9)
    await customer.happens(REST)
    await customer.forward(days=30)
    await customer.end()
    assert customer.ended_as == ("rewarded by sms", "")


async def _summary(event: HistoryEvent) -> str:
    if not event.user_metadata.HasField("summary"):
        return ""
    (summary,) = await DataConverter.default.decode([event.user_metadata.summary], [str])
    return str(summary)


async def _lists(customer: Entered, query: str) -> bool:
    return [each.id async for each in customer.system.client.list_workflows(query)] == [customer.handle.id]
