"""The journey clock: the time journeys live in.

In production it is the wall clock. A demo or a staging system may live a day in two seconds, and a
rehearsal may start on any date; the code that asks for the time is the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class JourneyClock:
    """Maps wall-clock instants to journey instants and back.

    Attributes:
        wall_origin: the wall-clock instant (UTC) at which the clock was first started.
        journey_origin: what the journey clock showed at that instant (UTC).
        speed: journey seconds that pass in one wall second.
    """

    wall_origin: datetime = EPOCH
    journey_origin: datetime = EPOCH
    speed: float = 1.0

    def __post_init__(self) -> None:
        _aware(self.wall_origin)
        _aware(self.journey_origin)
        if not (isfinite(self.speed) and self.speed > 0):
            raise ValueError(f"speed must be a positive number, not {self.speed}")

    def at(self, wall: datetime) -> datetime:
        """The journey instant (UTC) at a wall-clock instant."""
        return self.journey_origin + (_aware(wall) - self.wall_origin) * self.speed

    def wall(self, journey: datetime) -> datetime:
        """The wall-clock instant (UTC) at which the journey clock shows the given instant."""
        return self.wall_origin + (_aware(journey) - self.journey_origin) / self.speed

    def real(self, span: timedelta) -> timedelta:
        """How much wall time a span of journey time takes."""
        return span / self.speed


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"a journey clock needs aware datetimes, not {at!r}")
    return at.astimezone(UTC)
