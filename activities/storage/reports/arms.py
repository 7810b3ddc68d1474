"""The arms of a cohort: treated and held out, and those of its splits."""

from activities.storage.counts import Measure
from activities.storage.holdout import HELD_OUT, TREATED
from activities.storage.reports.intervals import arm_report, lift
from activities.storage.reports.model import ArmReport, Lift, SplitReport
from activities.storage.reports.rollup import Tally

MEASURES = (Measure.ENROLLED, Measure.MET_AT_ENTRY, Measure.CONVERTED)
SPLIT_MEASURES = (Measure.SPLIT, Measure.SPLIT_MET_BEFORE, Measure.SPLIT_CONVERTED)


def arms(tally: Tally) -> tuple[ArmReport, ...]:
    """Treated, and held out if anybody is."""
    enrolled, met, converted = (tally.by(measure, "arm") for measure in MEASURES)
    names = [TREATED, HELD_OUT] if enrolled[HELD_OUT] else [TREATED]
    return tuple(arm_report(arm, enrolled[arm], met[arm], converted[arm]) for arm in names)


def holdout_lift(found: tuple[ArmReport, ...]) -> Lift | None:
    """What the journey brings; None while nobody is held out."""
    return lift(found[0], found[1]) if len(found) > 1 else None


def splits(tally: Tally) -> tuple[SplitReport, ...]:
    """Each split with its arms, compared with the first by name."""
    came, met, converted = (tally.by(measure, "name", "arm") for measure in SPLIT_MEASURES)
    reports = []
    for split in sorted({name for name, _ in came}):
        found = tuple(
            arm_report(arm, came[name, arm], met[name, arm], converted[name, arm])
            for name, arm in sorted(came)
            if name == split
        )
        reports.append(SplitReport(split, found, tuple(lift(arm, found[0]) for arm in found[1:])))
    return tuple(reports)
