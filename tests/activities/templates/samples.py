"""The values the tests render messages with: the usual ones, the fewest and the longest."""

from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activities.channels import Channel
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from workflows.journey import Template

LONDON = ZoneInfo("Europe/London")
RENDERER = JinjaRenderer(Brand())
EMAILS = sorted(name for name, channels in RENDERER.names().items() if Channel.EMAIL in channels)
TEXTS = sorted(name for name, channels in RENDERER.names().items() if Channel.SMS in channels)

each_email = pytest.mark.parametrize("template", EMAILS)
each_text = pytest.mark.parametrize("template", TEXTS)

_DETAILS = [
    {"name": "last_name", "label": "Last name", "reason": "for the parcel label"},
    {"name": "phone", "label": "Mobile number", "reason": "so the courier can tell you when they arrive"},
    {"name": "date_of_birth", "label": "Date of birth", "reason": "for a small gift on your birthday"},
    {"name": "email", "label": "Email", "reason": "for order confirmations"},
    {"name": "vat_number", "label": "VAT number", "reason": "for the invoice of a business"},
]

VOUCHER: dict[str, Any] = {
    "kind": "voucher",
    "value": "£10 off",
    "minimum": "one order of £40 or more",
    "short": "£10 off, from £40",
    "terms": "Not for gift cards, not together with other codes.",
    "amount": None,
    "worth": None,
}
FIRST_ORDER = VOUCHER | {"value": "15% off", "minimum": None, "short": "15% off"}
NEXT_ORDER = VOUCHER | {"value": "10% off", "minimum": None, "short": "10% off"}
POINTS: dict[str, Any] = {
    "kind": "points",
    "value": "200 points",
    "minimum": None,
    "short": "200 points, worth £4",
    "terms": "Points are good for two years.",
    "amount": 200,
    "worth": "£4",
}


_REWARDS = {
    "points-offer": POINTS,
    "points-added": POINTS,
    "promo-code": FIRST_ORDER,
    "order-follow-up": NEXT_ORDER,
    "order-reminder": NEXT_ORDER,
    "loyalty-discount": NEXT_ORDER,
}
_OWN: dict[str, dict[str, Any]] = {
    "welcome": {"registered_on": date(2026, 11, 22), "link_ends": datetime(2026, 11, 29, 23, 59, 59, tzinfo=LONDON)},
    "promo-code": {"code": "HELLO-9PT4-KD", "points": 100},
    "order-follow-up": {"offer_ends": datetime(2026, 12, 5, tzinfo=LONDON)},
    "order-reminder": {"offer_ends": datetime(2026, 12, 5, tzinfo=LONDON)},
    "loyalty-discount": {"code": "LOYAL-6RXM-2H"},
    "member-welcome": {"points": 250},
}


def products(count: int) -> list[dict[str, Any]]:
    """That many products of an order, each with a name that is hard to break."""
    return [
        {"name": f"{'Wolfeschlegelsteinhausenbergerdorff' * 2} {n}", "quantity": 1000, "price": "£10,000.00"}
        for n in range(count)
    ]


def details(count: int) -> list[dict[str, str]]:
    """That many missing details; from the sixth on, invented ones."""
    invented = [
        {"name": f"detail_{n}", "label": f"Detail {n}", "reason": "because we ask"} for n in range(6, count + 1)
    ]
    return (_DETAILS + invented)[:count]


def usual(template: str, **changes: Any) -> dict[str, Any]:
    """The values of the reference messages, with some changed."""
    return {
        "first_name": "Ada",
        "registered_on": date(2026, 11, 16),
        "profile_url": "https://hello.hearthmoor.example/profile/x7Kq2mP9dXwB4tRn",
        "unsubscribe_url": "https://hello.hearthmoor.example/unsubscribe/p9Dw4kFb7NxT2uGa",
        "preferences_url": "https://hello.hearthmoor.example/preferences/m3Vt8sLq0ZcJ5yHe",
        "missing": details(3),
        "link_ends": datetime(2026, 12, 9, 10, tzinfo=LONDON),
        "today": date(2026, 11, 22),
        "reward": _REWARDS.get(Template(template).place, VOUCHER),
        "offer_ends": datetime(2026, 11, 24, 10, tzinfo=LONDON),
        "voucher_ends": date(2027, 1, 31),
        "code": "HM10-7K3Q-W4TX",
        "points": 200,
        "balance": 350,
        "balance_worth": "£7",
        "confirm_url": "https://hello.hearthmoor.example/confirm/h6Rz1jYc8QvM3eSk",
        "confirmed_on": date(2026, 11, 23),
        "products": [
            {"name": "Moor wool throw, heather", "quantity": 1, "price": "£68.00"},
            {"name": "Tin lantern, small", "quantity": 2, "price": "£36.00"},
        ],
        "total": "£104.00",
        "order_id": "HM-204518",
        "ordered_on": date(2026, 11, 20),
        "chosen_on": date(2026, 11, 24),
        "interest": "Throws and blankets",
        "picks": [
            {"name": "Fell blanket, charcoal", "line": "£84.00, woven in Yorkshire"},
            {"name": "Knee rug, oat", "line": "£42.00, new this winter"},
            {"name": "Wool wash, lavender", "line": "£9.50, enough for twenty washes"},
        ],
        **_OWN.get(Template(template).place, {}),
        **changes,
    }


def fewest(template: str) -> dict[str, Any]:
    """Every value that may be missing is missing."""
    reward = usual(template)["reward"] | {"minimum": None, "terms": None, "worth": None}
    return usual(
        template,
        first_name=None,
        missing=[{**detail, "reason": ""} for detail in details(3)],
        reward=reward,
        offer_ends=None,
        voucher_ends=None,
        balance=None,
        balance_worth=None,
        confirmed_on=None,
        products=[],
        chosen_on=None,
        interest=None,
        picks=[],
        **({} if template == "points-added" else {"points": None}),
    )


def longest(template: str) -> dict[str, Any]:
    """Every value is as long as it may be."""
    if template.startswith("points"):
        reward = POINTS | {"value": "10,000 points", "short": "10,000 points, worth £200", "worth": "£200"}
    else:
        reward = VOUCHER | {"value": "£100 off", "short": "£100 off, from £1,000"}
        reward["minimum"] = "one order of £1,000 or more"
    return usual(
        template,
        first_name="Wolfeschlegelsteinhausenbergerdorffsmith",
        missing=details(5),
        reward=reward,
        link_ends=datetime(2026, 9, 30, 22, 30, tzinfo=LONDON),
        offer_ends=datetime(2026, 9, 30, 10, 30, tzinfo=LONDON),
        voucher_ends=date(2027, 9, 30),
        code="HEARTHMOR-7K3Q-W4TX-9PT4",
        points=10_000,
        balance=1_000_000,
        balance_worth="£20,000",
        products=products(30),
        total="£300,000.00",
        order_id="ORDER-" + "0123456789" * 4,
        interest="Wolfeschlegelsteinhausenbergerdorffsmith and everything that goes with it",
        picks=[{"name": product["name"], "line": product["name"]} for product in products(5)],
    )


def for_text(values: dict[str, Any]) -> dict[str, Any]:
    """The same values with the short links that texts carry."""
    return values | {
        "profile_url": "https://hmoor.example/7Kq2mP9dXw",
        "confirm_url": "https://hmoor.example/7Kq2mP9dXw",
        "unsubscribe_url": "https://hmoor.example/4Tn8vR3bJs",
    }


class Page(HTMLParser):
    """What a reader finds in an HTML email."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.isolated: list[str] = []
        self._in_isolate = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect links and the elements with a direction of their own."""
        given = dict(attrs)
        self.tags.append(tag)
        self._in_isolate = given.get("dir") == "auto"
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "background"}]

    def handle_endtag(self, tag: str) -> None:
        """Leave the isolated element."""
        self._in_isolate = self._in_isolate and tag != "span"

    def handle_data(self, data: str) -> None:
        """Collect what stands isolated."""
        if self._in_isolate:
            self.isolated.append(data)
