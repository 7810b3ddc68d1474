"""Activating, pausing and holding a journey: one way to do it, whoever asks."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from activities.storage import enrollments, journey_settings

STATES: Mapping[str, journey_settings.State] = {"activate": "active", "pause": "paused", "hold": "held"}


def move(session: Session, journey: str, action: str, now: datetime) -> list[str]:
    """Bring a journey into another state, and with it those inside where it is about them.

    Args:
        session: a writing transaction.
        journey: its name.
        action: activate, pause or hold.
        now: wall-clock instant, UTC.

    Returns:
        Ids of the enrollments that have something new in the outbox.
    """
    journey_settings.set_state(session, journey, STATES[action], now)
    each = enrollments.hold_all if action == "hold" else enrollments.release_all
    return each(session, journey, now)
