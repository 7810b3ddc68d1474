"""Consent and caps as journeys live with them, rehearsed from the first step to the end."""

import json
from typing import Any

import pytest

from worker.rehearsal.rehearse import Rehearsed, rehearse
from worker.rehearsal.scenario import parse_scenario
from workflows import catalogue
from workflows.journey import Journey, On

ADA = {"id": "c1", "first_name": "Ada", "email": "ada@example.com", "timezone": "Europe/Prague"}
COMPLETE = {"last_name": "Byron", "phone": "+420601123456", "date_of_birth": "1990-12-10"}
CONFIRMED = {"type": "subscription.confirmed", "properties": {"channel": "email"}}


async def rehearsed(journey: str, trigger: str, *then: dict[str, Any], **more: Any) -> Rehearsed:
    """A journey of Ada's."""
    scenario = {"start": "2027-03-27T08:30:00Z", "customer": ADA, "trigger": {"type": trigger}, "then": then, **more}
    return await rehearse(catalogue()[journey], parse_scenario(json.dumps(scenario)))


def messages(story: Rehearsed) -> list[tuple[str, str]]:
    """Template and result of each message."""
    return [(entry["template"], entry["result"]) for entry in story.timeline if entry["kind"] == "message"]


async def test_a_confirmed_address_is_not_yet_a_yes() -> None:
    """Where silence is no consent, the welcome goes, and its promotion only to those who have agreed to email."""
    story = await rehearsed(
        "welcome", "profile.created", {"after": "P1D", "event": CONFIRMED}, consent_by_default=False
    )
    assert messages(story) == [("welcome", "sent"), ("promo-code", "suppressed:no consent yet")]
    assert (story.outcome, story.reason) == ("not promoted", "no consent yet")


async def test_a_journey_waits_for_consent_without_ending() -> None:
    """A customer who is asked late gets what comes due after their yes; what came due before it is not made up for."""
    story = await rehearsed(
        "data-collection-voucher",
        "account.registered",
        {"after": "P4D", "profile": {"consents": {"email": True}}},
        consent_by_default=False,
    )
    assert messages(story) == [("complete-your-account", "suppressed:no consent yet"), ("voucher-offer", "sent")]
    assert story.outcome == "not complete"


async def test_who_declines_offers_gets_no_offer() -> None:
    """A declined topic ends no journey: the steps go on, without its messages."""
    story = await rehearsed(
        "data-collection-voucher",
        "account.registered",
        {"after": "P4D", "profile": {"consents": {"topics": {"offers": False}}}},
    )
    assert messages(story) == [("complete-your-account", "sent"), ("voucher-offer", "suppressed:topic declined")]
    assert story.outcome == "not complete"


async def test_what_was_earned_comes_in_spite_of_a_declined_topic() -> None:
    """A customer who earns a promised voucher and declines offers meanwhile is still given it."""
    story = await rehearsed(
        "data-collection-voucher",
        "account.registered",
        {"after": "P7D", "profile": {**COMPLETE, "consents": {"topics": {"offers": False}}}},
    )
    assert messages(story)[1:] == [("voucher-offer", "sent"), ("your-voucher", "sent")]
    assert story.outcome == "rewarded by email"


async def test_what_was_earned_waits_for_its_place_however_long() -> None:
    """A voucher that was earned comes late under a strict cap, but it comes."""
    story = await rehearsed(
        "data-collection-voucher",
        "account.registered",
        {"after": "P7D", "profile": COMPLETE},
        cap={"messages": 2, "days": 30},
    )
    assert messages(story)[2:] == [("your-voucher", "deferred"), ("your-voucher", "sent")]
    assert [entry["at"][:10] for entry in story.timeline if entry["kind"] == "message"][-1] == "2027-04-29"


def test_a_misspelt_topic_is_refused_at_import() -> None:
    """A developer is told of a topic that no customer could decline before anybody gets a message about it."""
    with pytest.raises(TypeError, match=r"Misspelt: topic must be one of offers, .*, not 'ofers'"):
        type("Misspelt", (Journey,), {"trigger": On("account.registered"), "topic": "ofers"})
