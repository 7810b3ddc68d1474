"""What became of a message, as an event for journeys and counts. Nothing personal is in it."""

from datetime import datetime, timedelta
from typing import Any

from activities.callbacks import Kind
from activities.storage.history import CLICKED, DELIVERED, OPENED
from activities.storage.intake import Event
from activities.storage.tables import Message

FAILED, BOUNCED, COMPLAINED = "message.failed", "message.bounced", "message.complained"

TYPES = {
    Kind.DELIVERED: DELIVERED,
    Kind.OPENED: OPENED,
    Kind.CLICKED: CLICKED,
    Kind.FAILED: FAILED,
    Kind.SOFT_BOUNCED: FAILED,
    Kind.BOUNCED: BOUNCED,
    Kind.COMPLAINED: COMPLAINED,
}
BY_HAND = (OPENED, CLICKED)  # what a person does, or a machine in their place
TOO_SOON = timedelta(seconds=10)  # after the message went nobody has read it; a scanner has


def message_event(
    type_: str, message: Message, *, source: str, machine: bool = False, link_id: str = "", at: datetime | None = None
) -> Event:
    """The event; the same for every repetition, once for people and once for machines.

    Args:
        type_: ``message.opened`` and so on.
        message: which.
        source: page or provider: who saw it.
        machine: no person has done it.
        link_id: of the link that was followed, where we know it.
        at: wall-clock instant (UTC) at which it happened; its arrival if not given.
    """
    properties: dict[str, Any] = {
        "message_id": message.id,
        "template": message.template,
        "channel": message.channel,
    }
    if type_ in BY_HAND:
        properties["machine"] = machine
    if link_id:
        properties["link_id"] = link_id
    parts = [type_, message.id, link_id, "machine" if machine else ""]
    return Event("/".join(part for part in parts if part), type_, at, properties, source=source)


def too_soon(message: Message, journey_at: datetime) -> bool:
    """Whether something happened sooner after a message went than anyone can read."""
    return message.decided_at is not None and journey_at - message.decided_at < TOO_SOON
