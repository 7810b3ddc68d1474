"""The picture of a journey with its numbers: people on the cards, and lines as wide as those who went along them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from api.console.numbers import count as spelled
from api.console.numbers import percent
from api.console.passages import Passages
from api.pictures import HELD_OUT, Card, Picture, Way, WayKey
from api.ways import Places

WIDEST, NARROWEST = 26.0, 1.5  # of a line, in pixels: everybody, and almost nobody
LINE = 17.0  # from one line of a card's text to the next
SAID_LINE = 14.0  # and of a label
BESIDE = 8.0  # between a line and its label
STRAIGHT = 2  # points of a line without corners
INDENT = 42.0  # of a card's text
DECISIONS = {"check", "choice", "split"}
NOT_WAITED_AT = {"choice", "end", "event", HELD_OUT}
NAMES = {"wait-for": "wait", "choice": "decision", "profile": "change of the profile", HELD_OUT: "held out"}


@dataclass(frozen=True)
class Said:
    """A line of text, in pixels.

    Attributes:
        kind: t, s, w, here or unit: how it looks.
        x: of its anchor.
        y: of its base line.
        text: what it says.
        number: said after it, in bold.
        anchor: start, middle or end.
    """

    kind: str
    x: float
    y: float
    text: str
    number: str = ""
    anchor: str = "start"


@dataclass(frozen=True)
class Band:
    """A line with its width, tip and words."""

    path: str
    tip: str
    width: float
    failure: bool
    empty: bool
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Stop:
    """A card with its number.

    Attributes:
        card: as drawn.
        kinds: classes.
        radius: of its corners.
        glyph: where its sign stands.
        said: its text.
        name: all of it in a sentence.
        people: whether somebody can be here, so that it leads to them.
    """

    card: Card
    kinds: str
    radius: float
    glyph: tuple[float, float]
    said: tuple[Said, ...]
    name: str
    people: bool


@dataclass(frozen=True)
class Drawing:
    """The whole picture, as the template prints it."""

    journey: str
    title: str
    width: float
    height: float
    bands: tuple[Band, ...]
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Numbers:
    """What is written on a picture.

    Attributes:
        passages: of those who entered on the days asked for.
        waiting: people at each recorded step now.
        late: of them, those whose message waits for a provider, by step.
    """

    passages: Passages
    waiting: Mapping[str, int]
    late: Mapping[str, int]


def unused(picture: Picture, passages: Passages) -> frozenset[WayKey]:
    """The ways of failure that nobody took, and the one to those held out where nobody is."""
    return frozenset(
        way.key for way in picture.ways if not passages.ways[way.key] and (way.failure or way.target == HELD_OUT)
    )


def standing(picture: Picture, by_step: Mapping[str, int]) -> Counter[str]:
    """How many are at each card, of those at each recorded step."""
    places, found = Places(picture), Counter[str]()
    for step, number in by_step.items():
        card = places.home(step)
        if card is not None:
            found[card.id] += number
    return found


def drawn(picture: Picture, whole: Picture, numbers: Numbers) -> Drawing:
    """A picture with its numbers.

    Args:
        picture: what is drawn.
        whole: the same with every way.
        numbers: what is written on it.
    """
    passages = numbers.passages
    waiting = standing(whole, numbers.waiting)
    late = standing(whole, numbers.late)
    everybody = sum(passages.entered[each] for each in (picture.cards[0].id, HELD_OUT)) or 1
    leaving: Counter[str] = Counter()
    for way in whole.ways:
        leaving[way.source] += passages.ways[way.key]
    leaving[picture.cards[0].id] = everybody
    out_of = Counter(way.source for way in picture.ways)
    bands = tuple(
        _band(way, passages.ways[way.key], everybody, leaving[way.source] if out_of[way.source] > 1 else 0)
        for way in sorted(picture.ways, key=lambda way: (not way.failure, passages.ways[way.key]))
    )
    stops = tuple(
        _stop(card, waiting[card.id], late[card.id], passages.entered[card.id], _answers(card, picture, passages))
        for card in picture.cards
    )
    return Drawing(picture.journey, picture.title, round(picture.width), round(picture.height), bands, stops)


def _answers(card: Card, picture: Picture, passages: Passages) -> str:
    if card.kind not in DECISIONS:
        return ""
    return ", ".join(
        f"{way.label} {spelled(passages.ways[way.key])}" for way in picture.ways if way.source == card.id and way.label
    )


def _band(way: Way, taken: int, everybody: int, leaving: int) -> Band:
    width = max(NARROWEST, WIDEST * taken / everybody) if taken else 1.0
    points = way.points
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    (x0, y0), (x, y) = points[-2:]
    if abs(x - x0) < abs(y - y0):
        back = 6 if y < y0 else -6
        tip = f"M{x - 4.5:.1f} {y + back:.1f}h9L{x:.1f} {y:.1f}z"
    else:
        back = 6 if x < x0 else -6
        tip = f"M{x + back:.1f} {y - 4.5:.1f}v9L{x:.1f} {y:.1f}z"
    return Band(path, tip, round(width, 1), way.failure, not taken, _label(way, taken, width, leaving))


def _label(way: Way, taken: int, width: float, leaving: int) -> tuple[Said, ...]:
    number = spelled(taken)
    (x0, y0), (x1, y1) = way.points[0], way.points[-1]
    if not way.anchor:
        if len(way.points) > STRAIGHT:
            return ()  # a loop without a question: as many as came to the card it leaves
        return (Said("w", x1 + width / 2 + BESIDE, (y0 + y1) / 2 + 4, "", number),)
    x, y = way.at
    words = [*way.words]
    if way.anchor in {"start", "end"}:
        if len(way.points) == STRAIGHT:
            x = x0 + BESIDE
        x += width / 2 if way.anchor == "start" else -width / 2
        top = y + 4 - SAID_LINE * (len(words) - 1) / 2
        return tuple(
            Said("w", x, top + SAID_LINE * at, each, number if at == len(words) - 1 else "", way.anchor)
            for at, each in enumerate(words)
        )
    top = y - width / 2 - 6 - SAID_LINE * (len(words) - 1)
    if way.anchor == "below":
        top = y + width / 2 + 14
    lines = [
        Said("w", x, top + SAID_LINE * at, each, number if at == len(words) - 1 else "", "middle")
        for at, each in enumerate(words)
    ]
    if leaving and taken and way.anchor == "middle":
        lines.append(Said("s", x, y + width / 2 + 15, percent(taken / leaving), anchor="middle"))
    return tuple(lines)


def _stop(card: Card, waiting: int, late: int, entered: int, answers: str) -> Stop:
    middle = card.y + card.height / 2
    small = card.kind in {"end", HELD_OUT}
    texts = [("t", each) for each in card.label] + [("s", each) for each in card.detail]
    first = middle - LINE * (len(texts) - 1) / 2 + 4.5
    said = [Said(kind, card.x + INDENT, first + LINE * at, each) for at, (kind, each) in enumerate(texts)]
    number, unit = (entered, "entered") if card.kind == "start" else (waiting, f"{late:,} late" if late else "here now")
    if number and not small:
        end = card.x + card.width - 14
        said += [
            Said("here", end, middle - 1, spelled(number), anchor="end"),
            Said("unit", end, middle + 15, unit, anchor="end"),
        ]
    kinds = ["arm-out" if card.kind == HELD_OUT else card.kind]
    kinds += [name for name, holds in (("goal", card.goal), ("failure", card.failure), ("late", late)) if holds]
    name = f"{NAMES.get(card.kind, card.kind)}: {card.name}" + (f", {card.about}" if card.about else "")
    name += f": {answers}" if answers else ""
    name += f"; {spelled(entered)} came" if entered else "; nobody came"
    name += f", {spelled(waiting)} here now" if waiting else ""
    return Stop(
        card,
        " ".join(kinds),
        20 if small else 10,
        (card.x + 14, middle - 8),
        tuple(said),
        name[:1].upper() + name[1:],
        card.kind not in NOT_WAITED_AT,
    )
