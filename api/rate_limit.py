"""How often someone may ask: a token bucket for each."""

import math
from collections import OrderedDict
from time import monotonic

from api.errors import ApiError

MOST_REMEMBERED = 10_000


class RateLimit:
    """A token bucket for each caller, in this process.

    Args:
        per_second: tokens that come back a second; 0 for no limit.
        burst: tokens a rested caller has.
    """

    def __init__(self, per_second: float, burst: float) -> None:
        self._rate = per_second
        self._burst = max(burst, 1.0)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def check(self, caller: str) -> None:
        """Take one token.

        Raises:
            ApiError: 429, there is none left.
        """
        if not self._rate:
            return
        now = monotonic()
        tokens, seen = self._buckets.pop(caller, (self._burst, now))
        tokens = min(self._burst, tokens + (now - seen) * self._rate)
        if tokens < 1:
            self._buckets[caller] = (tokens, now)
            wait = math.ceil((1 - tokens) / self._rate)
            raise ApiError(429, "Too many requests. Please wait.", headers={"Retry-After": str(wait)})
        self._buckets[caller] = (tokens - 1, now)
        if len(self._buckets) > MOST_REMEMBERED:
            self._buckets.popitem(last=False)
