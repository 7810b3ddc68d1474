"""A provider that does what a test tells it to, and keeps the evidence."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from activities.delivery import Accepted, Ambiguous, Deduplication, Delivery, Refused, Unavailable, Verdict


class Death(BaseException):
    """The worker was killed: nothing after this instant runs, no handler either."""


class Act(StrEnum):
    """What happens during one call."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    REFUSE_ADDRESS = "refuse the address"
    UNAVAILABLE = "unavailable"
    LOSE_REQUEST = "ambiguous, not taken"
    LOSE_ANSWER = "ambiguous, taken"
    DIE_BEFORE = "die before the call"
    DIE_AFTER = "die after the call"
    PAUSE_BEFORE = "pause before the call"
    PAUSE_AFTER = "pause after the call"


class LookUp(StrEnum):
    """What happens when the provider is asked about a message."""

    TRUTH = "truth"
    CANNOT_TELL = "cannot tell"
    DIE = "die"
    PAUSE = "pause"


class _Pause:
    """Awaiting it hands control back to whoever drives the coroutine."""

    def __await__(self) -> Generator[None]:
        yield


@dataclass
class FakeProvider:
    """A provider of one of the three classes.

    Attributes:
        deduplication: which class.
        act: what happens during the next calls.
        look: what happens when it is asked.
        now: the wall clock.
        on_call: runs at the start of a call; the gate has just committed its first transaction.
        accepted: deliveries really taken, each of them a message to the customer.
        called: all deliveries, repeated ones included.
        altered: deliveries that came under a known key with other content.
    """

    deduplication: Deduplication = Deduplication.NONE
    act: Act = Act.ACCEPT
    look: LookUp = LookUp.TRUTH
    now: Callable[[], datetime] | None = None
    on_call: Callable[[Delivery], None] | None = None
    name: str = "fake"
    accepted: list[Delivery] = field(default_factory=list)
    called: list[Delivery] = field(default_factory=list)
    altered: list[Delivery] = field(default_factory=list)

    def count(self, key: str) -> int:
        """How many messages the customer got under a key."""
        return sum(delivery.key == key for delivery in self.accepted)

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Do what was told."""
        act = self.act
        writes_until = self._virtual_deadline(delivery)
        if self.on_call:
            self.on_call(delivery)
        if act is Act.DIE_BEFORE:
            raise Death
        if act is Act.PAUSE_BEFORE:
            await _Pause()
            if self.now and writes_until and self.now() >= writes_until:
                return Unavailable("woke after the deadline")  # as every driver must (guarantees A9)
        self.called.append(delivery)
        match act:
            case Act.REFUSE:
                return Refused("spam")
            case Act.REFUSE_ADDRESS:
                return Refused(f"no such mailbox: {delivery.to}", address=True)
            case Act.UNAVAILABLE:
                return Unavailable("503", retry_after=7.0)
            case Act.LOSE_REQUEST:
                return Ambiguous("reset")
        verdict = self._take(delivery)
        if act is Act.DIE_AFTER:
            raise Death
        if act is Act.PAUSE_AFTER:
            await _Pause()
        return Ambiguous("timeout") if act is Act.LOSE_ANSWER else verdict

    async def look_up(self, key: str) -> Verdict | None:
        """Tell whether the message came, as far as told to."""
        look = self.look
        if look is LookUp.DIE:
            raise Death
        found = self.count(key)
        if look is LookUp.PAUSE:
            await _Pause()
        if look is LookUp.CANNOT_TELL:
            return None
        return Accepted(key) if found else Unavailable("never came")

    def _take(self, delivery: Delivery) -> Verdict:
        if self.deduplication is Deduplication.KEY:
            for known in self.accepted:
                if known.key == delivery.key:
                    if replace(known, deadline=delivery.deadline) == delivery:
                        return Accepted(delivery.key)
                    self.altered.append(delivery)
                    return Refused("same key, other content")
        self.accepted.append(delivery)
        return Accepted(delivery.key)

    def _virtual_deadline(self, delivery: Delivery) -> datetime | None:
        if self.now is None:
            return None
        return self.now() + timedelta(seconds=round(delivery.deadline - time.monotonic(), 1))
