"""What customers may say they want to read about, as a shop declares it: topics, interests, and what fits each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

INTERESTS_ATTRIBUTE = "interests"


@dataclass(frozen=True)
class Topic:
    """Something we may write about.

    Attributes:
        code: as it is stored.
        label: as customers tick it.
        said: as it stands in a sentence that says what they will hear about.
    """

    code: str
    label: str
    said: str


@dataclass(frozen=True)
class Pick:
    """A product that fits an interest, with a line about it."""

    name: str
    line: str


@dataclass(frozen=True)
class Interest:
    """Something a customer likes.

    Attributes:
        code: as it is stored.
        label: as customers tick it.
        picks: what we show those who like it, the best first.
    """

    code: str
    label: str
    picks: tuple[Pick, ...] = ()


TOPICS = (
    Topic("offers", "Offers and vouchers", "offers, vouchers"),
    Topic("new", "New in the shop", "what is new in the shop"),
    Topic("care", "Ideas and care tips", "ideas and care tips"),
    Topic("points", "My loyalty points", "your loyalty points"),
)

TOPIC_CODES = tuple(topic.code for topic in TOPICS)

INTERESTS = (
    Interest(
        "throws",
        "Throws and blankets",
        (
            Pick("Fell blanket, charcoal", "£84.00, woven in Yorkshire"),
            Pick("Knee rug, oat", "£42.00, new this winter"),
            Pick("Wool wash, lavender", "£9.50, enough for twenty washes"),
        ),
    ),
    Interest(
        "candles",
        "Candles and lanterns",
        (
            Pick("Storm lantern, brass", "£36.00, burns outdoors"),
            Pick("Beeswax candles, six", "£18.00, eight hours each"),
            Pick("Snuffer, black iron", "£12.00, made in Sheffield"),
        ),
    ),
    Interest(
        "kitchen",
        "Kitchen and table",
        (
            Pick("Stoneware jug, slate", "£28.00, holds a litre"),
            Pick("Linen napkins, four", "£32.00, softer with each wash"),
            Pick("Oak board, small", "£24.00, from one piece of wood"),
        ),
    ),
    Interest(
        "bath",
        "Bed and bath",
        (
            Pick("Waffle towel, sage", "£26.00, dries by the morning"),
            Pick("Flannel sheets, double", "£68.00, brushed on both sides"),
            Pick("Oatmeal soap, three", "£15.00, without palm oil"),
        ),
    ),
    Interest(
        "outdoors",
        "Outdoors",
        (
            Pick("Picnic rug, heather", "£58.00, waterproof back"),
            Pick("Enamel mugs, two", "£22.00, for the fire, too"),
            Pick("Garden twine, green", "£7.50, a hundred metres"),
        ),
    ),
    Interest(
        "gifts",
        "Gifts",
        (
            Pick("Gift box, winter evening", "£48.00, wrapped by hand"),
            Pick("Matches in a jar", "£11.00, refilled for £4"),
            Pick("Bookmark, leather", "£9.00, with three letters on it"),
        ),
    ),
)

MOST_PICKS = 3


def chosen_interests(stored: object) -> list[Interest]:
    """The interests a customer has stored, in the shop's order; what it no longer knows is left out."""
    codes = stored if isinstance(stored, list) else []
    return [interest for interest in INTERESTS if interest.code in codes]


def picks_for(interests: Iterable[Interest], bought: Collection[str] = ()) -> list[Pick]:
    """What fits several interests: the best of each first, and nothing the customer has just bought.

    Args:
        interests: of the customer.
        bought: names of products in their order.
    """
    had = {name.casefold() for name in bought}
    rest = [[pick for pick in interest.picks if pick.name.casefold() not in had] for interest in interests]
    found = [picks[place] for place in range(MOST_PICKS) for picks in rest if place < len(picks)]
    return found[:MOST_PICKS]
