"""The values that every template must stand: as few as there may be, and each as long as it may be."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from activities.channels import Channel

ZONE = ZoneInfo("Europe/London")
LONG_WORD = "Wolfeschlegelsteinhausenbergerdorffsmith"
PAGES = "https://hello.hearthmoor.example"
SHORT = "https://hmoor.example"  # texts carry short links
TOKEN = "x7Kq2mP9dXwB4tRn"  # noqa: S105 - leads nowhere
SHORT_TOKEN = TOKEN[:10]


def fewest(template: str, channel: Channel) -> dict[str, Any]:
    """Whatever a customer may lack is missing.

    Args:
        template: its name; one that begins with `points` is about points.
        channel: over which it goes.
    """
    about_points = template.startswith("points")
    return {
        "first_name": None,
        "registered_on": date(2026, 5, 1),
        "confirmed_on": None,
        "chosen_on": None,
        "today": date(2026, 5, 2),
        "missing": [{"name": "phone", "label": "Phone", "reason": ""}],
        "reward": _reward(about_points, "1 point" if about_points else "£1 off", 1 if about_points else None),
        "link_ends": datetime(2026, 5, 9, 9, tzinfo=ZONE),
        "offer_ends": None,
        "voucher_ends": None,
        "code": "A1",
        "points": 1 if about_points else None,
        "balance": None,
        "balance_worth": None,
        "products": [],
        "picks": [],
        "total": "£0.01",
        "order_id": "1",
        "ordered_on": date(2026, 5, 1),
        "interest": None,
        **_links(channel),
    }


def longest(template: str, channel: Channel) -> dict[str, Any]:
    """Every value is as long as it may be.

    Args:
        template: its name; one that begins with `points` is about points.
        channel: over which it goes.
    """
    about_points = template.startswith("points")
    if about_points:
        reward = _reward(True, "10,000 points", 10_000) | {"short": "10,000 points, worth £200", "worth": "£200"}
    else:
        reward = _reward(False, "£100 off", None) | {
            "short": "£100 off, from £1,000",
            "minimum": "one order of £1,000 or more",
        }
    at = datetime(2026, 9, 30, 22, 30, tzinfo=ZONE)  # a Wednesday in September has the longest names
    return {
        "first_name": LONG_WORD,
        "registered_on": at.date(),
        "confirmed_on": at.date(),
        "chosen_on": at.date(),
        "today": date(2026, 9, 2),
        "missing": [{"name": f"detail_{n}", "label": f"Detail {n}", "reason": LONG_WORD} for n in range(12)],
        "reward": reward | {"terms": "Not for gift cards, not together with other codes."},
        "link_ends": at,
        "offer_ends": at,
        "voucher_ends": date(2027, 9, 30),
        "code": "HEARTHMOR-7K3Q-W4TX-9PT4",  # the 24 characters a pool may hold at most
        "points": 10_000,
        "balance": 1_000_000,
        "balance_worth": "£20,000",
        "products": [{"name": LONG_WORD * 2, "quantity": 1000, "price": "£10,000.00"} for _ in range(30)],
        "picks": [{"name": LONG_WORD, "line": LONG_WORD} for _ in range(5)],
        "total": "£300,000.00",
        "order_id": "ORDER-" + "0123456789" * 4,
        "ordered_on": at.date(),
        "interest": f"{LONG_WORD} and everything that goes with it",
        **_links(channel),
    }


EXTREMES: Mapping[str, Callable[[str, Channel], dict[str, Any]]] = {
    "the fewest values": fewest,
    "the longest values": longest,
}


def _reward(about_points: bool, value: str, amount: int | None) -> dict[str, Any]:
    return {
        "kind": "points" if about_points else "voucher",
        "value": value,
        "minimum": None,
        "short": value,
        "terms": None,
        "amount": amount,
        "worth": None,
    }


def _links(channel: Channel) -> dict[str, str]:
    if channel is Channel.SMS:
        pages = dict.fromkeys(("profile_url", "confirm_url", "unsubscribe_url"), f"{SHORT}/{SHORT_TOKEN}")
    else:
        pages = {f"{page}_url": f"{PAGES}/{page}/{TOKEN}" for page in ("profile", "confirm", "unsubscribe")}
    return pages | {"preferences_url": f"{PAGES}/preferences/{TOKEN}"}
