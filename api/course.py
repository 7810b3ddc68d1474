"""What the picture of a journey adds to its records: the wait behind a message, the window that was open."""

import asyncio
from collections.abc import Mapping, Sequence

from activities.storage import journey_settings
from activities.storage.places import AS_RECORDED, Course
from api.pictures import Card, Picture
from api.services import Services
from api.ways import Route, Ways

EVENT = "event"  # no step: it may come at any moment


class PictureCourse:
    """The course of a journey, read from its picture.

    Args:
        picture: the whole picture.
    """

    def __init__(self, picture: Picture) -> None:
        self._ways = Ways(picture)
        self._cards = {card.id: card for card in picture.cards}
        self._following = picture.following

    @property
    def following(self) -> Mapping[str, str]:
        """The wait that follows a decided message, by the place behind it."""
        return self._following

    def between(self, source: str, target: str, outcome: str = "") -> Sequence[str]:
        """The steps on the way that the picture shows; none where it depends on the card which that is."""
        routes = self._ways.routes(self._ways.places.of(source), self._ways.targets(target, outcome))
        passed = {self._passed(route) for route in routes}
        return passed.pop() if len(passed) == 1 else ()

    def _passed(self, route: Route) -> tuple[str, ...]:
        cards = (self._cards[way.target] for way in route[:-1])
        return tuple(self._name(card) for card in cards if card.steps and card.kind != EVENT)

    def _name(self, card: Card) -> str:
        """Of several names the one whose people are shown on this card."""
        return next((step for step in card.steps if self._ways.places.home(step) is card), card.steps[0])


async def course_of(services: Services, journey: str) -> Course:
    """The course of a journey with its parameters of now; as recorded, where its code cannot be followed.

    Args:
        services: what the application works with.
        journey: its name.
    """
    if services.draw is None:
        return AS_RECORDED
    now = services.now()
    setting = await services.database.read(lambda session: journey_settings.setting(session, journey, now))
    values = services.catalogue[journey].resolve(setting.parameters)
    picture = await asyncio.to_thread(services.draw, journey, values, frozenset())
    return AS_RECORDED if picture is None else PictureCourse(picture)
