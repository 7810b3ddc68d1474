"""Figures of several rounds: the median, with the least and the most beside it."""

import statistics
from collections.abc import Sequence


class Spread:
    """What was measured in several rounds.

    Args:
        values: one a round.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self.values = tuple(values)

    @property
    def median(self) -> float:
        """The one in the middle."""
        return statistics.median(self.values)

    def __format__(self, spec: str) -> str:
        spec = spec or ".1f"
        return f"{self.median:{spec}} ({min(self.values):{spec}}–{max(self.values):{spec}})"


def ratio(ours: Spread, other: Spread) -> Spread:
    """Round by round: both figures of a round were taken under the same conditions."""
    return Spread([mine / theirs for mine, theirs in zip(ours.values, other.values, strict=True)])
