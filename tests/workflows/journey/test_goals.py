"""What a journey is for: a condition of the profile, or an event."""

from datetime import timedelta

import pytest
from temporalio import workflow

from activities.entries import Circumstances
from workflows import catalogue
from workflows.journey import Enrollment, Goal, Journey, On, Outcome, Parameter, ProfileHas, Property

BIG = Goal("order.completed", "a big order", where=Property("total").at_least(100))


@workflow.defn(name="winning-back")
class WinningBack(Journey):
    """A journey that wants a big order."""

    trigger = On("customer.lapsed")
    goal = BIG
    conversion_window = Parameter(timedelta(days=14), "how long an order counts")

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - a journey's signature
        return self.end("done")


@workflow.defn(name="asking")
class Asking(Journey):
    """A journey that wants a profile."""

    trigger = On("account.registered")
    asked_for = Parameter(("first_name", "shoe_size"), "a complete profile")
    goal = ProfileHas(asked_for)

    @workflow.run
    async def run(self, enrollment: Enrollment) -> Outcome:  # noqa: ARG002 - a journey's signature
        return self.end("done")


@pytest.mark.parametrize(
    ("event_type", "total", "met"),
    [("order.completed", 100, True), ("order.completed", 99, False), ("order.cancelled", 100, False)],
)
def test_an_event_meets_a_goal_by_its_rule(event_type: str, total: int, met: bool) -> None:
    """Only the orders that the journey is for count for it."""
    assert WinningBack.goal_met(event_type, Circumstances({"total": total})) is met
    assert WinningBack.goal_listens(event_type) is (event_type == "order.completed")


@pytest.mark.parametrize(
    ("profile", "met"),
    [
        ({"first_name": "Ada", "shoe_size": 39}, True),
        ({"first_name": "Ada", "shoe_size": ""}, False),
        ({"first_name": "Ada"}, False),
    ],
)
def test_a_profile_meets_a_goal_when_all_is_set(profile: dict[str, object], met: bool) -> None:
    """A profile counts as complete by the journey's own parameters, custom attributes included."""
    assert Asking.goal_met("profile.updated", Circumstances({}, profile)) is met
    assert not Asking.goal_met("order.completed", Circumstances({}, profile))
    fewer = Circumstances({}, {"first_name": "Ada"}, {"asked_for": ["first_name"]})
    assert Asking.goal_met("profile.updated", fewer)


def test_the_window_is_a_parameter_where_the_journey_makes_it_one() -> None:
    """A marketer may change how long a conversion counts; without a word it is thirty days."""
    assert WinningBack.converts_within({}) == timedelta(days=14)
    assert WinningBack.converts_within({"conversion_window": "P3D"}) == timedelta(days=3)
    assert Asking.converts_within({}) == timedelta(days=30)


def test_every_journey_says_what_it_is_for() -> None:
    """Staff read the goal of each of our journeys in words."""
    words = {name: journey.goal_in_words({}) for name, journey in catalogue().items()}
    assert words["welcome"] == "a first order"
    assert words["data-collection-voucher"] == "profile has first name, last name, email, phone, date of birth"
    assert all(words.values())
