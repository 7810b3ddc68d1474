"""Rate limits: a caller who asks too often is told when to come back."""

import pytest

from api.errors import ApiError
from api.rate_limit import RateLimit


def test_a_caller_who_asks_too_often_is_told_to_wait() -> None:
    """After the burst a caller gets 429 and the seconds to wait; others are not touched."""
    limit = RateLimit(0.5, burst=3)
    for _ in range(3):
        limit.check("a")
    with pytest.raises(ApiError) as refused:
        limit.check("a")
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "2"
    limit.check("b")


def test_tokens_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who waited as told may ask again."""
    now = 100.0
    monkeypatch.setattr("api.rate_limit.monotonic", lambda: now)
    limit = RateLimit(1, burst=1)
    limit.check("a")
    now = 101.0
    limit.check("a")


def test_no_limit_is_no_limit() -> None:
    """A rate of nought switches the limit off."""
    limit = RateLimit(0, burst=0)
    for _ in range(10_000):
        limit.check("a")
