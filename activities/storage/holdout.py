"""Holdouts: customers whom a journey leaves alone, so that it can be told what it brings."""

from collections.abc import Sequence

from activities.arms import share

TREATED, HELD_OUT = "treated", "holdout"


def arm_of_entry(customer_id: str, journey: str, holdout: float, earlier: Sequence[str]) -> str:
    """The arm of an entry into a journey: drawn by lot, and kept at every further entry.

    Args:
        customer_id: ours, opaque.
        journey: its name; the lots of two journeys have nothing to do with each other.
        holdout: share of customers to leave alone, from 0 to 1; at 0 nobody is held out, whatever was before.
        earlier: arms of the customer's entries so far, the oldest first. They count more than the lot, so that a
            change of the share moves nobody who has been in the journey from one arm to the other.
    """
    if not holdout:
        return TREATED
    if earlier:
        return earlier[0]
    return HELD_OUT if share(customer_id, f"{journey}/holdout") < holdout else TREATED
