"""What comes next in a journey, and on which condition: read from its picture, from where the customer stands."""

from dataclasses import dataclass

from api.pictures import HELD_OUT, Card, Picture, Way
from api.ways import Places

CROSSROADS = {"check", "choice", "split"}
MOST_STEPS = 6


@dataclass(frozen=True)
class Branch:
    """One way that it may go.

    Attributes:
        condition: on which it does, as a tag; ``then`` where there is only one.
        words: what follows, in a sentence.
    """

    condition: str
    words: str


def branches(picture: Picture, step: str) -> list[Branch]:
    """The ways on from a step; none where the picture does not know it, or nothing can be told.

    Args:
        picture: of the journey.
        step: under which the customer's last entry is recorded.
    """
    reader = _Reader(picture)
    ahead = [reader.ahead(card) for card in Places(picture).of(step)]
    return ahead[0] if ahead and all(each == ahead[0] for each in ahead) else []


class _Reader:
    def __init__(self, picture: Picture) -> None:
        self._cards = {card.id: card for card in picture.cards}
        self._ways = picture.ways

    def ahead(self, card: Card) -> list[Branch]:
        ways = self._after(card)
        while len(ways) == 1 and self._cards[ways[0].target].kind in CROSSROADS:
            card = self._cards[ways[0].target]
            ways = self._after(card)
        if len(ways) == 1:
            return [Branch("then", self._story(ways[0]))]
        return [Branch(self._condition(card, way), self._story(way)) for way in ways]

    def _after(self, card: Card) -> list[Way]:
        """The ways that leave it, but for those of failures, unless there are no others.

        Who is held out was told so at the entry; nobody who is in a journey comes to it later.
        """
        ways = [way for way in self._ways if way.source == card.id and self._cards[way.target].kind != HELD_OUT]
        return [way for way in ways if not way.failure] or ways

    def _condition(self, card: Card, way: Way) -> str:
        return f"{card.name.rstrip('?').lower()}: {way.label}" if card.kind in CROSSROADS else way.label or "then"

    def _story(self, way: Way) -> str:
        told: list[str] = []
        while len(told) < MOST_STEPS:
            card = self._cards[way.target]
            told.append(_words(card))
            ways = self._after(card)
            if card.kind in CROSSROADS or len(ways) != 1:
                break
            way = ways[0]
        story = ", then ".join(told)
        return f"{story[:1].upper()}{story[1:]}{'' if story.endswith('?') else '.'}"


def _words(card: Card) -> str:
    """A card as part of a sentence."""
    about = f" ({card.about})" if card.about else ""
    match card.kind:
        case "message":
            return f"“{card.name}” is sent{about}"
        case "voucher":
            return "a voucher is assigned"
        case "end":
            return f"the journey ends: {card.name[:1].lower()}{card.name[1:]}"
        case "wait" | "wait-for" | "window":
            return f"{card.name[:1].lower()}{card.name[1:]}"
        case "check" | "choice" | "split":
            return f"it asks: {card.name}"
    return f"{card.name[:1].lower()}{card.name[1:]}"
