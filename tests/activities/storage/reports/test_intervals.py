"""The report's statistics, against an independent library; it is loaded only where it is asked, for it is large."""

import math

import pytest

from activities.storage.reports.intervals import arm_report, lift

CASES = [
    (46, 100, 18, 100),
    (400, 9000, 30, 1000),
    (39, 100, 21, 100),  # just enough
    (1, 20, 0, 20),
    (0, 20, 1, 20),
    (20, 20, 3, 7),
    (0, 50, 0, 50),
    (7, 10, 700, 1000),
]


@pytest.mark.parametrize(("converted", "exposed", "against", "of"), CASES)
def test_intervals_are_those_of_another_library(converted: int, exposed: int, against: int, of: int) -> None:
    """A marketer can trust the intervals: statsmodels, written by others, finds the same."""
    from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

    treated, held_out = arm_report("treated", exposed, 0, converted), arm_report("holdout", of, 0, against)
    found = lift(treated, held_out)

    assert found.difference == pytest.approx(converted / exposed - against / of)
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


@pytest.mark.parametrize(("converted", "exposed", "against", "of"), CASES[:3])
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


def test_what_no_sample_of_this_size_can_show_is_not_promised() -> None:
    """Where even an arm that converts as a whole would prove nothing, a marketer is told of no difference."""
    few = lift(arm_report("treated", 3, 0, 2), arm_report("holdout", 3, 0, 2))
    assert few.detectable is None


def test_a_journey_that_puts_off_is_told_from_one_that_does_nothing() -> None:
    """A marketer sees that customers do better without a journey, as surely as that they do better with it."""
    harm = lift(arm_report("treated", 100, 0, 18), arm_report("holdout", 100, 0, 46))
    assert harm.significant
    assert harm.difference_interval.high is not None
    assert harm.difference_interval.high < 0


def test_there_is_no_ratio_to_nothing() -> None:
    """Where nobody who was held out converted, a marketer reads no ratio; the difference says it all."""
    found = lift(arm_report("treated", 20, 0, 9), arm_report("holdout", 20, 0, 0))
    assert (found.difference, found.ratio) == (9 / 20, None)


@pytest.mark.parametrize(("treated", "holdout"), [((5, 5, 0), (9, 0, 3)), ((9, 0, 3), (5, 5, 0))], ids=str)
def test_nobody_is_no_evidence(treated: tuple[int, int, int], holdout: tuple[int, int, int]) -> None:
    """An arm without anybody claims nothing, whichever it is."""
    nobody = lift(arm_report("treated", *treated), arm_report("holdout", *holdout))
    assert (nobody.difference, nobody.ratio, nobody.significant, nobody.enough) == (None, None, False, False)


def test_equal_arms_are_no_evidence() -> None:
    """A marketer is not told of a difference where there is none, and is where there is one."""
    equal = lift(arm_report("treated", 10, 0, 3), arm_report("holdout", 10, 0, 3))
    assert (equal.difference, equal.sample_needed, equal.significant) == (0, None, False)

    clear = lift(arm_report("treated", 100, 0, 46), arm_report("holdout", 100, 0, 18))
    assert clear.significant
    assert clear.ratio is not None
    assert math.isclose(clear.ratio, 46 / 18)
