"""How long a provider's own queue may keep a message: never past the end of the customer's window (guarantees B8)."""

import math
from datetime import UTC, datetime

from activities.delivery import Delivery, Unavailable


def seconds_to_live(delivery: Delivery, *, least: int, most: int) -> int | Unavailable:
    """For how many seconds the provider may try to deliver.

    Args:
        delivery: the message.
        least: the shortest time that the provider takes.
        most: the longest.

    Returns:
        Whole seconds; or that it is too late, where even the shortest time would reach past the window's end.
    """
    if delivery.not_after is None:
        return most
    left = math.floor((delivery.not_after - datetime.now(UTC)).total_seconds())
    if left < least:
        return Unavailable("the send window closes before the provider could be held to it")
    return min(left, most)
