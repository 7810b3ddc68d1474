"""What a journey listens for while it runs."""

from collections.abc import Mapping
from typing import Any

from activities.entries import Circumstances
from workflows.journey.rules import Rule


class Event:
    """An event a journey waits for, or leaves on; an attribute of the journey's class.

        subscribed = Event("service.subscribed", keeps=("serviceName",))
        exit_on = Event("order.cancelled", where=Property("orderId").same_as_trigger("orderId"))

    Args:
        type: of the event, e.g. ``order.completed``.
        where: only events for which this holds are heard.
        keeps: names of the properties the journey decides on. They stay in its history, so nothing personal.
    """

    def __init__(self, type: str, *, where: Rule | None = None, keeps: tuple[str, ...] = ()) -> None:  # noqa: A002 - an event's type is called that everywhere
        if not type:
            raise ValueError("an event needs a type")
        self.type = type
        self.where = where
        self.keeps = keeps
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def hears(self, event_type: str, given: Circumstances) -> bool:
        """Whether an event is one the journey listens for."""
        return event_type == self.type and (self.where is None or self.where.holds(given))

    def kept(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """The properties that go into the journey's history."""
        return {name: properties[name] for name in self.keeps if name in properties}
