"""An order in words: whatever the client sends, the customer reads something sensible or nothing."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.gate.orders import order_words
from activities.interests import INTERESTS, MOST_PICKS, chosen_interests, picks_for

PLACED = datetime(2026, 11, 22, 10, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def words(**properties: Any) -> dict[str, Any]:
    """What templates may say of an order."""
    return order_words(properties, PLACED, LONDON)


def test_an_order_is_listed_as_it_was_placed() -> None:
    """A product bought twice is one line with the price of both, and sums carry the currency's sign."""
    lantern = {"sku": "l1", "name": "Tin lantern", "price": 18}
    found = words(
        orderId="HM-1",
        completedOn="2026-11-20T23:30:00-05:00",
        total=1104,
        currency="GBP",
        products=[{"name": "Throw", "price": "68.00"}, lantern, lantern, {"name": "Mug", "price": 5.5, "quantity": 3}],
    )
    assert found == {
        "products": [
            {"name": "Throw", "quantity": 1, "price": "£68.00"},
            {"name": "Tin lantern", "quantity": 2, "price": "£36.00"},
            {"name": "Mug", "quantity": 3, "price": "£16.50"},
        ],
        "total": "£1,104.00",
        "order_id": "HM-1",
        "ordered_on": date(2026, 11, 21),
    }


@pytest.mark.parametrize(
    ("currency", "total"), [("EUR", "€99.00"), ("czk", "99.00 CZK"), (None, "99.00"), (["GBP"], "99.00")]
)
def test_a_sum_names_its_currency(currency: object, total: str) -> None:
    """Where we know no sign, the currency's code stands behind the sum; where we know no currency, nothing does."""
    assert words(total=99, currency=currency)["total"] == total


def test_a_missing_total_is_summed_up() -> None:
    """Where every price is known, so is the total; where one is not, nothing is listed rather than a wrong sum."""
    known, unknown = {"name": "Throw", "price": 68}, {"name": "Mug"}
    assert words(products=[known], currency="GBP")["total"] == "£68.00"
    assert words(products=[known, unknown], currency="GBP")["products"] == []
    listed = words(products=[known, unknown], total=70, currency="GBP")["products"]
    assert [product["price"] for product in listed] == ["£68.00", "–"]


@pytest.mark.parametrize(
    ("completed_on", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-06-20T23:30:00Z", date(2026, 6, 21)),
        ("soon", date(2026, 11, 22)),
        (None, date(2026, 11, 22)),
        (7, date(2026, 11, 22)),
    ],
)
def test_the_day_is_the_customers(completed_on: object, day: date) -> None:
    """The day of an order is that on the customer's own calendar; of an unknown one, that of its arrival."""
    assert words(completedOn=completed_on)["ordered_on"] == day


@given(st.dictionaries(st.sampled_from(["orderId", "completedOn", "total", "currency", "products"]), anything))
def test_no_order_is_refused(properties: dict[str, Any]) -> None:
    """Whatever a client sends, the words of the order can be written."""
    found = order_words(properties, PLACED, LONDON)
    assert isinstance(found["ordered_on"], date)
    assert all(isinstance(found[name], str) for name in ("total", "order_id"))


def test_picks_fit_what_a_customer_likes() -> None:
    """The best of each interest comes first, three at most, and nothing that was just bought."""
    throws, candles, *_ = INTERESTS
    assert picks_for([]) == []
    assert picks_for([throws]) == list(throws.picks)
    assert picks_for([throws, candles])[:2] == [throws.picks[0], candles.picks[0]]
    assert throws.picks[0] not in picks_for([throws], [throws.picks[0].name.upper()])
    assert len(picks_for(INTERESTS)) == MOST_PICKS


@pytest.mark.parametrize("stored", [None, "throws", 7, ["unknown"], [["throws"]]])
def test_what_was_stored_otherwise_is_no_interest(stored: object) -> None:
    """A value that the page did not store, or an interest the shop has given up, is passed over."""
    assert chosen_interests(stored) == []
