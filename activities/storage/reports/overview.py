"""All journeys at a glance: what a list of them shows."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlmodel import Session, col, func, select

from activities.storage.counts import Measure
from activities.storage.holdout import HELD_OUT, TREATED
from activities.storage.places import AS_RECORDED, Course
from activities.storage.reports import steps
from activities.storage.reports.model import JourneyCounts, ReportDay
from activities.storage.reports.rollup import Cohort, Tally, by_day, overall
from activities.storage.tables import Enrollment

MEASURES = (Measure.ENROLLED, Measure.CONVERTED, *steps.MEASURES)


def journey_counts(
    session: Session, journeys: Collection[str], course: Course = AS_RECORDED
) -> dict[str, JourneyCounts]:
    """Each journey in one line, of all times.

    Args:
        session: any transaction.
        journeys: names.
        course: of the journey, if it is one and its code is asked where people are.
    """
    return {name: _counts(tally, course) for name, tally in overall(session, journeys, MEASURES).items()}


def journey_days(session: Session, journeys: Collection[str], since: date) -> dict[str, Sequence[ReportDay]]:
    """How many entered each journey day by day, for a spark line; days without any are left out.

    Args:
        session: any transaction.
        journeys: names.
        since: first day, UTC on the journey clock.
    """
    found: dict[str, list[ReportDay]] = {name: [] for name in journeys}
    rows = by_day(session, journeys, Cohort("", since), [Measure.ENROLLED])
    for name, _, day, number in sorted(rows):
        found[name].append(ReportDay(day, number))
    return dict(found)


def states_and_outcomes(session: Session, journey: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many enrollments a journey has, by state and, of those that ended, by outcome.

    Args:
        session: any transaction.
        journey: its name.

    Returns:
        ``starting``, ``running``, ``ended`` and ``held out``, as far as there are any; and the outcomes.
    """
    # Those inside are few; of those who were, there may be millions, so they are counted already.
    inside = (
        select(Enrollment.state, func.count())
        .where(Enrollment.journey == journey, col(Enrollment.state).in_(("starting", "running")))
        .group_by(col(Enrollment.state))
    )
    counted = journey_counts(session, [journey])[journey]
    states = {**dict(session.exec(inside).all()), "ended": counted.ended, "held out": counted.held_out}
    return {state: number for state, number in sorted(states.items()) if number}, dict(counted.outcomes)


def _counts(tally: Tally, course: Course) -> JourneyCounts:
    treated = tally.total(Measure.ENROLLED, TREATED)
    ended = tally.total(Measure.ENDED)
    waiting = {step.step: step.waiting for step in steps.steps(steps.flows(tally, course), treated) if step.waiting}
    return JourneyCounts(
        enrolled=tally.total(Measure.ENROLLED),
        held_out=tally.total(Measure.ENROLLED, HELD_OUT),
        open=treated - ended,
        ended=ended,
        converted=tally.total(Measure.CONVERTED),
        outcomes=dict(sorted(tally.by(Measure.ENDED, "detail").items())),
        waiting=waiting,
    )
