"""Which arm of an experiment a customer is in: drawn by lot once and for all, without remembering anything.

The lot is a hash, so whoever asks gets the same answer: a journey, its replay, a second entry, a report.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BITS = 53  # as many as a float between 0 and 1 tells apart


def share(customer_id: str, experiment: str) -> float:
    """A customer's lot: even over customers, and independent from one experiment to the next.

    Args:
        customer_id: ours, opaque.
        experiment: name of the experiment, e.g. ``welcome/holdout``.

    Returns:
        From 0 up to but without 1; always the same for the same two names.
    """
    # The length keeps ("ab", "c") and ("a", "bc") apart, whatever letters the names have.
    text = f"{len(experiment)}:{experiment}{customer_id}".encode()
    return (int.from_bytes(hashlib.sha256(text).digest()[:8]) >> (64 - _BITS)) / (1 << _BITS)


def arm_of(customer_id: str, experiment: str, weights: Mapping[str, float]) -> str:
    """The arm that a customer's lot falls into.

    Of two arms, a change of the weights moves only as many customers as it must.

    Args:
        customer_id: ours, opaque.
        experiment: name of the experiment, e.g. ``abandoned-cart/split/subject-line``.
        weights: of the arms by name, in any unit; their order counts. An arm of weight 0 gets nobody.

    Returns:
        The arm's name.

    Raises:
        ValueError: a weight is negative or no number, or none is more than 0.
    """
    require_weights(weights)
    open_arms = {arm: weight for arm, weight in weights.items() if weight > 0}
    rest = share(customer_id, experiment) * sum(open_arms.values())
    for arm, weight in open_arms.items():
        if rest < weight:
            return arm
        rest -= weight
    return arm  # a sum of fractions may be a hair too long


def require_weights(weights: Mapping[str, object]) -> None:
    """See that somebody can be in an arm.

    Raises:
        ValueError: a weight is negative or no number, or none is more than 0.
    """
    for arm, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < math.inf:
            raise ValueError(f"the weight of {arm} must be a number from 0, not {weight!r}")
    if not any(weights.values()):
        raise ValueError("one arm at least needs a weight above 0")


@dataclass(frozen=True)
class Arms:
    """The arms of a split.

    Attributes:
        split: its name, e.g. ``subject-line``.
        weights: by arm, in any unit; an arm of weight 0 gets nobody.
    """

    split: str
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        if len(self.weights) < 2 or not all(NAME.fullmatch(arm) for arm in self.weights):
            raise ValueError(f"a split has two arms or more, named like plain or two-lines, not {list(self.weights)}")
        require_weights(self.weights)

    def reweighted(self, weights: object) -> "Arms":
        """The same arms with other weights.

        Raises:
            ValueError: they are not weights of just these arms.
        """
        if not isinstance(weights, Mapping) or weights.keys() != self.weights.keys():
            raise ValueError(f"a weight for each of {', '.join(self.weights)}, not {weights!r}")
        return replace(self, weights={arm: weights[arm] for arm in self.weights})
