"""All accounts, and those of them that are complete: the figure that data collection is judged by."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session, select

from activities.entries import Circumstances
from activities.storage import journey_settings
from activities.storage.conversions import PROFILE_UPDATED, Purposeful
from activities.storage.counts import Measure, count_accounts
from activities.storage.tables import CompleteProfile, Customer
from activities.storage.upserts import insert_new


class Asking(Purposeful, Protocol):
    """A journey, as far as the profile it is for goes."""

    def resolve(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters: the overrides over the defaults."""
        ...


def registered(session: Session, now: datetime) -> None:
    """Count a new account.

    Args:
        session: the transaction in which it is created.
        now: journey instant, UTC.
    """
    count_accounts(session, Measure.ACCOUNTS, "", now, 1)


def changed(
    session: Session, customer: Customer, profile: Mapping[str, Any], journeys: Mapping[str, Asking], now: datetime
) -> None:
    """Count an account among the complete ones, or no longer, as each journey with a profile for its goal sees it.

    Judged by the journey's parameters of now, in the journey or not.

    Args:
        session: the transaction in which the account is created or changed.
        customer: its row.
        profile: its attributes by name.
        journeys: by name.
        now: journey instant, UTC.
    """
    for name, journey in journeys.items():
        if not journey.goal_listens(PROFILE_UPDATED):
            continue
        parameters = journey.resolve(journey_settings.setting(session, name, now).parameters)
        complete = journey.goal_met(PROFILE_UPDATED, Circumstances({}, profile, parameters))
        if complete and insert_new(session, CompleteProfile, {"customer_id": customer.id, "journey": name}):
            count_accounts(session, Measure.COMPLETE, name, now, 1)
        elif not complete and (known := session.get(CompleteProfile, (customer.id, name))) is not None:
            session.delete(known)
            count_accounts(session, Measure.COMPLETE, name, now, -1)


def erased(session: Session, customer: Customer, now: datetime) -> None:
    """Count an account no more, from today on; what was counted of days gone by stays.

    Args:
        session: the transaction of the erasure.
        customer: its row.
        now: journey instant, UTC.
    """
    count_accounts(session, Measure.ACCOUNTS, "", now, -1)
    for known in session.exec(select(CompleteProfile).where(CompleteProfile.customer_id == customer.id)).all():
        session.delete(known)
        count_accounts(session, Measure.COMPLETE, known.journey, now, -1)
