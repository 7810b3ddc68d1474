"""What a journey checks before it takes a path."""

from collections.abc import Mapping
from typing import Any, Protocol

from activities.facts import Facts
from workflows.journey.parameters import Parameter


class Condition(Protocol):
    """Something that holds for a customer, or does not."""

    name: str

    def attributes(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the attributes that decide it, with an enrollment's parameters."""
        ...

    def holds(self, facts: Facts, parameters: Mapping[str, Any]) -> bool:
        """Whether it holds now."""
        ...


class ProfileHas:
    """Every one of the attributes is set, e.g. ``complete = ProfileHas("first_name", "email")``.

    Args:
        names: of the attributes, custom ones included; or one parameter that lists them.
    """

    def __init__(self, *names: str | Parameter[Any]) -> None:
        if not names:
            raise ValueError("a profile condition needs the name of an attribute")
        self._names = names
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        # The first name sticks: `goal = complete` is a second one for the same condition.
        self.name = self.name or name

    def attributes(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the attributes, with an enrollment's parameters."""
        found: list[str] = []
        for name in self._names:
            found.extend(name.value(parameters) if isinstance(name, Parameter) else (name,))
        return tuple(dict.fromkeys(found))

    def holds(self, facts: Facts, parameters: Mapping[str, Any]) -> bool:
        """Whether all are set."""
        return facts.has(*self.attributes(parameters))
