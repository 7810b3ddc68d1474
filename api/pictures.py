"""The picture of a journey as plain data: what the console needs of it, whoever draws it from the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

HELD_OUT = "held-out"
"""The card of those who are left alone, and the label of the way to it."""

WayKey = tuple[str, str, str]  # ids of the cards it leaves and leads to, and its label


@dataclass(frozen=True)
class Card:
    """A step, a decision or an end, with its place in pixels from the upper left corner.

    Attributes:
        id: unique in the picture.
        kind: start, check, choice, wait, window, wait-for, event, message, voucher, points, webhook, profile, split,
            end, or held-out.
        label: in lines.
        detail: in lines; may be empty.
        x: of its left side.
        y: of its upper side.
        width: in pixels.
        height: in pixels.
        glyph: path on a field of 16 by 16.
        steps: the names under which it is recorded.
        outcomes: of an end.
        goal: an end at which the goal is reached.
        failure: it is reached only when something fails.
    """

    id: str
    kind: str
    label: tuple[str, ...]
    detail: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float
    glyph: str
    steps: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    goal: bool = False
    failure: bool = False

    @property
    def name(self) -> str:
        """Its label on one line."""
        return " ".join(self.label)

    @property
    def about(self) -> str:
        """Its detail on one line."""
        return " ".join(self.detail)


@dataclass(frozen=True)
class Way:
    """A line from card to card.

    Attributes:
        source: id of the card it leaves.
        target: id of the card it leads to.
        label: on which answer; empty where there is only one way.
        words: the label in lines.
        failure: what happens when something fails.
        silent: one may take it without a record of the card it leaves.
        points: its corners; the last is its tip.
        at: where its label is anchored.
        anchor: start or end beside a vertical line; above, below or middle at a horizontal one; empty without words.
    """

    source: str
    target: str
    label: str
    words: tuple[str, ...]
    failure: bool
    silent: bool
    points: tuple[tuple[float, float], ...]
    at: tuple[float, float]
    anchor: str

    @property
    def key(self) -> WayKey:
        """What tells it apart."""
        return self.source, self.target, self.label


@dataclass(frozen=True)
class Picture:
    """All of it; the first card is the start.

    `following` names the wait that is next behind a decided message, by place (`activities/storage/places.py`).
    """

    journey: str
    title: str
    width: float
    height: float
    cards: tuple[Card, ...]
    ways: tuple[Way, ...]
    following: Mapping[str, str] = field(default_factory=dict, hash=False)


class Drawer(Protocol):
    """Draws journeys from their code."""

    def __call__(self, journey: str, values: Mapping[str, Any], left_out: frozenset[WayKey]) -> Picture | None:
        """The picture of a journey; slow the first time, so keep it out of the event loop.

        Args:
            journey: its name.
            values: of its parameters, in their JSON form.
            left_out: ways that are not to be drawn, nor what only they lead to.

        Returns:
            None where its code cannot be followed.
        """
        ...
