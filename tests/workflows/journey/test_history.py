"""Conditions on history: what they ask, and what they refuse at import."""

from datetime import timedelta
from enum import StrEnum

import pytest

from activities.history import Deed, HistoryQuestion
from workflows.journey import SMS, ByParameter, Clicked, Delivered, Happened, Opened, Parameter, Sent


class Way(StrEnum):
    """What counts."""

    OPENED = "opened"
    CLICKED = "clicked"


def test_a_condition_asks_for_what_it_says() -> None:
    """A developer reads from a condition exactly what the database will be asked."""
    assert Sent("reminder", SMS).question("e", {}) == HistoryQuestion("e", Deed.SENT, "reminder", "sms")
    assert Delivered("welcome").question("e", {}) == HistoryQuestion("e", Deed.DELIVERED, "welcome")
    assert Opened("welcome", machines=True).question("e", {}).machines
    clicked = Clicked("welcome", within=timedelta(hours=1)).question("e", {})
    assert (clicked.deed, clicked.within) == (Deed.CLICKED, timedelta(hours=1))
    happened = Happened("subscription.confirmed").question("e", {})
    assert (happened.deed, happened.event_type, happened.within) == (Deed.HAPPENED, "subscription.confirmed", None)


def test_a_condition_says_itself_in_words() -> None:
    """Staff read in lists and pictures what is checked."""
    assert Sent("reminder", SMS).words() == "sms reminder sent"
    assert Clicked("welcome", within=timedelta(hours=1)).words() == "welcome clicked within 1:00:00"
    assert Happened("order.completed").words() == "order.completed happened"


def test_a_parameter_chooses_the_condition() -> None:
    """A marketer changes by a parameter what counts; an enrollment keeps the value of its start."""

    class Owner:
        way = Parameter(Way.OPENED, "what counts")
        active = ByParameter(way, opened=Opened("welcome"), clicked=Clicked("welcome"))

    assert Owner.active.question("e", {}).deed is Deed.OPENED
    assert Owner.active.question("e", {"way": "clicked"}).deed is Deed.CLICKED
    assert (Owner.active.name, Owner.active.words()) == ("active", "welcome opened")


def test_what_could_never_hold_is_refused_at_import() -> None:
    """A condition without an answer for some value, or within no time, never gets into a running system."""
    with pytest.raises(TypeError, match="one condition for each value"):
        ByParameter(Parameter(Way.OPENED, "what counts"), opened=Opened("welcome"))
    with pytest.raises(TypeError, match="an enum"):
        ByParameter(Parameter("opened", "what counts"), opened=Opened("welcome"))
    with pytest.raises(ValueError, match="longer than nothing"):
        Clicked("welcome", within=timedelta(0))
