"""What customers typed cannot harm the words around it."""

import pytest

from activities.templates.isolation import isolate_plain, name_to_greet, single_line, without_isolates


def test_a_usual_name_stays_bare() -> None:
    """A customer called Ada sees no stray marks around her name."""
    assert isolate_plain("Ada") == "Ada"


@pytest.mark.parametrize("name", ["ليلى", "שרה", "Ada ليلى"])
def test_a_right_to_left_name_is_isolated(name: str) -> None:
    """A customer with an Arabic or Hebrew name finds the commas in their place."""
    assert isolate_plain(name) == f"\u2068{name}\u2069"


def test_any_name_is_isolated_in_a_right_to_left_message() -> None:
    """A Latin name in an Arabic message does not turn its sentence."""
    assert isolate_plain("Ada", "rtl") == "\u2068Ada\u2069"


def test_a_name_cannot_bring_controls() -> None:
    """A name with an override or a closing mark inside cannot turn the rest of the message."""
    assert isolate_plain("Ada\u202e\u2069\u2066") == "Ada"
    assert isolate_plain("A\x00d\ud800a\x1b") == "Ada"


def test_a_name_is_one_line() -> None:
    """A name with line breaks cannot add lines or headers of its own."""
    assert single_line("Ada\r\nBcc: x@y.example\u2028z") == "Ada Bcc: x@y.example z"


def test_a_joined_emoji_survives() -> None:
    """A family emoji in a name is not taken apart."""
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
    assert isolate_plain(family) == family


def test_marks_can_be_taken_out() -> None:
    """A text message is never made dearer by invisible marks."""
    assert without_isolates("\u2068ليلى\u2069") == "ليلى"


@pytest.mark.parametrize("name", ["Ada", "www", "Ann-Marie: //", "Al.", "ليلى"])
def test_a_name_is_greeted_as_it_is(name: str) -> None:
    """A customer is greeted by their name, odd ones included."""
    assert name_to_greet(name) == name


@pytest.mark.parametrize("name", [None, "", " \u200f\n", "ftp://x.example", "WWW.x.example", "https:\x00//x.example"])
def test_nobody_is_greeted_by_a_link_or_by_nothing(name: str | None) -> None:
    """A customer whose name is empty or would become a link is greeted without one."""
    assert name_to_greet(name) is None
