"""Conditions on what was done so far: messages sent, opened, clicked, events that came.

    reminded = Sent("confirm-reminder", SMS)
    keen = Clicked("welcome", within=timedelta(days=2))
    confirmed = Happened("subscription.confirmed")

The database knows, so a check of one asks it. Openings and clicks by machines do not count unless asked for;
even so an opening is a hint, no proof: mail programs hide some and invent others.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from activities.channels import Channel
from activities.history import Deed, HistoryQuestion
from workflows.journey.parameters import Parameter
from workflows.journey.templates import Template


class Recorded:
    """Something that the database can tell; an attribute of the journey's class, used in `check`."""

    name: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def question(self, enrollment_id: str, parameters: Mapping[str, Any]) -> HistoryQuestion:
        """What the database is asked.

        Args:
            enrollment_id: whose journey.
            parameters: the enrollment's, as JSON.
        """
        raise NotImplementedError

    def words(self) -> str:
        """The condition as a person would say it."""
        raise NotImplementedError


class _OfMessage(Recorded):
    """Something about the messages of one template in this journey.

    Args:
        template: of the message; or the parameter that chooses it.
        channel: over which it went; any, if not given.
        within: only if it was done in this time, counted from the moment the message went.
        machines: whether openings and clicks by machines count, too.
    """

    deed: Deed

    def __init__(
        self,
        template: str | Parameter[Template],
        channel: Channel | None = None,
        *,
        within: timedelta | None = None,
        machines: bool = False,
    ) -> None:
        self._template = template
        self._channel = channel
        self._within = _checked(within)
        self._machines = machines

    def question(self, enrollment_id: str, parameters: Mapping[str, Any]) -> HistoryQuestion:
        """What the database is asked."""
        return HistoryQuestion(
            enrollment_id,
            self.deed,
            template=self._template.value(parameters) if isinstance(self._template, Parameter) else self._template,
            channel=self._channel.value if self._channel else "",
            within_seconds=self._within.total_seconds(),
            machines=self._machines,
        )

    def words(self) -> str:
        """E.g. ``sms confirm-reminder sent``."""
        channel = f"{self._channel} " if self._channel else ""
        template = self._template.default if isinstance(self._template, Parameter) else self._template
        return f"{channel}{template} {self.deed}{_in_words(self._within)}"


class Sent(_OfMessage):
    """A message was sent, or may have been: one whose fate is unknown counts (guarantees A7)."""

    deed = Deed.SENT


class Delivered(_OfMessage):
    """A message reached the customer's mailbox or phone, as its provider reported."""

    deed = Deed.DELIVERED


class Opened(_OfMessage):
    """The customer opened a message; needs `SOJOURN_TRACK_OPENS`."""

    deed = Deed.OPENED


class Clicked(_OfMessage):
    """The customer followed a link in a message; needs `SOJOURN_TRACK_CLICKS`."""

    deed = Deed.CLICKED


class Happened(Recorded):
    """An event of that type came since the customer entered the journey.

    Args:
        event_type: e.g. ``subscription.confirmed``.
        within: only if it came in this time after the entry.
    """

    def __init__(self, event_type: str, *, within: timedelta | None = None) -> None:
        self._event_type = event_type
        self._within = _checked(within)

    def question(self, enrollment_id: str, parameters: Mapping[str, Any]) -> HistoryQuestion:
        """What the database is asked."""
        return HistoryQuestion(
            enrollment_id,
            Deed.HAPPENED,
            event_type=self._event_type,
            within_seconds=self._within.total_seconds(),
        )

    def words(self) -> str:
        """E.g. ``subscription.confirmed happened``."""
        return f"{self._event_type} happened{_in_words(self._within)}"


class ByParameter(Recorded):
    """One of several conditions, chosen by a parameter.

        active = ByParameter(interest, confirmed=Happened("subscription.confirmed"), opened=Opened("welcome"))

    Args:
        parameter: an enum.
        **conditions: one for each of its values, by the value.

    Raises:
        TypeError: a value has no condition.
    """

    def __init__(self, parameter: Parameter[Any], **conditions: Recorded) -> None:
        default = parameter.default
        if not isinstance(default, Enum) or conditions.keys() != {choice.value for choice in type(default)}:
            raise TypeError("a condition by parameter needs one condition for each value of an enum")
        self._parameter = parameter
        self._conditions = conditions

    def question(self, enrollment_id: str, parameters: Mapping[str, Any]) -> HistoryQuestion:
        """What the database is asked, with the enrollment's value of the parameter."""
        return self._conditions[self._parameter.value(parameters).value].question(enrollment_id, parameters)

    def words(self) -> str:
        """The condition in a fresh system."""
        return self._conditions[self._parameter.default.value].words()


def _checked(within: timedelta | None) -> timedelta:
    if within is not None and within <= timedelta(0):
        raise ValueError("a time within which something is done must be longer than nothing")
    return within or timedelta(0)


def _in_words(within: timedelta) -> str:
    return f" within {within}" if within else ""
