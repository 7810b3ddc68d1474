"""Rates, and how sure one can be of them: by scipy, loaded only when somebody asks.

Sources: Wilson 1927 for a rate; Newcombe 1998 (method 10) for a difference; Katz et al. 1978 for a ratio; Cohen 1988
(effect size h) for the size of a sample.
"""

from math import asin, ceil, pi, sin, sqrt

from activities.storage.reports.model import ArmReport, Interval, Lift

CONFIDENCE = 0.95
POWER = 0.8
NONE = Interval(None, None)


def arm_report(arm: str, enrolled: int, met_at_entry: int, converted: int) -> ArmReport:
    """An arm with its rate."""
    exposed = enrolled - met_at_entry
    rate = converted / exposed if exposed else None
    return ArmReport(arm, enrolled, met_at_entry, converted, rate, _wilson(converted, exposed))


def lift(arm: ArmReport, against: ArmReport) -> Lift:
    """What one arm brings over another."""
    if arm.rate is None or against.rate is None:
        return Lift(arm.arm, against.arm, None, NONE, None, NONE, False, None, False, None)
    difference = arm.rate - against.rate
    interval = _newcombe(arm, against)
    needed = sample_needed(arm, against)
    return Lift(
        arm=arm.arm,
        against=against.arm,
        difference=difference,
        difference_interval=interval,
        ratio=arm.rate / against.rate if against.rate else None,
        ratio_interval=_katz(arm, against),
        significant=interval.low is not None and interval.high is not None and not interval.low <= 0 <= interval.high,
        sample_needed=needed,
        enough=needed is not None and arm.exposed + against.exposed >= needed,
        detectable=_detectable(arm, against),
    )


def sample_needed(arm: ArmReport, against: ArmReport) -> int | None:
    """With how many, in the proportion of now, the observed difference would be found; None if there is none."""
    effect = abs(_angle(arm.rate) - _angle(against.rate))
    if not effect:
        return None
    proportion = against.exposed / arm.exposed
    first = (_quantiles() / effect) ** 2 * (1 + 1 / proportion)
    return ceil(first) + ceil(first * proportion)


def _detectable(arm: ArmReport, against: ArmReport) -> float | None:
    """The difference above the other arm's rate that these arms would show with the power wanted."""
    angle = _angle(against.rate) + _quantiles() * sqrt(1 / arm.exposed + 1 / against.exposed)
    return None if angle >= pi else sin(angle / 2) ** 2 - (against.rate or 0.0)


def _angle(rate: float | None) -> float:
    return 2 * asin(sqrt(rate or 0.0))


def _quantiles() -> float:
    from scipy.stats import norm

    return float(norm.ppf(1 - (1 - CONFIDENCE) / 2) + norm.ppf(POWER))


def _wilson(converted: int, exposed: int) -> Interval:
    if not exposed:
        return NONE
    from scipy.stats import binomtest

    found = binomtest(converted, exposed).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(float(found.low), float(found.high))


def _newcombe(arm: ArmReport, against: ArmReport) -> Interval:
    """The square-and-add interval of two Wilson intervals."""
    p, q = arm.rate or 0.0, against.rate or 0.0
    (p_low, p_high), (q_low, q_high) = _ends(arm.interval), _ends(against.interval)
    below, above = sqrt((p - p_low) ** 2 + (q_high - q) ** 2), sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return Interval(p - q - below, p - q + above)


def _ends(interval: Interval) -> tuple[float, float]:
    return interval.low or 0.0, 1.0 if interval.high is None else interval.high


def _katz(arm: ArmReport, against: ArmReport) -> Interval:
    if not arm.converted or not against.converted:
        return NONE
    from scipy.stats.contingency import relative_risk

    found = relative_risk(arm.converted, arm.exposed, against.converted, against.exposed)
    interval = found.confidence_interval(CONFIDENCE)
    return Interval(float(interval.low), float(interval.high))
