"""The checks every email must pass, whatever the customer is called and however little is known."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from activities.channels import EMAIL
from activities.rendering import Rendered

from .samples import RENDERER, Page, details, each_email, fewest, longest, usual

NAMES = [
    None,
    "Ł",
    "W" * 40,
    "<b>&\"'",
    "ليلى",
    "🙂",
    "{{ 7*7 }}{% raw %}",
    "Ada\n\nBuy at evil",
]
LINKS = ["https://evil.example", "Ada, HTTP://evil.example", "Ww\u202ew.evil.example", "win at www.evil", " \n "]
each_name = pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
each_extent = pytest.mark.parametrize("extent", [usual, fewest, longest])


def greeting(template: str, name: str) -> str:
    greeted = "Welcome to Hearthmoor, " if template == "welcome" else "Hello "
    return f"{greeted}{name}" if name else greeted.rstrip(", ")


def render(template: str, values: dict[str, Any]) -> Rendered:
    return RENDERER.render(template, EMAIL, values)


def preheader(html: str) -> str:
    found = re.search(r'opacity:0;">(.*?)&#847;', html, re.DOTALL)
    assert found
    return " ".join(unescape(found[1]).split())


def visible(html: str) -> str:
    body = html[html.index("<body") :]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


@each_name
@each_email
def test_a_name_is_shown_as_typed_and_breaks_nothing(template: str, name: str | None) -> None:
    """A customer reads their own name, and no name can add markup, template code or lines."""
    rendered = render(template, usual(template, first_name=name))
    clean = render(template, usual(template, first_name="Ada"))
    assert "None" not in rendered.text + visible(rendered.html)
    if name is None:
        assert re.match(greeting(template, "") + ",?\n", rendered.text)
        return
    shown = " ".join(name.split())
    isolated = Page(rendered.html).isolated
    assert shown in isolated
    assert Page(rendered.html).tags == Page(clean.html).tags
    assert shown in rendered.text.replace("\n", " ")
    assert rendered.text.startswith((greeting(template, shown[:9]), greeting(template, "\u2068" + shown)))


@pytest.mark.parametrize("name", LINKS, ids=ascii)
@each_email
def test_a_name_is_never_a_link(template: str, name: str) -> None:
    """A customer whose address a stranger registered gets no advertisement in place of their name."""
    assert render(template, usual(template, first_name=name)) == render(template, usual(template, first_name=None))


@each_extent
@each_email
def test_it_stays_small(template: str, extent: Any) -> None:
    """A customer's mail program neither clips the email nor drops its styles."""
    html = render(template, extent(template)).html
    assert len(html.encode()) < 90 * 1024
    assert sum(len(style.encode()) for style in re.findall(r"<style>.*?</style>", html, re.DOTALL)) < 8 * 1024


@each_extent
@each_email
def test_every_link_is_whole_and_also_in_the_text(template: str, extent: Any) -> None:
    """A customer who reads the plain text can do everything the HTML offers, by links that work."""
    values = extent(template)
    rendered = render(template, values)
    links = set(Page(rendered.html).links)
    assert all(link.startswith("https://") for link in links)
    lines = rendered.text.splitlines()
    for link in links - {"https://www.hearthmoor.example/privacy"}:
        assert link in lines
    for link in (values["unsubscribe_url"], values["preferences_url"]):
        assert link in links
        assert link in lines
    assert "4 Old Kiln Yard, Millbridge MB1 2QF" in rendered.text
    assert "4 Old Kiln Yard, Millbridge MB1 2QF" in visible(rendered.html)


@each_extent
@each_email
def test_there_is_one_button(template: str, extent: Any) -> None:
    """A customer finds one thing to do."""
    assert render(template, extent(template)).html.count('class="on"') == 1


@each_extent
@each_email
def test_lines_of_the_text_fit(template: str, extent: Any) -> None:
    """A customer's program need not break the lines of the text part."""
    for line in render(template, extent(template)).text.splitlines():
        assert len(line) <= 78 or re.fullmatch(r"https?://\S+", line)


@each_extent
@each_email
def test_the_text_reads_cleanly(template: str, extent: Any) -> None:
    """A customer sees no gaps, no doubled spaces, no markup and no leftovers in the text part."""
    text = render(template, extent(template)).text
    assert "\n\n\n" not in text
    assert not re.search(r"\S  +\S| [,.:]|&\w+;|[{}<>]|\.\.|\N{NO-BREAK SPACE}", text)
    assert text.split("\n-- \n")[1].startswith("You get this because ")


@each_extent
@each_email
def test_subject_and_preheader_fit_a_phone(template: str, extent: Any) -> None:
    """A customer reads subject and preview whole in the list of messages, and they say different things."""
    rendered = render(template, extent(template))
    assert 0 < len(rendered.subject) <= 45
    assert 0 < len(preheader(rendered.html)) <= 75
    assert rendered.subject.casefold() not in preheader(rendered.html).casefold()


@each_email
def test_a_code_stays_inside(template: str) -> None:
    """A customer's voucher code is not shown on a lock screen by subject or preview."""
    rendered = render(template, usual(template, code="SECRET-CODE-23456789XYZA"))
    assert "SECRET" not in rendered.subject + preheader(rendered.html)


@pytest.mark.parametrize("template", ["your-voucher", "promo-code", "loyalty-discount"])
def test_a_code_of_24_characters_is_whole_in_both_parts(template: str) -> None:
    """A customer can copy the longest code without a break in it."""
    rendered = render(template, longest(template))
    assert "    HEARTHMOR-7K3Q-W4TX-9PT4" in rendered.text.splitlines()
    assert '<span dir="ltr">HEARTHMOR-7K3Q-W4TX-9PT4</span>' in rendered.html


@each_email
def test_a_local_system_links_to_itself(template: str) -> None:
    """A developer's own machine is the one place without https."""
    local = "http://127.0.0.1:8080/profile/x"
    rendered = render(template, usual(template, profile_url=local, unsubscribe_url=local, preferences_url=local))
    assert local in rendered.text.splitlines()


def test_subjects_and_previews_read_as_designed() -> None:
    """A customer reads the words of the reference in the list of messages."""
    rendered = {name: render(name, usual(name)) for name in SUBJECTS}
    assert {name: rendered[name].subject for name in SUBJECTS} == SUBJECTS
    assert {name: preheader(rendered[name].html) for name in SUBJECTS} == PREVIEWS


SUBJECTS = {
    "complete-your-account": "Three details are missing from your account",
    "voucher-offer": "£10 off when you complete your account",
    "points-offer": "200 points when you complete your account",
    "your-voucher": "Your £10 voucher",
    "points-added": "We added 200 points to your account",
    "welcome": "Please confirm your email address",
    "promo-code": "15% off your first order",
    "order-follow-up": "Thank you for your order, Ada",
    "order-reminder": "Your 10% is still here until 4 December",
    "loyalty-discount": "Your 10% code",
}
PREVIEWS = {
    "complete-your-account": "About a minute, and you can leave out what you would rather not share.",
    "voucher-offer": "Add three details before 10 am on Tuesday and we send you the code.",
    "points-offer": "Three details, about a minute.",
    "your-voucher": "Use it by 31 January 2027 on one order of £40 or more.",
    "points-added": "You now have 350 points, worth £7 in our shop.",
    "welcome": "One press, and you are on our list. The link works until 29 November.",
    "promo-code": "Thank you for confirming. Your code is inside.",
    "order-follow-up": "Tell us what you like and get 10% off your next order.",
    "order-reminder": "Two questions: what do you like, and where should we write?",
    "loyalty-discount": "Use it by 31 January 2027. Inside: what fits what you ticked.",
}


def test_a_promise_of_more_than_a_week_names_its_date_in_the_preview() -> None:
    """A customer with two weeks' time is not told "on Tuesday", which might be the first of two."""
    shown = {
        days: preheader(render("voucher-offer", usual("voucher-offer", today=date(2026, 11, 24 - days))).html)
        for days in (6, 7)
    }
    assert shown == {
        6: "Add three details before 10 am on Tuesday and we send you the code.",
        7: "Add three details before 10 am on Tuesday 24 November to get the code.",
    }


@pytest.mark.parametrize(
    ("count", "subject", "sentence"),
    [
        (1, "One detail is missing from your account", "One detail is still missing:"),
        (2, "Two details are missing from your account", "Two details are still missing:"),
        (12, "12 details are missing from your account", "12 details are still missing:"),
    ],
)
def test_the_number_of_details_reads_well(count: int, subject: str, sentence: str) -> None:
    """A customer with one missing detail is addressed as such, and so is one with twelve."""
    rendered = render("complete-your-account", usual("complete-your-account", missing=details(count)))
    assert rendered.subject == subject
    assert sentence in rendered.text
    assert sentence in visible(rendered.html)
    assert rendered.text.count("\n* ") == count


@pytest.mark.parametrize("template", ["voucher-offer", "points-offer"])
def test_an_offer_for_one_detail_reads_well(template: str) -> None:
    """A customer with one missing detail is asked for "the one detail that is still missing"."""
    rendered = render(template, usual(template, missing=details(5)[4:]))
    for words in (visible(rendered.html), " ".join(rendered.text.split())):
        assert "the one detail that is still missing" in words
        assert "Still missing: VAT number." in words


def test_a_promise_names_what_from_which_sum_and_until_when() -> None:
    """A customer can rely on every word of an offer, and finds the same words with the voucher."""
    offer = render("voucher-offer", usual("voucher-offer"))
    reward = render("your-voucher", usual("your-voucher"))
    for words in (" ".join(offer.text.split()), visible(offer.html)):
        assert "before 10 am on Tuesday 24 November" in words
        assert "valid until 31 January 2027, for one order of £40 or more" in words
    assert "£10 off one order of £40 or more" in offer.text
    assert "£10 off one order of £40 or more" in reward.text


def test_what_one_email_says() -> None:
    """A customer reads exactly this."""
    assert render("voucher-offer", usual("voucher-offer")).text == VOUCHER_OFFER


VOUCHER_OFFER = """\
Hello Ada,

Add the three details that are still missing from your account before 10 am on
Tuesday 24 November, and we send you a voucher by email:

£10 off one order of £40 or more

Still missing: last name, mobile number, date of birth.

Complete my account:

https://hello.hearthmoor.example/profile/x7Kq2mP9dXwB4tRn

No time for it? Your account stays open either way.

The voucher is valid until 31 January 2027, for one order of £40 or more,
online or in our shops. One for each customer. Not for gift cards, not
together with other codes.

-- \n\
You get this because you opened a Hearthmoor account on 16 November 2026 with
this address.

Unsubscribe:
https://hello.hearthmoor.example/unsubscribe/p9Dw4kFb7NxT2uGa

Choose what you get:
https://hello.hearthmoor.example/preferences/m3Vt8sLq0ZcJ5yHe

Hearthmoor Ltd, 4 Old Kiln Yard, Millbridge MB1 2QF, United Kingdom
"""
