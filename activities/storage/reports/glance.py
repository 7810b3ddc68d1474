"""All journeys at a glance: how each did on some days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from activities.storage.reports.arms import MEASURES, arms, holdout_lift
from activities.storage.reports.model import ArmReport, Lift
from activities.storage.reports.rollup import Cohort, overall


@dataclass(frozen=True)
class Glance:
    """How a journey did on some days: the arms, and the treated one's lift; None while nobody is held out."""

    arms: tuple[ArmReport, ...]
    lift: Lift | None


def glances(session: Session, journeys: Collection[str], since: date, until: date) -> dict[str, Glance]:
    """How journeys did.

    Args:
        session: any transaction.
        journeys: names.
        since: first day of the cohort, UTC, journey clock.
        until: last day, included.
    """
    counted = overall(session, journeys, MEASURES, Cohort("", since, until))
    found = {name: arms(tally) for name, tally in counted.items()}
    return {name: Glance(each, holdout_lift(each)) for name, each in found.items()}
