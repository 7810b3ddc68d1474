"""What staff read of calls and points, one sentence an entry."""

from typing import Any

import pytest

from api.timeline_words import sentence


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"result": "sent"}, "Called https://x."),
        ({"result": "deferred", "url": None}, "Put off calling push until it may be called again."),
        ({"result": "suppressed:cancelled", "url": None}, "Did not call push: cancelled."),
        ({"result": "failed:contract"}, "Could not call https://x: contract."),
        ({"result": "unknown"}, "Called https://x; it did not confirm, so it is not called again."),
    ],
)
def test_a_call_is_told_in_plain_words(entry: dict[str, Any], expected: str) -> None:
    """Support reads what became of a call without knowing the code."""
    assert sentence({"kind": "webhook", "step": "webhook-push", "url": "https://x", **entry}, "UTC") == expected


def test_no_points_are_explained() -> None:
    """Support can tell a customer why an order brought no points."""
    said = sentence({"kind": "points", "step": "earn-x", "amount": 0, "balance": 100}, "UTC")
    assert said == "Added no points: the customer has had the most there is; the balance is 100."
