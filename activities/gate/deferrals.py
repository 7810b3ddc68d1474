"""Messages that wait for another moment: when they are to be asked for again, and how they are remembered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from activities.gate.pacing import AWAY, PATIENCE, REASONS, PutOff
from activities.gate.policy import WINDOW_CLOSED
from activities.messages import GateAnswer
from activities.send_window import SendWindow
from activities.spreading import share_of
from activities.storage.enrolled import clock_of
from activities.storage.ledger import State
from activities.storage.tables import Enrollment, Message

SHORTEST_SPREAD = timedelta(seconds=5)


@dataclass(frozen=True)
class Again:
    """When a journey is to ask again; see `GateAnswer`."""

    until: datetime
    punctual: bool


def again(put_off: PutOff, enrollment: Enrollment, window: SendWindow | None, zone: str, wall: datetime) -> Again:
    """The moment after a provider's pace allows it, inside the customer's window.

    Args:
        put_off: by the provider's pace.
        enrollment: whose message.
        window: when it may go out; None for any time.
        zone: IANA name of the customer's zone.
        wall: wall-clock instant, UTC.
    """
    clock, at = clock_of(enrollment), put_off.until
    if not put_off.is_own_turn:
        # As long as the wait is, the others' is too: so many have gathered meanwhile.
        longest = clock.real(timedelta(seconds=enrollment.spread_seconds))
        at += min(longest, max(at - wall, SHORTEST_SPREAD)) * share_of(enrollment.id)
    until = clock.at(at)
    opens = until if window is None else window.next_open(until, zone)
    return Again(opens, punctual=opens == until)


def remember(message: Message, refusal: GateAnswer, provider: str, enrollment: Enrollment) -> dict[str, Any] | None:
    """Write on a message's row why it waits.

    Returns:
        What its line on the timeline says besides; None if a line says so already. Who waits for a provider asks
        often, and one line is enough.
    """
    if refusal.reason in REASONS and message.put_off_for == refusal.reason:
        said = None
    else:
        said = {} if refusal.reason == WINDOW_CLOSED else {"reason": refusal.reason}
    message.put_off_for = refusal.reason
    message.put_off_until = refusal.until and clock_of(enrollment).wall(refusal.until)
    message.provider = provider
    return said


def waited(message: Message, enrollment: Enrollment, since: datetime | None, now: datetime) -> timedelta:
    """How long, journey time, a message has waited for a provider that is away; nothing where it does not.

    Args:
        message: the row.
        enrollment: whose message.
        since: wall-clock instant, UTC, before which the wait was not the provider's fault.
        now: journey instant, UTC.
    """
    state = State(message.state)
    if state is not State.RETRYABLE and not (state is State.CLAIMED and message.put_off_for in {AWAY, PATIENCE}):
        return timedelta(0)
    asked = message.first_asked_at
    return now - (max(asked, clock_of(enrollment).at(since)) if since else asked)
