"""The lot that decides a customer's arm."""

from collections import Counter

import pytest

from activities.arms import Arms, arm_of, share

CUSTOMERS = [f"cus_{number}" for number in range(20_000)]
HALVES = {"plain": 50, "cheerful": 50}


def test_a_lot_never_changes() -> None:
    """A customer who is in an arm today is in it after every restart and every release."""
    assert share("cus_1", "abandoned-cart/split/tone") == 0.8755274799426939
    assert arm_of("cus_1", "abandoned-cart/split/tone", HALVES) == "cheerful"


def test_lots_are_even_from_nought_to_one() -> None:
    """Each tenth of the lots holds a tenth of the customers."""
    tenths = Counter(int(share(customer, "x") * 10) for customer in CUSTOMERS)
    assert sorted(tenths) == list(range(10))
    assert all(abs(count - 2000) < 200 for count in tenths.values())  # 4.7 standard deviations


def test_two_experiments_have_nothing_to_do_with_each_other() -> None:
    """Of the customers in one arm of a split half are in either arm of another."""
    both = Counter((arm_of(each, "a", HALVES), arm_of(each, "b", HALVES)) for each in CUSTOMERS)
    assert all(abs(count - 5000) < 300 for count in both.values())
    assert share("bc", "a") != share("c", "ab")


@pytest.mark.parametrize("weights", [{"a": 1, "b": 3}, {"a": 0.1, "b": 0.2, "c": 0.1}, {"a": 0, "b": 10, "c": 5}])
def test_arms_are_as_large_as_their_weights(weights: dict[str, float]) -> None:
    """An arm of twice the weight gets twice the customers, and one of weight 0 nobody."""
    found = Counter(arm_of(customer, "x", weights) for customer in CUSTOMERS)
    for arm, weight in weights.items():
        assert abs(found[arm] / len(CUSTOMERS) - weight / sum(weights.values())) < 0.02
    assert {arm for arm, weight in weights.items() if weight} == found.keys()


def test_a_change_of_weights_moves_only_whom_it_must() -> None:
    """Of two arms the growing one takes customers from the other, and loses none."""
    moved = Counter(
        (arm_of(customer, "x", HALVES), arm_of(customer, "x", {"plain": 80, "cheerful": 20})) for customer in CUSTOMERS
    )
    assert ("plain", "cheerful") not in moved
    assert abs(moved["cheerful", "plain"] / len(CUSTOMERS) - 0.3) < 0.02


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 2}, {"a": float("nan")}, {"a": float("inf")}])
def test_weights_that_draw_nobody_are_refused(weights: dict[str, float]) -> None:
    """A slip of the pen stops the program instead of sending everybody the same way."""
    with pytest.raises(ValueError, match="weight"):
        arm_of("cus_1", "x", weights)


@pytest.mark.parametrize("weights", [{"plain": 1}, {"Plain": 1, "b": 1}, {"two words": 1, "b": 1}, {"": 1, "b": 1}])
def test_arms_that_could_not_be_compared_are_refused(weights: dict[str, float]) -> None:
    """A split has something to compare, under names that fit templates and reports."""
    with pytest.raises(ValueError, match="two arms or more"):
        Arms("tone", weights)


@pytest.mark.parametrize("weights", [[1, 2], {"plain": 1}, {"plain": 1, "cheerful": "2"}, {"plain": 0, "cheerful": 0}])
def test_new_weights_are_for_the_arms_there_are(weights: object) -> None:
    """A marketer cannot name an arm that the code has no words for, or close them all."""
    with pytest.raises(ValueError, match="weight"):
        Arms("tone", HALVES).reweighted(weights)
