"""One customer as the console shows them: what comes next, and the facts beside their timeline."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from activities.channels import Channel
from activities.profile_fields import STANDARD, field_named
from activities.storage import provider_states
from activities.storage.customer_file import CustomerFile, customer_file
from activities.storage.facts import names_set
from activities.storage.marketing_had import Had, had_lately
from activities.storage.tables import Customer, Enrollment, InboxEvent
from activities.storage.vouchers import ASSIGNED, RESERVED
from api.answers import ui_link
from api.console.forecast import Branch, branches
from api.console.numbers import day
from api.console.wording import channel_name
from api.pictures import Picture
from api.routes.timeline import next_in_words, told_by_workflow
from api.services import Services
from api.ways import Places


@dataclass(frozen=True)
class Fact:
    """A line of a list of facts."""

    name: str
    value: str
    note: str = ""
    missing: bool = False


@dataclass(frozen=True)
class Coming:
    """A journey that is under way.

    Attributes:
        row: the enrollment.
        what: it does or waits for.
        at: when it goes on, journey instant, UTC; None where nobody can say.
        branches: what follows, and on which condition.
        ui: where the Temporal UI shows it; None without one.
    """

    row: Enrollment
    what: str
    at: datetime | None
    branches: Sequence[Branch]
    ui: str | None

    @property
    def state(self) -> str:
        """For its badge."""
        if self.row.cancel_reason is not None:
            return "cancelling"
        return "held" if self.row.held else self.row.state


@dataclass(frozen=True)
class Known:
    """What the database says of a customer, and of what concerns them.

    Attributes:
        file: theirs.
        suppressed: why an address is never used, by channel.
        agreed: whether marketing is wanted, by channel; where they decided nothing, a setting has.
        reached: channels on which there is an address.
        objected: channels whose address stands for an objection, under whoever's name.
        paused: since when a channel is paused for everyone, wall clock.
        had: marketing of late, beside each cap.
    """

    file: CustomerFile
    suppressed: Mapping[str, str]
    agreed: Mapping[str, bool]
    reached: frozenset[str]
    objected: frozenset[str]
    paused: Mapping[str, datetime]
    had: Sequence[Had]


def known(session: Session, services: Services, customer: Customer, now: datetime) -> Known:
    """Read it.

    Args:
        session: any transaction.
        services: for the suppression list, the providers and the caps.
        customer: whose.
        now: journey instant, UTC.
    """
    states = provider_states.all_states(session)
    suppressed = {
        channel.value: reason
        for channel in Channel
        if (reason := services.reachability.suppressed(session, customer, channel)) is not None
    }
    paused = {
        channel: row.paused_since
        for channel, provider in services.providers.items()
        if (row := states.get(provider)) is not None and row.paused_since is not None
    }
    reach = services.reachability
    agreed = {channel.value: reach.agreed(session, customer, channel) for channel in Channel}
    reached = frozenset(channel.value for channel in Channel if reach.address(customer, channel))
    objected = frozenset(channel.value for channel in reach.objected(session, customer))
    had = had_lately(session, customer.id, services.settings.frequency_caps, now)
    return Known(customer_file(session, customer), suppressed, agreed, reached, objected, paused, had)


@dataclass
class Pictures:
    """The pictures of a customer's journeys, each drawn once."""

    found: dict[str, Picture | None] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, row: Enrollment) -> Picture | None:
        """The picture of a journey; None where it cannot be drawn."""
        return self.found.get(row.id)

    def step_name(self, row: Enrollment, step: str) -> str:
        """What a step is called on its card; empty where there is none."""
        if (row.id, step) not in self.names:
            picture = self.of(row)
            cards = Places(picture).of(step) if picture is not None else []
            self.names[row.id, step] = cards[0].name if cards else ""
        return self.names[row.id, step]


async def draw(services: Services, rows: Sequence[Enrollment]) -> Pictures:
    """Draw the journeys of some enrollments, with the parameters that each has kept."""
    drawer = services.draw
    if drawer is None:
        return Pictures()

    def drawn() -> dict[str, Picture | None]:
        return {
            row.id: drawer(row.journey, services.catalogue[row.journey].resolve(row.parameters), frozenset())
            for row in rows
            if row.journey in services.catalogue
        }

    return Pictures(await asyncio.to_thread(drawn))


async def coming(services: Services, file: CustomerFile, pictures: Pictures) -> list[Coming]:
    """The journeys that are under way, the one that goes on first in front."""
    zone = file.customer.timezone
    rows = [row for row in file.enrollments if row.state != "ended"]
    told = await asyncio.gather(*(told_by_workflow(services, row) for row in rows))
    found = [_coming(services, row, said, zone, pictures.of(row)) for row, said in zip(rows, told, strict=True)]
    return sorted(found, key=lambda each: (each.at is None, each.at or each.row.enrolled_at))


def _coming(
    services: Services, row: Enrollment, told: Mapping[str, Any] | None, zone: str, picture: Picture | None
) -> Coming:
    said = next_in_words(row, told, zone)
    what = str(said["what"]) if said else "Waits to be started" if row.state == "starting" else ""
    what = what or "Temporal cannot say now what it waits for"
    at = datetime.fromisoformat(said["at"]) if said and said["at"] else None
    # The workflow knows its step sooner than the database, which hears of a wait with what comes after it.
    step = str((told or {}).get("step") or row.step)
    ahead = branches(picture, step) if picture is not None and row.cancel_reason is None else []
    return Coming(row, f"{what[:1].upper()}{what[1:]}", at, ahead, ui_link(services.settings, row.workflow_id))


def profile(services: Services, file: CustomerFile) -> list[Fact]:
    """The profile; what an open journey still asks for is marked as missing."""
    customer = file.customer
    asked: dict[str, None] = {}
    for row in file.enrollments:
        if row.state != "ended" and (journey := services.catalogue.get(row.journey)) is not None:
            asked |= dict.fromkeys(journey.asked(row.parameters))
    have = set(names_set(customer))
    found = [_fact(name, getattr(customer, name), name in asked and name not in have) for name in STANDARD]
    found += [_fact(name, value, False) for name, value in sorted(customer.attributes.items())]
    found += [_fact(name, None, True) for name in asked if name not in have and name not in STANDARD]
    guessed = {"phone": "from the phone", "country": "from the country", "default": "not known"}
    found.append(Fact("Time zone", customer.timezone, guessed.get(customer.timezone_source, "")))
    found.append(Fact("Country", customer.country or "–"))
    found.append(Fact("Language", customer.locale or "–"))
    found.append(Fact("Prefers", channel_name(customer.preferred_channel) if customer.preferred_channel else "–"))
    found.append(Fact("Your id", customer.external_id or "–"))
    found.append(Fact("Our id", customer.id))
    return found


def _fact(name: str, value: object, missing: bool) -> Fact:
    if missing:
        return Fact(field_named(name).label, "Missing", missing=True)
    return Fact(field_named(name).label, _in_words(value) or "–")


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_in_words, value))
    return {None: "", True: "Yes", False: "No"}[value] if value is None or isinstance(value, bool) else str(value)


def rewards(file: CustomerFile, zone: ZoneInfo) -> list[Fact]:
    """Points and vouchers. A code that is only kept for a promise is nobody's yet, and is not shown."""
    found = [] if file.points is None else [Fact("Points", str(file.points))]
    for row in file.vouchers:
        if row.state == ASSIGNED:
            used = file.redeemed.get(row.id)
            until = f", good until {row.valid_until.day} {row.valid_until:%b %Y}" if row.valid_until else ""
            found.append(Fact(row.design, row.code, f"used {day(used, zone)}" if used else f"not used yet{until}"))
        elif row.state == RESERVED:
            found.append(Fact(row.design, "1 kept for a promise", "they have not seen a code"))
    return found


def orders(file: CustomerFile) -> list[InboxEvent]:
    """Orders, the latest first."""
    return [event for event in file.events if event.type == "order.completed"]


def clock_words(name: str, zone: ZoneInfo, mine: ZoneInfo, now: datetime) -> str:
    """Whose clock the page goes by, and how far it is from the reader's.

    Args:
        name: of the customer.
        zone: theirs.
        mine: the reader's.
        now: journey instant, UTC.
    """
    here, there = now.astimezone(zone), now.astimezone(mine)
    minutes = round(((there.utcoffset() or there - there) - (here.utcoffset() or here - here)).total_seconds() / 60)
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return f"{name}’s clock: {place}, {here:%A} {here:%H:%M} ({_apart(minutes)}). All times here are {name}’s."


def _apart(minutes: int) -> str:
    if minutes == 0:
        return "as yours"
    hours, rest = divmod(abs(minutes), 60)
    amount = f"{hours} h" + (f" {rest} min" if rest else "")
    return f"yours is {'an hour' if amount == '1 h' else amount} {'ahead' if minutes > 0 else 'behind'}"
