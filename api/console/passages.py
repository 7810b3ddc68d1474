"""How many took which way of a picture: the report's moves between recorded steps, laid over its lines.

A line may lead past cards that leave no record, so a move is followed along the shortest way that leads there. Where
one step's name stands on two cards, those that came to each of them go on from it.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from activities.storage.passage import END, START
from activities.storage.reports import Flow
from api.pictures import HELD_OUT, Card, Picture, Way, WayKey

EVENT = "event"
FAILURE_COST = 1.5  # a way of failure is taken for the way only where there is no other one as short


@dataclass
class Passages:
    """Who went where.

    Attributes:
        ways: how many took each way.
        entered: how many came to each card.
        ended_early: how many journeys were over at a card that no way to an end leaves for such an outcome.
        elsewhere: moves that the picture has no way for: an earlier version of the code made them.
    """

    ways: Counter[WayKey] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)
    ended_early: Counter[str] = field(default_factory=Counter)
    elsewhere: int = 0


class Places:
    """Which cards stand for which recorded step.

    Args:
        picture: the whole picture.
    """

    def __init__(self, picture: Picture) -> None:
        self._start = picture.cards[0]
        self._by_step: defaultdict[str, list[Card]] = defaultdict(list)
        self._by_name: defaultdict[str, list[Card]] = defaultdict(list)
        for card in picture.cards:
            if card.kind == END:
                continue
            for step in card.steps:
                self._by_step[step].append(card)
            for name in dict.fromkeys(step.partition("#")[0] for step in card.steps):
                self._by_name[name].append(card)

    def of(self, step: str) -> list[Card]:
        """The cards of a step; a loop may go round more often than the picture lists."""
        if step in {START, ""}:
            return [self._start]
        return self._by_step.get(step) or self._by_name.get(step.partition("#")[0], [])


def passages(picture: Picture, flows: Iterable[Flow], enrolled: int, held_out: int) -> Passages:
    """Lay the moves of a cohort over a picture.

    Args:
        picture: the whole picture.
        flows: of the report.
        enrolled: those who were not held out.
        held_out: the others.
    """
    found = Passages()
    found.entered[picture.cards[0].id] = enrolled
    for way in picture.ways:
        if way.target == HELD_OUT:
            found.ways[way.key] = found.entered[HELD_OUT] = held_out
    places, onward = Places(picture), _onward(picture)
    left: Counter[str] = Counter()
    unsettled = []
    for flow in flows:
        starts = places.of(flow.source)
        targets = _targets(picture, places, flow)
        if any(card in targets for card in starts):
            continue  # another channel, or another try, on the same card
        routes = [route for card in starts if (route := _shortest(card.id, targets, onward)) is not None]
        if len(routes) == 1:
            _take(found, left, routes[0], flow.count)
        elif routes:
            unsettled.append((flow.count, routes))
        elif starts and flow.target == END:
            _end_early(found, picture, starts[0], flow)
        else:
            found.elsewhere += flow.count
    for count, routes in unsettled:
        _share(found, left, routes, count)
    return found


def _onward(picture: Picture) -> Mapping[str, list[Way]]:
    onward: defaultdict[str, list[Way]] = defaultdict(list)
    for way in picture.ways:
        onward[way.source].append(way)
    return onward


def _targets(picture: Picture, places: Places, flow: Flow) -> list[Card]:
    if flow.target == END:
        return [card for card in picture.cards if flow.outcome in card.outcomes and card.id != HELD_OUT]
    return places.of(flow.target)


def _shortest(start: str, targets: list[Card], onward: Mapping[str, list[Way]]) -> list[Way] | None:
    wanted = {card.id for card in targets}
    ahead: list[tuple[float, int, str, list[Way]]] = [(0.0, 0, start, [])]
    seen, number = set[str](), 0
    while ahead:
        cost, _, here, route = heapq.heappop(ahead)
        if here in wanted and route:
            return route
        if here in seen:
            continue
        seen.add(here)
        for way in onward.get(here, []):
            if not route or way.silent:
                number += 1
                heapq.heappush(ahead, (cost + (FAILURE_COST if way.failure else 1), number, way.target, [*route, way]))
    return None


def _take(found: Passages, left: Counter[str], route: list[Way], count: int) -> None:
    left[route[0].source] += count
    for way in route:
        found.ways[way.key] += count
        found.entered[way.target] += count


def _share(found: Passages, left: Counter[str], routes: list[list[Way]], count: int) -> None:
    """From cards of one name go as many as came to them; whoever is left over took the last way."""
    for route in routes[:-1]:
        source = route[0].source
        here = min(count, max(found.entered[source] - left[source], 0))
        if here:
            _take(found, left, route, here)
            count -= here
    if count:
        _take(found, left, routes[-1], count)


def _end_early(found: Passages, picture: Picture, card: Card, flow: Flow) -> None:
    """Staff, the customer or an event may end a journey wherever it stands; the event has a card of its own."""
    found.ended_early[card.id] += flow.count
    cards = {each.id: each for each in picture.cards}
    for to_event in (way for way in picture.ways if cards[way.target].kind == EVENT):
        for to_end in (way for way in picture.ways if way.source == to_event.target):
            if flow.outcome in cards[to_end.target].outcomes:
                _take(found, Counter(), [to_event, to_end], flow.count)
