"""What needs a person, counted for the navigation of every page and told on the first one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from activities.storage.channel_states import ChannelState, channel_states
from activities.storage.tables import Simulation
from api.services import Services

FRESH = timedelta(seconds=10)
PATIENCE = 0.1  # seconds a page waits for Temporal; what comes later is for the next page
CLOSED = frozenset({"paused", "held"})


@dataclass(frozen=True)
class Signals:
    """What the navigation counts, on every page.

    Attributes:
        stuck: journeys that an error in their code has stopped; 0 too while Temporal is away.
        paused: channels that take no messages now.
        stuck_journeys: what is known of the stuck ones, in the form of `GET /v1/stuck`; some of them.
        closed: those channels.
        simulated: customers that were made up, so that nobody takes the numbers for real ones.
    """

    stuck: int = 0
    paused: int = 0
    stuck_journeys: Sequence[Mapping[str, Any]] = ()
    closed: Sequence[ChannelState] = ()
    simulated: int = 0


@dataclass
class Watch:
    """Keeps the signals fresh without keeping anybody waiting.

    Attributes:
        services: what the application works with.
    """

    services: Services
    _known: Signals = Signals()
    _read_at: datetime | None = None
    _asking: "asyncio.Task[None] | None" = None
    _stuck: tuple[int, Sequence[Mapping[str, Any]]] = field(default=(0, ()))

    @property
    def signals(self) -> Signals:
        """As they were when last read."""
        return self._known

    async def look(self) -> None:
        """Read what is older than some seconds."""
        now = self.services.now()
        if self._read_at is not None and abs(now - self._read_at) < FRESH:
            return
        self._read_at = now
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        found, made_up = await self.services.database.read(lambda session: self._stored(session, now))
        await asyncio.wait({self._asking}, timeout=PATIENCE)
        closed = [each for each in found if each.state in CLOSED]
        self._known = Signals(self._stuck[0], len(closed), self._stuck[1], closed, made_up)

    def _stored(self, session: Session, now: datetime) -> tuple[Sequence[ChannelState], int]:
        simulation = session.get(Simulation, 1)
        return channel_states(session, self.services.providers, now), simulation.people if simulation else 0

    async def _ask(self) -> None:
        """Ask Temporal, which may be slow, or away."""
        number = await self.services.count_stuck() if self.services.count_stuck else None
        found = await self.services.stuck() if number and self.services.stuck else None
        self._stuck = (number or 0, tuple(found or ()))
