"""What each verb is in a picture: the card, the names it is recorded under, and the ways out of it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from activities.arms import Arms
from activities.channels import Channel
from activities.send_window import SendWindow
from worker.diagram import wording
from worker.diagram.graph import Kind
from worker.diagram.values import NOTHING, Group, Happened, Known, Place, Receipt, Reward, Unknown, Value
from workflows.journey import Event, Goal, Journey
from workflows.journey.templates import place_of
from workflows.journey.verbs import WINDOW_STEP, _as_step

TIME_IS_UP = "time is up"
LONGEST_RULE = 60  # characters


@dataclass(frozen=True)
class Exit:
    """A way out of a step.

    Attributes:
        label: for the line.
        value: what the verb answers to the code.
        records: names of the steps that the journey records on this way.
    """

    label: str
    value: Value
    records: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One visit of a customer to a verb."""

    place: Place
    kind: Kind
    label: str
    detail: str
    exits: tuple[Exit, ...]
    outcome: str = ""
    asks_goal: bool = False


class UnclearStepError(Exception):
    """An argument decides what is drawn, and is not known; the message names it."""


class Arguments:
    """What a verb was given, by the names of its parameters."""

    def __init__(self, journey: type[Journey], verb: str, args: list[Value], named: dict[str, Value]) -> None:
        signature = inspect.signature(getattr(journey, verb))
        try:
            bound = signature.bind(None, *args, **named)
        except TypeError as error:
            raise UnclearStepError(f"{verb}: {error}") from error
        self._given: dict[str, Any] = bound.arguments
        self._defaults = {
            name: parameter.default
            for name, parameter in signature.parameters.items()
            if parameter.default is not inspect.Parameter.empty
        }

    def value(self, name: str) -> Value:
        """What the code gave, as far as it is known."""
        if name in self._given:
            value: Value = self._given[name]
            return value
        return Known(self._defaults.get(name))

    def values(self, name: str) -> tuple[Value, ...]:
        """What the code gave to a `*name`."""
        found: tuple[Value, ...] = self._given.get(name, ())
        return found

    def known(self, name: str) -> Any:
        """What must be certain, for the card shows it or the step is named by it.

        Raises:
            UnclearStepError: it is not.
        """
        value = self.value(name)
        if not isinstance(value, Known):
            raise UnclearStepError(f"{name} is not known before the journey runs")
        return value.value

    def words(self, name: str) -> str:
        """What is only shown."""
        value = self.value(name)
        match value:
            case Known(found):
                return wording.value(found)
            case Unknown(text):
                return wording.spoken(text)
            case _:
                return name


def _wait(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    length: timedelta = given.known("span")
    length += timedelta(days=given.known("days"), hours=given.known("hours"), minutes=given.known("minutes"))
    why = given.known("why")
    return _plain(place, Kind.WAIT, f"Wait {wording.span(length)}", why, _as_step(why))


def _wait_until(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    why, weekday, date = given.known("why"), given.value("weekday"), given.words("date")
    day = wording.WEEKDAYS[weekday.value] if isinstance(weekday, Known) and weekday.value is not None else ""
    when = " ".join(word for word in (day, date, given.words("time")) if word)
    return _plain(place, Kind.WAIT, f"Wait until {when}", why, _as_step(why))


def _until_open(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    window: SendWindow = given.known("window")
    return _plain(place, Kind.WINDOW, f"Wait for {wording.hours(window)}", "on the customer’s clock", WINDOW_STEP)


def _wait_for(journey: type[Journey], place: Place, given: Arguments) -> Step:
    event: Event = given.known("event")
    why = given.known("why")
    step = (_as_step(why),)
    exits = Exit("event", Happened(place), step), Exit(TIME_IS_UP, NOTHING, step)
    label = f"Wait for {event.type}"
    rule = wording.rule(event.where) if event.where else ""
    where = f"{rule}; " if 0 < len(rule) <= LONGEST_RULE else ""  # paths behind it say the rest
    detail = f"{where}up to {wording.span(given.known('within'))}, {why}"
    return Step(place, Kind.WAIT_FOR, label, detail, exits, asks_goal=_is_goal(journey, event))


def _check(journey: type[Journey], place: Place, given: Arguments) -> Step:
    condition = given.known("condition")
    step = (condition.name,)
    words = getattr(condition, "words", None)
    if isinstance(condition, Event):
        label = f"Heard {condition.type}"
    elif words:
        label = words()
    else:
        label = f"profile {wording.spoken(condition.name)}"
    exits = Exit("yes", Known(True), step), Exit("no", Known(False), step)
    question = f"{wording.capital(wording.spelled(label))}?"
    detail = _condition_detail(condition)
    return Step(place, Kind.CHECK, question, detail, exits, asks_goal=_is_goal(journey, condition))


def _is_goal(journey: type[Journey], asked: Any) -> bool:
    """Whether what is asked or waited for is the goal, or an event that meets it."""
    goal = journey.goal
    if isinstance(goal, Goal) and isinstance(asked, Event):
        return asked.type == goal.event_type and (goal.where is None or asked.where is goal.where)
    return asked is goal


def _condition_detail(condition: Any) -> str:
    if not (attributes := getattr(condition, "attributes", None)):
        return ""
    return ", ".join(wording.spoken(name) for name in attributes({}))


def _reachable(channels: list[Channel], place: Place, refused: frozenset[Channel], *, prefer_stored: bool) -> Step:
    names = [wording.channel(channel) for channel in channels]
    orders = [sorted(channels, key=lambda each: each != first) for first in channels] if prefer_stored else [channels]
    exits = [
        Exit("yes" if len(channels) == 1 else wording.channel(channel), Known(channel), _asked(order[: number + 1]))
        for order in orders
        for number, channel in enumerate(order)
        if channel not in refused  # an address refused for good is none
    ]
    exits += [Exit("no", NOTHING, _asked(order)) for order in orders]
    label = f"Reachable by {names[0]}?" if len(names) == 1 else "Reachable?"
    detail = "" if len(names) == 1 else f"{names[0]} first, then {', then '.join(names[1:])}"
    if prefer_stored:
        detail = f"over the channel they chose, else {detail}"
    return Step(place, Kind.CHECK, label, detail, tuple(exits))


def _asked(channels: list[Channel]) -> tuple[str, ...]:
    return tuple(f"reachable-by-{channel}" for channel in channels)


def _split(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    arms: Arms = given.known("arms")
    step = (f"split-{arms.split}",)
    total = sum(arms.weights.values())
    shares = ", ".join(f"{arm} {weight / total:.0%}" for arm, weight in arms.weights.items())
    exits = tuple(Exit(arm, Known(arm), step) for arm in arms.weights)
    return Step(place, Kind.SPLIT, f"Split: {wording.spoken(arms.split.replace('-', ' '))}", shares, exits)


def _send(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    channel, template = given.known("channel"), place_of(given.known("template"))
    name = wording.channel(channel)
    receipt = Receipt(place, template, channel)
    return _plain(place, Kind.MESSAGE, template, name, f"{template}-{channel}", receipt)


def _assign_voucher(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    design = given.known("design")
    return _plain(place, Kind.VOUCHER, "Assign voucher", design, f"voucher-{design}", Reward(place, "no voucher left"))


def _award_points(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    amount = given.words("amount")
    return _plain(place, Kind.POINTS, f"Award {amount} points", "", "points", Reward(place, "not awarded"))


def _earn(journey: type[Journey], place: Place, given: Arguments) -> Step:
    event = given.known("event_type")
    rule = journey.economy.of(event)
    if rule is None:
        raise UnclearStepError(f"the economy has no rule about {event}")
    amount = rule.amount({})
    return _plain(
        place, Kind.POINTS, f"Award {amount} points", f"for {event}", f"earn-{event}", Reward(place, "no points left")
    )


def _call_webhook(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    webhook = given.known("webhook")
    label = f"Webhook: {wording.spoken(webhook.name)}"
    receipt = Receipt(place, label)
    return _plain(
        place, Kind.WEBHOOK, label, given.words("template"), f"webhook-{webhook.name.replace('_', '-')}", receipt
    )


def _update_profile(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    field, increase = given.known("field"), given.words("increase")
    grows = f"plus {increase}" if not increase.startswith("-") else f"minus {increase[1:]}"
    updated = Reward(place, "not updated")
    return _plain(place, Kind.PROFILE, f"Profile: {wording.spoken(field)}", grows, f"profile-{field}", updated)


def _opt_out(_journey: type[Journey], place: Place, given: Arguments) -> Step:
    return _plain(place, Kind.PROFILE, "Opt out of everything", given.words("source"), "opt-out")


def _plain(place: Place, kind: Kind, label: str, detail: str, step: str, answer: Value = NOTHING) -> Step:
    return Step(place, kind, label, detail, (Exit("", answer, (step,)),))


Draw = Callable[[type[Journey], Place, Arguments], Step]

VERBS: Mapping[str, Draw] = {
    "wait": _wait,
    "wait_until": _wait_until,
    "until_open": _until_open,
    "wait_for": _wait_for,
    "check": _check,
    "split": _split,
    "send": _send,
    "assign_voucher": _assign_voucher,
    "award_points": _award_points,
    "earn": _earn,
    "call_webhook": _call_webhook,
    "update_profile": _update_profile,
    "opt_out": _opt_out,
}
"""How each verb is drawn; `first_reachable` depends on the path and stands apart."""


def step_of(
    journey: type[Journey], verb: str, place: Place, given: Arguments, refused: frozenset[Channel]
) -> Step | None:
    """The step that a verb makes; None for a verb nobody has taught the picture yet.

    Args:
        journey: whose.
        verb: its name.
        place: where it is called.
        given: with what.
        refused: channels on which this path has found the address refused.

    Raises:
        UnclearStepError: an argument that must be certain is not.
    """
    if verb == "first_reachable":
        channels = [channel for value in given.values("channels") for channel in _channels(value)]
        return _reachable(channels, place, refused, prefer_stored=given.known("prefer_stored"))
    draw = VERBS.get(verb)
    return draw(journey, place, given) if draw else None


def _channels(value: Value) -> list[Channel]:
    match value:
        case Known(Channel() as channel):
            return [channel]
        case Group(values):
            return [channel for each in values for channel in _channels(each)]
        case _:
            raise UnclearStepError("a channel is not known before the journey runs")
