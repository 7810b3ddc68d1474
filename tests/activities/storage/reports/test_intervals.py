"""The report's statistics, against an independent library; it is loaded only where it is asked, for it is large."""

import math

import pytest

from activities.storage.reports.intervals import arm_report, lift

CASES = [(46, 100, 18, 100), (400, 9000, 30, 1000), (1, 20, 0, 20), (20, 20, 3, 7), (0, 50, 0, 50), (7, 10, 700, 1000)]


@pytest.mark.parametrize(("converted", "exposed", "against", "of"), CASES)
def test_intervals_are_those_of_another_library(converted: int, exposed: int, against: int, of: int) -> None:
    """A marketer can trust the intervals: statsmodels, written by others, finds the same."""
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

    treated, held_out = arm_report("treated", exposed, 0, converted), arm_report("holdout", of, 0, against)
    found = lift(treated, held_out)

    assert (treated.interval.low, treated.interval.high) == pytest.approx(
        proportion_confint(converted, exposed, method="wilson")
    )
    assert (found.difference_interval.low, found.difference_interval.high) == pytest.approx(
        confint_proportions_2indep(converted, exposed, against, of, compare="diff", method="newcomb")
    )
    if converted and against:
        assert (found.ratio_interval.low, found.ratio_interval.high) == pytest.approx(
            confint_proportions_2indep(converted, exposed, against, of, compare="ratio", method="log")
        )
    else:
        assert (found.ratio_interval.low, found.ratio_interval.high) == (None, None)


@pytest.mark.parametrize(("converted", "exposed", "against", "of"), CASES[:2])
def test_the_sample_has_the_power_that_is_promised(converted: int, exposed: int, against: int, of: int) -> None:
    """The smallest sample named would find the difference four times out of five, by another library's reckoning."""
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    found = lift(arm_report("treated", exposed, 0, converted), arm_report("holdout", of, 0, against))
    effect = proportion_effectsize(converted / exposed, against / of)

    wanted = NormalIndPower().solve_power(effect, power=0.8, alpha=0.05, ratio=of / exposed)

    assert found.sample_needed is not None
    assert found.sample_needed == pytest.approx(wanted * (1 + of / exposed), abs=2)
    assert found.enough is (exposed + of >= found.sample_needed)


def test_what_a_sample_can_show_is_shown() -> None:
    """A difference just as large as the smallest detectable one needs just the sample that is there."""
    small = lift(arm_report("treated", 9000, 0, 400), arm_report("holdout", 1000, 0, 30))
    assert small.detectable is not None

    converted = round((small.detectable + 0.03) * 9000)
    found = lift(arm_report("treated", 9000, 0, converted), arm_report("holdout", 1000, 0, 30))

    assert found.sample_needed == pytest.approx(10_000, rel=0.01)


def test_nobody_is_no_evidence() -> None:
    """An arm without anybody, or equal arms, claim nothing."""
    nobody = lift(arm_report("treated", 5, 5, 0), arm_report("holdout", 9, 0, 3))
    assert (nobody.difference, nobody.ratio, nobody.significant, nobody.enough) == (None, None, False, False)

    equal = lift(arm_report("treated", 10, 0, 3), arm_report("holdout", 10, 0, 3))
    assert (equal.difference, equal.sample_needed, equal.significant) == (0, None, False)

    clear = lift(arm_report("treated", 100, 0, 46), arm_report("holdout", 100, 0, 18))
    assert clear.significant
    assert clear.ratio is not None
    assert math.isclose(clear.ratio, 46 / 18)
