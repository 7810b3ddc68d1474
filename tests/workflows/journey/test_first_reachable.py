"""The stored preferred channel is tried first where a journey honours it."""

import json
from typing import Any

import pytest

from tests.workflows.answering_journey import PreferredWay
from worker.rehearsal.rehearse import rehearse
from worker.rehearsal.scenario import parse_scenario

ADA: dict[str, Any] = {"id": "c1", "email": "ada@example.com", "phone": "+420601123456"}


@pytest.mark.parametrize(
    ("customer", "outcome"),
    [
        ({}, "by email"),
        ({"preferred_channel": "email"}, "by email"),
        ({"preferred_channel": "sms"}, "by sms"),
        ({"preferred_channel": "push"}, "by email"),
        ({"preferred_channel": "sms", "consents": {"sms": False}}, "by email"),
        ({"preferred_channel": "sms", "phone": None}, "by email"),
        ({"preferred_channel": "sms", "email": None}, "by sms"),
    ],
)
async def test_a_journey_writes_where_the_customer_likes_it(customer: dict[str, Any], outcome: str) -> None:
    """A customer who prefers texts gets one, unless no text can reach them."""
    known = {name: value for name, value in (ADA | customer).items() if value is not None}
    scenario = {"start": "2026-11-22T10:00:00Z", "customer": known, "trigger": {"type": "account.registered"}}
    assert (await rehearse(PreferredWay, parse_scenario(json.dumps(scenario)))).outcome == outcome
