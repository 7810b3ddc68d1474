"""Rules over events and profiles: what matches, what never does, and what is refused before anything runs."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.entries import Circumstances
from workflows.journey.parameters import Parameter
from workflows.journey.rules import Profile, Property, Rule
from workflows.order_follow_up import OrderFollowUp

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORDER: dict[str, Any] = {
    "orderId": "o1",
    "total": 104,
    "paid": True,
    "completedOn": "2026-11-01T12:00:00Z",
    "tags": ["gift", "first"],
    "customer": {"tier": "gold"},
    "products": [
        {"category": "Home", "price": 18.0, "labels": [{"name": "new"}]},
        {"category": "Winter 2026", "price": 68, "labels": []},
        "nonsense",
    ],
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
orders = st.dictionaries(st.sampled_from(["orderId", "total", "completedOn", "products", "customer"]), json_values)


def holds(rule: Rule, properties: dict[str, Any] | None = None, **more: Any) -> bool:
    """Whether a rule holds of an order."""
    return rule.holds(Circumstances(ORDER if properties is None else properties, **more))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Property("orderId").equals("o1"), True),
        (Property("orderId").equals("O1"), False),
        (Property("total").equals(104), True),
        (Property("total").equals("104"), False),
        (Property("total").equals(104.0), False),
        (Property("paid").equals(True), True),
        (Property("paid").equals(1), False),
        (Property("missing").equals(None), False),
        (Property("orderId").one_of("o1", "o2"), True),
        (Property("orderId").one_of("o2"), False),
        (Property("tags").one_of("gift"), False),
        (Property("tags").contains("gift"), True),
        (Property("tags").contains("gif"), False),
        (Property("orderId").contains("O"), True),
        (Property("total").contains("1"), False),
        (Property("customer.tier").equals("gold"), True),
        (Property("customer.tier.level").equals("gold"), False),
        (Property("products[].category").contains("winter"), True),
        (Property("products[].category").contains("Summer"), False),
        (Property("products[].price").at_least(68), True),
        (Property("products[].price").at_least(69), False),
        (Property("products[].price").less_than(18.5), True),
        (Property("products[].labels[].name").equals("new"), True),
        (Property("products.category").contains("Winter"), False),
        (Property("orderId[].category").contains("Winter"), False),
        (Property("total").at_least(104), True),
        (Property("total").less_than(104), False),
        (Property("orderId").at_least(1), False),
        (Property("paid").at_least(1), False),
    ],
    ids=lambda value: value.words() if hasattr(value, "words") else str(value),
)
def test_a_property_is_tested_as_it_is_typed(rule: Rule, expected: bool) -> None:
    """A text is no number, a number no boolean, a list is searched through, and what is missing never matches."""
    assert holds(rule) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-01T12:00:00Z", True),
        ("2026-11-01T11:59:59.999999Z", False),
        ("2026-11-01T13:00:00+01:00", True),
        ("2026-11-01T12:30:00+01:00", False),
        ("2026-11-01T07:00:00-05:00", True),
        ("2026-11-01T12:00:00", True),
        ("2026-11-02", True),
        ("2026-11-01", False),
        ("20261101T120000Z", True),
        ("yesterday", False),
        ("", False),
        (1_793_534_400, False),
        (None, False),
        (["2026-11-02"], False),
    ],
)
def test_instants_are_compared_not_their_spelling(written: object, expected: bool) -> None:
    """The same moment is the same moment in every zone; a date alone is its first moment in UTC."""
    rule = Property("completedOn").on_or_after(NOON)
    assert holds(rule, {"completedOn": written}) is expected
    elsewhere = Property("completedOn").on_or_after(NOON.astimezone(timezone(timedelta(hours=-9, minutes=-30))))
    assert holds(elsewhere, {"completedOn": written}) is expected
    if isinstance(written, str) and written[:1] == "2":
        assert holds(Property("completedOn").before(NOON), {"completedOn": written}) is not expected


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-28", 19),
        ("2008-02-29", "2028-02-29", 20),
        ("2008-11-22", "2026-11-21", 17),
        ("2008-11-22", "2026-11-22", 18),
    ],
)
def test_an_age_is_counted_in_birthdays(born: str, today: str, age: int) -> None:
    """Someone born on 29 February comes of age on 1 March, in leap years on the day itself."""
    profile = {"date_of_birth": born}
    assert holds(Profile.age().at_least(age), profile=profile, today=today)
    assert not holds(Profile.age().at_least(age + 1), profile=profile, today=today)


@pytest.mark.parametrize("profile", [{}, {"date_of_birth": None}, {"date_of_birth": "soon"}, {"date_of_birth": 7}])
def test_an_unknown_age_is_no_age(profile: dict[str, Any]) -> None:
    """Where no date of birth is known, no rule about age holds."""
    assert not holds(Profile.age().at_least(0) | Profile.age().less_than(200), profile=profile, today="2026-11-22")


def test_a_profile_is_tested_with_its_own_attributes() -> None:
    """Country, locale, the preferred channel and custom attributes can be asked for; an empty one counts as missing."""
    profile = {"country": "CZ", "locale": "", "preferred_channel": "sms", "interests": ["throws"], "visits": 3}
    rule = (
        Profile("country").one_of("CZ", "SK")
        & Profile("preferred_channel").equals("sms")
        & Profile("interests").contains("throws")
        & Profile("visits").at_least(3)
        & ~Profile("locale").equals("")
    )
    assert holds(rule, profile=profile)
    assert not holds(rule, profile=profile | {"preferred_channel": None})


def test_a_parameter_stands_for_its_value() -> None:
    """A marketer who moves the date of a range changes who enters from then on."""
    assert holds(Property("completedOn").on_or_after(_parameter()))
    assert not holds(Property("completedOn").on_or_after(_parameter()), parameters={"since": "2026-11-02T00:00:00Z"})


def test_an_event_can_be_compared_with_the_one_that_began_it() -> None:
    """A cancellation concerns the order it names; a number and its text are the same id, and no id is no match."""
    rule = Property("orderId").same_as_trigger("orderId")
    assert holds(rule, {"orderId": 17}, trigger={"orderId": "17"})
    assert not holds(rule, {"orderId": "o2"}, trigger={"orderId": "o1"})
    assert not holds(rule, {"orderId": None}, trigger={})
    assert not holds(rule, {}, trigger={"orderId": "o1"})


def test_rules_combine_as_they_are_written() -> None:
    """And, or and not read as they do in the seed, and say so in words."""
    yes, no = Property("total").equals(104), Property("total").equals(0)
    assert holds(yes & ~no)
    assert holds(no | yes)
    assert not holds(no | ~yes)
    assert (yes & ~(no | yes)).words() == "total is 104 and not ((total is 0 or total is 104))"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Property("total").at_least("104"),
        lambda: Property("total").less_than(True),
        lambda: Property("completedOn").on_or_after("2026-11-01T00:00:00Z"),
        lambda: Property("completedOn").before(datetime(2026, 11, 1)),  # noqa: DTZ001 - the very mistake
        lambda: Property("completedOn").on_or_after(Parameter("2026-11-01", "a date as text")),
        lambda: Property("total").at_least(Parameter("many", "a number as text")),
    ],
)
def test_a_rule_that_could_never_match_is_refused_at_import(wrong: Any) -> None:
    """A developer who compares a number with a text learns so when the program starts."""
    with pytest.raises(TypeError):
        wrong()


@pytest.mark.parametrize("path", ["", ".", "a..b", "[]", "products[]."])
def test_a_path_that_leads_nowhere_is_refused_at_import(path: str) -> None:
    """A misspelt path is an error, not a rule that never matches."""
    with pytest.raises(ValueError, match="path"):
        Property(path)


@given(orders, json_values)
def test_no_event_breaks_a_rule(order: dict[str, Any], value: Any) -> None:
    """Whatever a client sends, a rule holds or does not."""
    properties = order | {"anything": value}
    for path in ("anything", "anything[]", "anything.name", "products[].category", "customer.tier"):
        subject = Property(path)
        for rule in (
            subject.equals(value),
            subject.one_of(value, 1),
            subject.contains("a"),
            subject.at_least(1),
            subject.less_than(1.5),
            subject.on_or_after(NOON),
            subject.before(NOON),
            subject.same_as_trigger("orderId"),
        ):
            assert isinstance(holds(rule, properties, trigger=order), bool)


@given(orders)
def test_complementary_rules_split_a_trigger(order: dict[str, Any]) -> None:
    """Of two journeys whose rules are complementary each order enters exactly one, whatever it says."""
    winter = OrderFollowUp.trigger.where
    assert winter is not None
    rules: list[Any] = [winter, Property("total").at_least(50), Property("total").less_than(50) | winter]
    for rule in rules:
        assert holds(rule, order) is not holds(~rule, order)


def _parameter() -> Parameter[datetime]:
    found = Parameter(NOON, "since when")
    found.name = "since"
    return found
