"""The report of one journey."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Protocol

from sqlmodel import Session

from activities.storage import journey_settings
from activities.storage.accounts import Asking
from activities.storage.conversions import PROFILE_UPDATED
from activities.storage.counts import Measure
from activities.storage.holdout import TREATED
from activities.storage.places import AS_RECORDED, Course
from activities.storage.reports import arms, messages, steps, times
from activities.storage.reports.model import JourneyReport
from activities.storage.reports.rollup import Cohort, tally
from activities.storage.reports.vouchers import vouchers

MEASURES = (*arms.MEASURES, *arms.SPLIT_MEASURES, *steps.MEASURES, *messages.MEASURES, Measure.VOUCHER)


class Measured(Asking, Protocol):
    """A journey, as far as reports speak of it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    def goal_in_words(self, parameters: Mapping[str, Any]) -> str:
        """The goal as staff read it; empty where there is none."""
        ...


def journey_report(
    session: Session,
    journey: Measured,
    since: date | None = None,
    until: date | None = None,
    course: Course = AS_RECORDED,
) -> JourneyReport:
    """What became of those who entered a journey on some days.

    Args:
        session: any transaction; one that only reads will do.
        journey: from the catalogue.
        since: first day, UTC on the journey clock; None for the first ever.
        until: last day, included; None for the last.
        course: of the journey, from its code.
    """
    cohort = Cohort(journey.name, since, until)
    parameters = journey.resolve(journey_settings.setting(session, journey.name, datetime.now(UTC)).parameters)
    counted = tally(session, cohort, MEASURES)
    found_arms = arms.arms(counted)
    flows = steps.flows(counted, course)
    found_steps = steps.steps(flows, counted.total(Measure.ENROLLED, TREATED), course)
    return JourneyReport(
        journey=journey.name,
        goal=journey.goal_in_words(parameters),
        conversion_window=journey.converts_within(parameters),
        since=since,
        until=until,
        enrolled=counted.total(Measure.ENROLLED),
        converted=counted.total(Measure.CONVERTED),
        arms=found_arms,
        lift=arms.holdout_lift(found_arms),
        time_to_convert=times.time_to_convert(session, cohort, counted.total(Measure.CONVERTED, TREATED)),
        outcomes=dict(sorted(counted.by(Measure.ENDED, "detail").items())),
        steps=found_steps,
        flows=flows,
        messages=messages.messages(counted, found_steps),
        vouchers=vouchers(session, counted, parameters),
        splits=arms.splits(counted),
        days=times.days(session, cohort, counted),
        accounts=(times.accounts(session, journey.name, since, until) if journey.goal_listens(PROFILE_UPDATED) else ()),
    )
