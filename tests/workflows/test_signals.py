"""News about a customer reach a waiting journey: late, twice, out of order, or as nonsense."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from activities.channels import Channel
from activities.facts import Facts
from activities.storage.facts import customer_changed
from activities.storage.tables import Customer, Enrollment
from tests.workflows.entered import SHORT, Entered, entered
from worker.rehearsal.scenario import OptOut, ProfileChange
from worker.worker_process import build_worker

EMAIL_ONLY = "data-collection-voucher/not-complete-email-only"
COMPLETE = ("date_of_birth", "email", "first_name", "last_name", "phone")
NONSENSE: dict[str, tuple[str, list[Any]]] = {
    "facts as a text": ("facts", ["nonsense"]),
    "facts as a number": ("facts", [7]),
    "facts as a list": ("facts", [[1, 2]]),
    "facts as null": ("facts", [None]),
    "facts with wrong types": ("facts", [{"version": "many", "names": 3}]),
    "facts without anything": ("facts", []),
    "facts twice in one": ("facts", [{"version": 1}, {"version": 2}]),
    "hold as a text": ("hold", ["please"]),
    "hold with a wrong type": ("hold", [{"version": 1.5, "held": "perhaps"}]),
    "hold without anything": ("hold", []),
    "an event as a text": ("event", ["nonsense"]),
    "an event without anything": ("event", []),
    "an unknown signal": ("make-it-so", [{"now": True}]),
}


def complete(version: int) -> Facts:
    """Facts that say that nothing is missing."""
    return Facts(version, COMPLETE, (Channel.EMAIL, Channel.SMS), timezone="Europe/Prague")


def lacking(version: int) -> Facts:
    """Facts that say that the profile lacks something."""
    return Facts(version, ("email", "first_name"), (Channel.EMAIL,), timezone="Europe/Prague")


@pytest.mark.parametrize(
    ("news", "outcome"),
    [
        pytest.param([complete(9)], "complete unprompted", id="once"),
        pytest.param([complete(9)] * 3, "complete unprompted", id="three times"),
        pytest.param([complete(9), lacking(5)], "complete unprompted", id="the newer one first"),
        pytest.param([lacking(5), complete(9)], "complete unprompted", id="in their order"),
        pytest.param([complete(9), lacking(9)], "complete unprompted", id="another one of the same version"),
        pytest.param([complete(1)], "not complete", id="no newer than the start"),
        pytest.param([complete(0)], "not complete", id="older than the start"),
    ],
)
async def test_the_newest_news_count(
    server: WorkflowEnvironment, tmp_path: Path, news: list[Facts], outcome: str
) -> None:
    """Signals may come late, twice or in any order: the journey decides on what is newest."""
    async with entered(server, tmp_path, EMAIL_ONLY) as customer:
        await customer.until_shown("Waiting")
        for facts in news:
            await customer.handle.signal("facts", facts)
        await customer.forward(days=30)
        await customer.end()
        assert customer.ended_as == (outcome, "")


async def test_the_gate_corrects_news_that_are_still_on_their_way(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A customer who has just completed their profile is not asked to, though the journey has not heard of it yet."""
    async with entered(server, tmp_path, EMAIL_ONLY) as customer:
        carry, customer.system.carry = customer.system.carry, _nobody_carries  # type: ignore[method-assign] # the relay is late
        rest = {"last_name": "Byron", "phone": "+420601123456", "date_of_birth": "1990-12-10"}
        await customer.happens(ProfileChange(rest))
        await customer.forward(days=4)
        assert customer.messages == [["email", "complete-your-account", "suppressed:complete"]]
        assert customer.postbox.delivered == []
        customer.system.carry = carry  # type: ignore[method-assign] # and back


@pytest.mark.parametrize("at", [1, 5, 7], ids=lambda days: f"on day {days}")
async def test_an_opt_out_ends_a_wait_at_once(server: WorkflowEnvironment, tmp_path: Path, at: int) -> None:
    """Whoever opts out hears nothing more, and their journey is over that minute, not when the wait is."""
    async with entered(server, tmp_path, EMAIL_ONLY) as customer:
        await customer.forward(days=at)
        before = len(customer.postbox.delivered)
        await customer.happens(OptOut("email"))
        await customer.end()
        assert customer.ended_as == ("opted out", "")
        assert _lasted(customer) - timedelta(days=at) < timedelta(minutes=1)
        assert len(customer.postbox.delivered) == before
        assert customer.codes("reserved") == []


async def test_leaving_one_of_two_channels_ends_nothing(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """A customer who only wants no more emails still gets their texts."""
    async with entered(server, tmp_path) as customer:
        await customer.forward(days=1)
        await customer.happens(OptOut("email"))
        await customer.forward(days=30)
        await customer.end()
        assert customer.ended_as[0] == "not complete"
        assert customer.sent == ["sms complete-your-account", "sms voucher-offer"]


async def test_an_erasure_ends_a_wait_at_once(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Whoever asks to be forgotten is out of the journey that minute, and nothing follows."""
    async with entered(server, tmp_path) as customer:
        await customer.forward(days=4)
        _erase(customer)
        await customer.system.carry()
        await customer.end()
        assert customer.ended_as == ("erased", "")
        assert _lasted(customer) - timedelta(days=4) < timedelta(minutes=1)
        assert len(customer.postbox.delivered) == 1


async def test_an_erasure_stops_the_gate_before_the_journey_hears(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """From the commit of an erasure nothing leaves, whatever is still on its way to Temporal."""
    async with entered(server, tmp_path) as customer:
        _erase(customer)  # and nobody carries the outbox
        await customer.forward(days=4)
        await customer.end()
        assert customer.ended_as == ("erased", "")
        assert customer.postbox.delivered == []


@pytest.mark.parametrize("nonsense", NONSENSE)
async def test_nonsense_stops_no_journey(
    server: WorkflowEnvironment, tmp_path: Path, nonsense: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A signal sent by hand from the Temporal UI with a wrong form, or none, changes nothing."""
    caplog.set_level(logging.CRITICAL, "temporalio")  # the SDK tells of what it drops
    name, arguments = NONSENSE[nonsense]
    async with entered(server, tmp_path, EMAIL_ONLY) as customer:
        await customer.until_shown("Waiting")
        await customer.handle.signal(name, args=arguments)
        await customer.forward(days=30)
        await customer.end()
        assert (await customer.describe()).status is WorkflowExecutionStatus.COMPLETED
        assert customer.ended_as == ("not complete", "")
        assert customer.sent == ["email complete-your-account", "email voucher-offer"]


async def test_nonsense_before_the_first_step_stops_no_journey(
    server: WorkflowEnvironment, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The same holds for signals that wait for a journey before it takes its first step."""
    caplog.set_level(logging.CRITICAL, "temporalio")
    async with entered(server, tmp_path, EMAIL_ONLY, parameters=SHORT, worker=False) as customer:
        for name, arguments in NONSENSE.values():
            await customer.handle.signal(name, args=arguments)
        async with build_worker(customer.system.client, customer.system.parts, customer.system.task_queue):
            await customer.end()
        assert customer.ended_as == ("not complete", "")


def _erase(customer: Entered) -> None:
    """What an erasure does to the customer's row, and to the journeys that wait."""
    now = datetime.now(UTC)

    def transaction(session: Session) -> None:
        row = session.get_one(Customer, session.get_one(Enrollment, customer.id).customer_id)
        row.erased_at = now
        customer_changed(session, row, now)

    customer.system.database.write_now(transaction)


def _lasted(customer: Entered) -> timedelta:
    ended_at = customer.system.row(customer.id).ended_at
    assert ended_at is not None
    return ended_at - customer.branch.scenario.start


async def _nobody_carries() -> None:
    return
