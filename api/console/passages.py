"""How many took which way of a picture: the report's moves between recorded steps, laid over its lines.

A line may lead past cards that leave no record, so a move is followed along the shortest way that leads there. Where
one step's name stands on two cards, those that came to each of them go on from it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from activities.storage.passage import END, START
from activities.storage.reports import Flow
from api.pictures import HELD_OUT, Card, Picture, Way, WayKey
from api.ways import Ways

EVENT = "event"


@dataclass
class Passages:
    """Who went where.

    Attributes:
        ways: how many took each way.
        entered: how many came to each card.
        came: the same by card and recorded step.
        left: how many went on from a card, by card and recorded step.
        elsewhere: moves that the picture has no way for: an earlier version of the code made them.
    """

    ways: Counter[WayKey] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)
    came: Counter[tuple[str, str]] = field(default_factory=Counter)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    elsewhere: int = 0


@dataclass(frozen=True)
class _Move:
    flow: Flow
    routes: tuple[tuple[Way, ...], ...]


def passages(picture: Picture, flows: Iterable[Flow], enrolled: int, held_out: int) -> Passages:
    """Lay the moves of a cohort over a picture.

    Args:
        picture: the whole picture.
        flows: of the report.
        enrolled: those who were not held out.
        held_out: the others.
    """
    found, start = Passages(), picture.cards[0].id
    found.entered[start] = found.came[start, START] = enrolled
    for way in picture.ways:
        if way.target == HELD_OUT:
            found.ways[way.key] = found.entered[HELD_OUT] = held_out
    ways = Ways(picture)
    moves = []
    for flow in flows:
        starts, targets = ways.places.of(flow.source), ways.targets(flow.target, flow.outcome)
        routes = ways.routes(starts, targets)
        if routes:
            moves.append(_Move(flow, routes))
        elif any(card in targets for card in starts):
            _stay(found, flow, starts)
        elif starts and flow.target == END:
            _end_early(found, picture, flow)
        else:
            found.elsewhere += flow.count
    for move in _in_order(moves):
        _share(found, move)
    return found


def _in_order(moves: list[_Move]) -> Iterator[_Move]:
    """Those from one card first; then each once all is known of who came to the step that it leaves."""
    waiting = [move for move in moves if len(move.routes) > 1]
    yield from (move for move in moves if len(move.routes) == 1)
    while waiting:
        open_targets = {move.flow.target for move in waiting}
        ready = next((move for move in waiting if move.flow.source not in open_targets), waiting[0])
        waiting.remove(ready)
        yield ready


def _share(found: Passages, move: _Move) -> None:
    """From cards of one name go as many as came to them; whoever is left over took the last way."""
    rest = move.flow.count
    for route in move.routes:
        here = (route[0].source, move.flow.source)
        going = rest if route is move.routes[-1] else min(rest, max(found.came[here] - found.left[here], 0))
        if going:
            _take(found, route, move.flow, going)
            rest -= going


def _take(found: Passages, route: tuple[Way, ...], flow: Flow, count: int) -> None:
    found.left[route[0].source, flow.source] += count
    found.came[route[-1].target, flow.target] += count
    for way in route:
        found.ways[way.key] += count
        found.entered[way.target] += count


def _stay(found: Passages, flow: Flow, cards: list[Card]) -> None:
    """They came to another step of the same card."""
    card = max(cards, key=lambda card: found.came[card.id, flow.source])
    found.left[card.id, flow.source] += flow.count
    found.came[card.id, flow.target] += flow.count


def _end_early(found: Passages, picture: Picture, flow: Flow) -> None:
    """Staff, the customer or an event may end a journey wherever it stands; the event has a card of its own."""
    cards = {each.id: each for each in picture.cards}
    for to_event in (way for way in picture.ways if cards[way.target].kind == EVENT):
        for to_end in (way for way in picture.ways if way.source == to_event.target):
            if flow.outcome in cards[to_end.target].outcomes:
                for way in (to_event, to_end):
                    found.ways[way.key] += flow.count
                    found.entered[way.target] += flow.count
