"""A scenario file: one customer, what triggers the journey and what happens meanwhile.

Only shapes are checked here. Whether an address, a phone number, a time zone or a parameter's value will do
is decided where the API decides it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from activities.frequency import CHANNELS as CAPPED
from activities.frequency import NO_CAPS, FrequencyCap, FrequencyCaps
from worker.rehearsal.strict_json import Node, ShapeError, load

CHANNELS = ("email", "sms", "webhook", "push")
_ADDRESSES = ("email", "sms")  # what a customer can opt out of
_NEEDED = ("start", "customer", "trigger")
_OPTIONAL = ("then", "parameters", "arms", "vouchers", "providers", "cap", "consent_by_default")
YEARS = range(1900, 9000)  # in which a rehearsal may begin: the calendar ends with 9999
_TEXTS = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "date_of_birth",
    "timezone",
    "country",
    "locale",
    "preferred_channel",
)


class ScenarioError(ValueError):
    """The scenario is refused; the message begins with the path of the offending key."""


class ProviderResult(StrEnum):
    """What a provider answers to every message of a scenario."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # this address, for good
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"  # no answer: it may have been sent


@dataclass(frozen=True)
class Event:
    """An event of the client's, or the trigger."""

    type: str
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ProfileChange:
    """A change of the profile, as `PATCH /v1/customers/{id}` takes it; None clears an attribute."""

    changes: Mapping[str, object]


@dataclass(frozen=True)
class OptOut:
    """The customer leaves a channel."""

    channel: str


@dataclass(frozen=True)
class Cancel:
    """Staff cancel the journey."""

    reason: str


@dataclass(frozen=True)
class Hold:
    """Staff hold the journey."""

    reason: str


@dataclass(frozen=True)
class Resume:
    """Staff let it go on; the reason may be empty."""

    reason: str = ""


What: TypeAlias = ProfileChange | Event | OptOut | Cancel | Hold | Resume


@dataclass(frozen=True)
class Happening:
    """One thing that happens while the journey runs.

    Attributes:
        at: when, UTC; never before the scenario's start.
        what: what happens.
    """

    at: datetime
    what: What


@dataclass(frozen=True)
class Scenario:
    """What a rehearsal is run on.

    Attributes:
        start: when the trigger comes, UTC.
        customer: the customer as `POST /v1/registrations` takes one; has an id, an email or a phone.
        trigger: the event that starts the journey.
        then: what happens later, in the file's order.
        parameters: values for parameters of the journey.
        arms: which arm of a split the customer is in, by split; drawn by lot for one that is not named.
        vouchers: codes by voucher design, in the order in which they are given out.
        providers: what the provider of a channel answers; one that is not named accepts.
        caps: how much marketing the customer gets at most; any number if the file says nothing.
        consent_by_default: whether registering means agreeing to marketing, as `SOJOURN_CONSENT_BY_DEFAULT`.
    """

    start: datetime
    customer: Mapping[str, object]
    trigger: Event
    then: tuple[Happening, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    arms: Mapping[str, str] = field(default_factory=dict)
    vouchers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    providers: Mapping[str, ProviderResult] = field(default_factory=dict)
    caps: FrequencyCaps = NO_CAPS
    consent_by_default: bool = True


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        ScenarioError: it cannot be read, or is refused.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"cannot read {path}: {error.strerror}") from error
    return parse_scenario(content)


def parse_scenario(text: str | bytes) -> Scenario:
    """Parse a scenario, JSON in UTF-8; one that stands in a test with its promise is taken out of it.

    Raises:
        ScenarioError: it is refused.
    """
    try:
        return _scenario(_without_promise(load(text)))
    except RecursionError as error:
        raise ScenarioError("scenario: nested too deeply") from error
    except ShapeError as error:
        raise ScenarioError(str(error)) from error


def _without_promise(document: Node) -> Node:
    """The scenario of a file in `tests/scenarios`, which says what becomes of it, too."""
    if "promise" not in document.members():
        return document
    return document.keys(("promise", "outcome", "messages", "scenario"), ("webhooks",))["scenario"]


def _scenario(document: Node) -> Scenario:
    members = document.keys(_NEEDED, _OPTIONAL)
    start = _start(members["start"])
    then = members["then"].items() if "then" in members else ()
    arms = members["arms"].members() if "arms" in members else {}
    vouchers = members["vouchers"].members() if "vouchers" in members else {}
    providers = members["providers"].keys((), CHANNELS) if "providers" in members else {}
    return Scenario(
        start=start,
        customer=_customer(members["customer"]),
        trigger=_event(members["trigger"]),
        then=tuple(_happening(entry, start) for entry in then),
        parameters=members["parameters"].mapping() if "parameters" in members else {},
        arms={split: arm.text() for split, arm in arms.items()},
        vouchers={design: _codes(codes) for design, codes in vouchers.items()},
        providers={channel: _provider(provider) for channel, provider in providers.items()},
        caps=FrequencyCaps((_cap(members["cap"]),)) if "cap" in members else NO_CAPS,
        consent_by_default=members["consent_by_default"].flag() if "consent_by_default" in members else True,
    )


def _start(node: Node) -> datetime:
    start = node.instant()
    if start.year not in YEARS:
        raise node.refuse(f"outside the years {YEARS[0]} to {YEARS[-1]}: a journey needs time ahead of it")
    return start


def _customer(node: Node) -> Mapping[str, object]:
    members = node.keys((), ("id", *_TEXTS, "source", "attributes", "consents", "loyalty"))
    if not {"id", "email", "phone"} & members.keys():
        raise node.refuse("needs an id, an email or a phone", show=False)
    for name, member in members.items():
        if name == "loyalty":
            member.flag()
        else:
            _profile_value(name, member)
    return node.mapping()


def _profile_value(name: str, member: Node) -> None:
    if name == "attributes":
        member.members()
    elif name == "consents":
        decisions = member.keys((), (*_ADDRESSES, "topics"))
        by_topic = decisions.pop("topics").members() if "topics" in decisions else {}
        for decision in (*decisions.values(), *by_topic.values()):
            decision.flag()
    else:
        member.text()


def _happening(node: Node, start: datetime) -> Happening:
    members = node.keys((), ("after", "at", *_KINDS))
    when = _only_one(node, members, ("after", "at"))
    what = _only_one(node, members, tuple(_KINDS))
    if when == "at":
        at = members["at"].instant()
        if at < start:
            raise members["at"].refuse("before start")
    else:
        try:
            at = start + members["after"].duration()
        except OverflowError as error:
            raise members["after"].refuse("beyond the calendar") from error
    return Happening(at, _KINDS[what](members[what]))


def _only_one(node: Node, members: Mapping[str, Node], names: tuple[str, ...]) -> str:
    given = [name for name in names if name in members]
    if not given:
        raise node.refuse(f"needs one of {', '.join(names)}", show=False)
    if len(given) > 1:
        raise members[given[1]].refuse(f"cannot stand beside {given[0]}", show=False)
    return given[0]


def _event(node: Node) -> Event:
    members = node.keys(("type",), ("properties",))
    properties = members["properties"].mapping() if "properties" in members else {}
    return Event(members["type"].text(), properties)


def _profile(node: Node) -> ProfileChange:
    members = node.keys((), (*_TEXTS, "attributes", "consents"))
    if not members:
        raise node.refuse("changes nothing", show=False)
    for name, member in members.items():
        if member.value is not None:
            _profile_value(name, member)
    return ProfileChange(node.mapping())


def _codes(node: Node) -> tuple[str, ...]:
    codes: list[str] = []
    for item in node.items():
        if item.text() in codes:
            raise item.refuse("given twice")
        codes.append(item.text())
    return tuple(codes)


def _provider(node: Node) -> ProviderResult:
    return ProviderResult(node.keys(("result",))["result"].one_of(tuple(ProviderResult)))


def _cap(node: Node) -> FrequencyCap:
    members = node.keys(("messages", "days"), ("channel",))
    messages, days = members["messages"].whole(), members["days"].whole()
    channel = members["channel"].one_of(CAPPED) if "channel" in members else ""
    try:
        return FrequencyCap(messages, days, channel)
    except ValueError as error:
        raise node.refuse(str(error), show=False) from error


def _resume(node: Node) -> Resume:
    return Resume("" if node.value is True else node.text())


_KINDS: dict[str, Callable[[Node], What]] = {
    "profile": _profile,
    "event": _event,
    "opt_out": lambda node: OptOut(node.one_of(_ADDRESSES)),
    "cancel": lambda node: Cancel(node.text()),
    "hold": lambda node: Hold(node.text()),
    "resume": _resume,
}
