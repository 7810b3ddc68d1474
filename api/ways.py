"""The ways of a picture between recorded steps; a way may lead past cards that leave no record."""

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence

from activities.storage.passage import END, START
from api.pictures import HELD_OUT, Card, Picture, Way

FAILURE_COST = 1.5  # a way of failure is taken for the way only where there is no other one as short

Route = tuple[Way, ...]


class Places:
    """Which cards stand for which recorded step.

    Args:
        picture: the whole picture.
    """

    def __init__(self, picture: Picture) -> None:
        self._start = picture.cards[0]
        self._by_step: defaultdict[str, list[Card]] = defaultdict(list)
        self._visits: defaultdict[str, set[int]] = defaultdict(set)
        for card in picture.cards:
            for step in card.steps if card.kind != END else ():
                self._by_step[step].append(card)
                self._visits[step.partition("#")[0]].add(_visit(step))

    def of(self, step: str) -> list[Card]:
        """The cards of a step; of more visits than the picture lists, those of the last one that it does."""
        if step in {START, ""}:
            return [self._start]
        name = step.partition("#")[0]
        if step not in self._by_step and name in self._visits:
            last = max(self._visits[name])
            step = f"{name}#{last}" if last > 1 else name
        return self._by_step.get(step, [])

    def home(self, step: str) -> Card | None:
        """The card that shows who stands at a step: of several the one that stands for the fewest, or is the last."""
        cards = self.of(step)
        if step not in self._by_step:
            return cards[-1] if cards else None
        return min(cards, key=lambda card: len(card.steps))


def _visit(step: str) -> int:
    return int(step.partition("#")[2] or 1)


class Ways:
    """The shortest ways through a picture.

    Args:
        picture: the whole picture.

    Attributes:
        places: which cards stand for which recorded step.
    """

    def __init__(self, picture: Picture) -> None:
        self.places = Places(picture)
        self._cards = picture.cards
        self._onward: defaultdict[str, list[Way]] = defaultdict(list)
        for way in picture.ways:
            self._onward[way.source].append(way)

    def targets(self, step: str, outcome: str = "") -> list[Card]:
        """The cards of a step; or those of an end with some outcome."""
        if step == END:
            return [card for card in self._cards if outcome in card.outcomes and card.id != HELD_OUT]
        return self.places.of(step)

    def routes(self, starts: Sequence[Card], targets: Sequence[Card]) -> tuple[Route, ...]:
        """The shortest way from each card that has one."""
        found = (_shortest(card.id, targets, self._onward) for card in starts)
        return tuple(route for route in found if route is not None)


def _shortest(start: str, targets: Sequence[Card], onward: Mapping[str, list[Way]]) -> Route | None:
    wanted = {card.id for card in targets}
    ahead: list[tuple[float, int, str, Route]] = [(0.0, 0, start, ())]
    seen, number = set[str](), 0
    if start in wanted:
        return None  # another channel, or another try, on the same card
    while ahead:
        cost, _, here, route = heapq.heappop(ahead)
        if here in wanted:
            return route
        if here in seen:
            continue
        seen.add(here)
        for way in onward.get(here, []):
            if not route or way.silent:
                number += 1
                further = cost + (FAILURE_COST if way.failure else 1)
                heapq.heappush(ahead, (further, number, way.target, (*route, way)))
    return None
