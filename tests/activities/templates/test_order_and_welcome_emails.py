"""The words of the emails that follow an order or welcome somebody, and how they change with what is known."""

import re
from datetime import date, datetime
from typing import Any

import pytest

from activities.channels import EMAIL, MessageClass

from .samples import EMAILS, LONDON, RENDERER, VOUCHER, Page, fewest, products, usual
from .test_emails import preheader, render, visible


def both_parts(template: str, **changes: Any) -> tuple[str, str]:
    rendered = render(template, usual(template, **changes))
    return " ".join(rendered.text.split()), re.sub(r" (?=[.,:])", "", visible(rendered.html))


def test_only_the_request_to_confirm_is_a_service_message() -> None:
    """A customer who wants no advertising gets no email but the one asking whether the address is theirs."""
    service = {name for name in EMAILS if RENDERER.message_class(name, EMAIL) is MessageClass.SERVICE}
    assert service == {"welcome"}


def test_a_welcome_offers_nothing_before_the_confirmation() -> None:
    """A person whose address was entered by somebody else gets no advertising with the question."""
    for words in both_parts("welcome"):
        assert "If that was you, please confirm it" in words
        assert "The link works until 29 November 2026." in words
        assert not re.search(r"10%|£|voucher|code", words)


def test_the_confirmation_link_can_be_copied() -> None:
    """A customer whose button does not work reads the link itself."""
    html = render("welcome", usual("welcome")).html
    assert ">https://hello.hearthmoor.example/confirm/h6Rz1jYc8QvM3eSk</a>" in html


def test_a_promotion_thanks_only_for_a_confirmation_that_was_given() -> None:
    """A customer who opened the welcome but never confirmed is not thanked for confirming."""
    for words in both_parts("promo-code"):
        assert "Thank you for confirming your address. This is our hello: 15% off your first order, and 100" in words
        assert "You get this because you confirmed this address on 23 November 2026." in words
        assert "One use, first order only, no minimum." in words
    for words in both_parts("promo-code", confirmed_on=None, points=None):
        assert "confirm" not in words
        assert "This is our hello: 15% off your first order." in words
        assert "You get this because this address was entered at Hearthmoor on 16 November 2026." in words


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("promo-code", "£10 off your first order of £40 or more"),
        ("order-follow-up", "£10 off your next order of £40 or more, for telling us what you like"),
        ("order-reminder", "£10 off your next order of £40 or more"),
        ("loyalty-discount", "£10 off your next order of £40 or more"),
    ],
)
def test_a_least_sum_is_named_with_the_value(template: str, words: str) -> None:
    """A customer reads from which sum on a discount holds, in the promise and with the code."""
    for part in both_parts(template, reward=VOUCHER):
        assert words in part


def test_an_order_is_listed_as_it_was_placed() -> None:
    """A customer finds each product of the order, how many, at which price, and the sum."""
    text = render("order-follow-up", usual("order-follow-up")).text
    assert (
        "* Moor wool throw, heather, 1 piece: £68.00\n* Tin lantern, small, 2 pieces: £36.00\n  Total: £104.00" in text
    )
    _, html = both_parts("order-follow-up")
    assert "Moor wool throw, heather 1 piece £68.00 Tin lantern, small 2 pieces £36.00 Total £104.00" in html


@pytest.mark.parametrize(("count", "shown", "rest"), [(1, 1, 0), (30, 30, 0), (31, 30, 1), (500, 30, 470)])
def test_a_very_long_order_stays_readable(count: int, shown: int, rest: int) -> None:
    """A customer who ordered hundreds of products gets an email their program does not cut off."""
    rendered = render("order-follow-up", usual("order-follow-up", products=products(count)))
    for words in (rendered.text, visible(rendered.html)):
        assert words.count("1,000 pieces") == shown
        assert ("more product" in words) == (rest > 0)
    if rest:
        assert f"* and {'one more product' if rest == 1 else f'{rest} more products'}\n  Total:" in rendered.text
    assert len(rendered.html.encode()) < 90 * 1024


def test_an_order_whose_products_are_not_known_is_thanked_for_all_the_same() -> None:
    """A customer reads no empty list where the shop sent no products."""
    for words in both_parts("order-follow-up", products=[]):
        assert "You chose" not in words
        assert "Total" not in words
        assert "keep you warm." in words


def test_what_a_shop_calls_its_products_is_shown_as_written() -> None:
    """A product's name can add no markup, and an Arabic one does not turn its line."""
    odd = [{"name": '<b>&"', "quantity": 1, "price": "£1.00"}, {"name": "وشاح", "quantity": 1, "price": "£2.00"}]
    rendered = render("order-follow-up", usual("order-follow-up", products=odd))
    clean = render("order-follow-up", usual("order-follow-up"))
    assert Page(rendered.html).tags == Page(clean.html).tags
    assert {'<b>&"', "وشاح"} <= set(Page(rendered.html).isolated)
    assert '* <b>&", 1 piece: £1.00\n* \u2068وشاح\u2069, 1 piece: £2.00' in rendered.text


@pytest.mark.parametrize("name", ["W" * 40, "Ada", "ليلى", '<b>&"', None])
def test_an_order_is_thanked_for_by_name_where_it_fits(name: str | None) -> None:
    """A customer finds their name in the subject unless it would be cut off there."""
    subject = render("order-follow-up", usual("order-follow-up", first_name=name)).subject
    fits = name is not None and len(name) < 20
    assert subject.replace("\u2068", "").replace("\u2069", "") == "Thank you for your order" + (
        f", {name}" if fits else ""
    )


@pytest.mark.parametrize("template", ["order-follow-up", "order-reminder"])
@pytest.mark.parametrize(
    ("ends", "words"),
    [
        (datetime(2026, 12, 5, tzinfo=LONDON), "pen until Friday 4 December 2026"),
        (datetime(2026, 12, 4, 10, tzinfo=LONDON), "pen until 10 am on Friday 4 December 2026"),
    ],
)
def test_an_offer_names_its_end_to_the_hour(template: str, ends: datetime, words: str) -> None:
    """A customer who answers in the afternoon of the last day was not told that the whole day counts."""
    for part in both_parts(template, offer_ends=ends):
        assert words in part


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({}, "Your 10% is still here until 4 December"),
        ({"offer_ends": datetime(2026, 12, 4, 10, tzinfo=LONDON)}, "Your 10% is open until 10 am on 4 December"),
        ({"offer_ends": None}, "Your 10% is still here"),
        ({"reward": VOUCHER | {"value": "free delivery"}}, "Your offer is still here until 4 December"),
        ({"reward": VOUCHER | {"value": "£1 off" + " and off" * 9}}, "Your offer is still here until 4 December"),
    ],
)
def test_a_reminders_subject_promises_no_more_than_the_offer(changes: dict[str, Any], subject: str) -> None:
    """A customer who reads only the subject knows as much of the end as it has room for, and nothing wrong."""
    assert render("order-reminder", usual("order-reminder", **changes)).subject == subject


def test_what_a_customer_likes_comes_back_in_the_reward() -> None:
    """A customer who told us what they like sees that somebody listened."""
    for words in both_parts("loyalty-discount"):
        assert "Because you like throws and blankets" in words
        assert "Fell blanket, charcoal" in words
        assert "You get this because you chose email for offers on 24 November 2026." in words


@pytest.mark.parametrize(
    ("changes", "there", "absent"),
    [
        ({"interest": None}, "Picked for you", "Because you like"),
        ({"picks": []}, "that you like throws and blankets.", "Because you like"),
        ({"picks": [], "interest": None}, "what you like.", "Picked for you"),
    ],
)
def test_a_reward_names_only_interests_and_suggestions_there_are(
    changes: dict[str, Any], there: str, absent: str
) -> None:
    """A customer reads no empty list and no sentence with a hole."""
    for words in both_parts("loyalty-discount", **changes):
        assert there in words
        assert absent not in words
    if "picks" in changes:
        assert "Inside" not in preheader(render("loyalty-discount", usual("loyalty-discount", **changes)).html)


def test_a_reward_without_an_end_names_none() -> None:
    """A customer with a code that never ends reads of no last day."""
    for template in ("promo-code", "loyalty-discount"):
        assert "Valid until" not in render(template, fewest(template)).text


def test_a_promise_and_its_reward_use_the_same_words() -> None:
    """A customer gets exactly what was promised for the answer."""
    for template in ("order-follow-up", "order-reminder", "loyalty-discount"):
        text = " ".join(render(template, usual(template)).text.split())
        assert "10% off your next order" in text


def test_the_reward_day_is_a_full_date() -> None:
    """A customer reads weekday, day, month and year where a code ends."""
    for template in ("promo-code", "loyalty-discount"):
        for words in both_parts(template, voucher_ends=date(2027, 1, 31)):
            assert "Valid until Sunday 31 January 2027" in words
