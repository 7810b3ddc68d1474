"""The checks every text message must pass."""

from datetime import datetime

import pytest

from activities.channels import SMS, MessageClass
from activities.templates.sms_length import is_gsm7, segments

from .samples import LONDON, RENDERER, TEXTS, VOUCHER, details, each_text, fewest, for_text, longest, usual

LINK = "https://hmoor.example/7Kq2mP9dXw"
SHOP = "https://www.hearthmoor.example/"


def render(template: str, values: dict[str, object]) -> str:
    return RENDERER.render(template, SMS, for_text(values)).text


@pytest.mark.parametrize("extent", [usual, fewest, longest])
@each_text
def test_it_costs_one_segment(template: str, extent: object) -> None:
    """A shop pays one segment for each text, with the usual values and with the longest."""
    assert callable(extent)
    text = render(template, extent(template))
    assert is_gsm7(text)
    assert segments(text) == 1


@each_text
def test_who_sends_stands_first_and_the_way_out_last(template: str) -> None:
    """A customer sees at once who writes, and how to stop it."""
    text = render(template, usual(template))
    assert text.startswith("Hearthmoor: ")
    assert text.endswith(" STOP to opt out")


@each_text
def test_where_nobody_can_answer_a_link_stops_the_texts(template: str) -> None:
    """A customer whose texts come from a word instead of a number opts out by a link, in one segment."""
    text = render(template, usual(template, sms_stop_word=False))
    assert text.endswith(" Stop: https://hmoor.example/4Tn8vR3bJs")
    assert "STOP" not in text
    assert segments(text) == 1


@each_text
def test_a_text_carries_no_name(template: str) -> None:
    """A customer's name is kept out of texts: one letter of it could double the price."""
    assert "Řehoř" not in render(template, usual(template, first_name="Řehoř"))


@each_text
def test_links_stand_free(template: str) -> None:
    """A customer's phone makes the whole link pressable, and nothing beside it."""
    words = render(template, usual(template)).split(" ")
    assert [word for word in words if "://" in word and not word.startswith("https://")] == []
    assert all(not word.endswith((".", ",")) for word in words if "://" in word)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (
            "complete-your-account",
            "3 details are missing from your account. Adding them takes about a minute: " + LINK,
        ),
        (
            "voucher-offer",
            f"complete your account before Thu 26 Nov, 10am and get £10 off, from £40. {LINK}",
        ),
        (
            "your-voucher",
            f"thank you! Your code for £10 off: HM10-7K3Q-W4TX until 31 Jan 2027. Terms: {LINK}",
        ),
        (
            "points-offer",
            f"complete your account before Thu 26 Nov, 10am and get 200 points, worth £4. {LINK}",
        ),
        (
            "points-added",
            "thank you! 200 points added, you now have 350. Spend them: " + SHOP,
        ),
        (
            "loyalty-discount",
            f"thank you! 10% off with LOYAL-6RXM-2H until 31 Jan 2027. Picked for you: {SHOP}",
        ),
        (
            "confirm-reminder",
            f"please confirm your email address: {LINK} Not you? Ignore this text.",
        ),
        (
            "member-welcome",
            f"welcome to the Circle. 250 points are on your account. What they bring: {SHOP}",
        ),
    ],
)
def test_texts_read_as_designed(template: str, text: str) -> None:
    """A customer reads exactly the words of the reference."""
    values = usual(template, offer_ends=datetime(2026, 11, 26, 10, tzinfo=LONDON))
    assert render(template, values) == f"Hearthmoor: {text} STOP to opt out"


def test_one_missing_detail_reads_well() -> None:
    """A customer with one missing detail reads "1 detail is missing"."""
    text = render("complete-your-account", usual("complete-your-account", missing=details(1)))
    assert "1 detail is missing from your account. Adding it takes about a minute" in text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"picks": []}, "10% off with LOYAL-6RXM-2H until 31 Jan 2027. Use it: "),
        ({"reward": VOUCHER, "picks": []}, "£10 off, from £40, with LOYAL-6RXM-2H until 31 Jan 2027. Use it: "),
        ({"voucher_ends": None}, "10% off with LOYAL-6RXM-2H. Picked for you: "),
    ],
)
def test_a_loyalty_code_says_only_what_holds(changes: dict[str, object], text: str) -> None:
    """A customer reads of suggestions, a last day and a least sum only where there are any."""
    assert f"thank you! {text}{SHOP} STOP" in render("loyalty-discount", usual("loyalty-discount", **changes))


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (1, "1 point is on your account. What it brings: "),
        (0, "welcome to the Circle. What it brings: "),
        (None, "welcome to the Circle. What it brings: "),
    ],
)
def test_a_new_member_reads_how_many_points_there_are(points: int | None, text: str) -> None:
    """A new member with one point, or none yet, reads a sentence that is true."""
    assert text + SHOP in render("member-welcome", usual("member-welcome", points=points))


def test_which_texts_are_service_messages() -> None:
    """A customer who wants no advertising still gets what they asked for themselves."""
    service = {name for name in TEXTS if RENDERER.message_class(name, SMS) is MessageClass.SERVICE}
    assert service == {"confirm-reminder", "member-welcome"}
