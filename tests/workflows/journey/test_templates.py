"""Templates as parameters."""

import pytest

from activities.channels import EMAIL, SMS, MessageClass
from workflows.journey import Opened, Parameter, Template
from workflows.journey.templates import place_of
from workflows.welcome import Welcome

MARKETING = MessageClass.MARKETING
WRITTEN = {
    "reminder": {EMAIL: MARKETING, SMS: MARKETING},
    "reminder--short": {EMAIL: MARKETING, SMS: MARKETING},
    "reminder--service": {EMAIL: MessageClass.SERVICE, SMS: MARKETING},
    "reminder--email": {EMAIL: MARKETING},
    "reminders--short": {EMAIL: MARKETING, SMS: MARKETING},
}


def parameter() -> Parameter[Template]:
    """A parameter as a class has it."""
    found = Parameter(Template("reminder"), "words of the reminder")
    found.__set_name__(Welcome, "reminder_message")
    return found


def test_only_words_for_the_same_place_may_be_chosen() -> None:
    """A marketer chooses among a template and its variants for the same channels and of the same class."""
    assert Template("reminder").choices(WRITTEN) == ("reminder", "reminder--short")
    assert parameter().accept("reminder--short", WRITTEN) == "reminder--short"
    for refused in sorted({*WRITTEN, "reminder--", "elsewhere"} - {"reminder", "reminder--short"}):
        with pytest.raises(ValueError, match=r"parameter reminder_message: .*reminder.*, not "):
            parameter().accept(refused, WRITTEN)


def test_variants_are_listed_by_name() -> None:
    """A marketer finds the variants in the same order on every machine."""
    kinds = WRITTEN["reminder"]
    written = {"reminder--short": kinds, "reminder": kinds, "reminder--brisk": kinds}
    assert Template("reminder").choices(written) == ("reminder", "reminder--brisk", "reminder--short")


def test_without_a_list_the_default_stays() -> None:
    """A developer whose system lists no templates can still set a parameter back."""
    assert parameter().accept("reminder", {}) == "reminder"


def test_a_journey_that_runs_never_asks_what_is_written() -> None:
    """A customer inside keeps the words of their entry, and one from before the parameter has the default."""
    assert parameter().value({"reminder_message": "reminder--gone"}) == "reminder--gone"
    assert parameter().value({}) == "reminder"
    assert parameter().write(parameter().value({})) == "reminder"


@pytest.mark.parametrize("kept", ["elsewhere", "reminders--short", 5, None])
def test_a_journey_does_not_send_the_words_of_another_place(kept: object) -> None:
    """A customer whose entry names words for another place, or none, is sent nothing until a developer has looked."""
    with pytest.raises(ValueError, match="parameter reminder_message: reminder or a variant of it"):
        parameter().value({"reminder_message": kept})


def test_all_variants_share_a_step() -> None:
    """A marketer's counts of a step stay together, and a literal name is its own step."""
    assert place_of(Template("reminder--short")) == place_of("reminder") == "reminder"
    assert place_of("cart--plain") == "cart--plain"


def test_a_variant_is_no_default() -> None:
    """A developer is told at import that variants are of a default, not of one another."""
    with pytest.raises(TypeError, match="not one of them"):
        Parameter(Template("reminder--short"), "words")


def test_a_condition_asks_for_the_words_that_were_chosen() -> None:
    """A customer who opens the welcome is active, whichever words it has."""
    chosen = {"welcome_message": "welcome--spring", "interest": "opened"}
    assert Welcome.active.question("e1", chosen).template == "welcome--spring"
    assert Welcome.active.question("e1", {"interest": "opened"}).template == "welcome"
    assert Opened(Welcome.welcome_message, EMAIL).words() == "email welcome opened"
