"""May we write to a customer, and what that rests on."""

from datetime import datetime
from zoneinfo import ZoneInfo

from activities.channels import Channel
from activities.clock import JourneyClock
from activities.interests import TOPICS
from activities.storage.marketing_had import Had
from activities.storage.tables import Consent, Customer
from api.console.customer_view import Fact, Known
from api.console.numbers import day
from api.console.wording import channel_name, reason_words

CONFIRMED = "confirm page"
COUNTED = {"email": "email", "sms": "text", "webhook": "call"}
SOURCES = {
    "registration": "with the registration on",
    CONFIRMED: "confirmed by link on",
    "profile page": "on the profile page,",
    "preferences page": "on the preferences page,",
    "unsubscribe page": "on the unsubscribe page,",
    "api": "told by your system,",
}


def consents(found: Known, clock: JourneyClock, zone: ZoneInfo) -> list[Fact]:
    """By channel and by topic, each with what it rests on; and how much marketing they had.

    Args:
        found: of the customer.
        clock: the journey clock; decisions are known by the wall clock.
        zone: the customer's.
    """
    decided = {row.channel: row for row in found.file.consents}
    facts = [_channel(found, channel, decided.get(channel.value), clock, zone) for channel in Channel]
    labels = {topic.code: topic.label for topic in TOPICS}
    facts += [
        Fact(labels.get(row.topic, row.topic), _yes(row.given), _told(row.source, clock.at(row.changed_at), zone))
        for row in sorted(found.file.topics, key=lambda row: row.topic)
    ]
    return facts + [_had(each) for each in found.had]


def _had(had: Had) -> Fact:
    span = "24 hours" if had.span.days == 1 else f"{had.span.days} days"
    what = COUNTED.get(had.cap.channel if had.cap else "", "message")
    words = f"{had.messages} marketing {what}{'' if had.messages == 1 else 's'}"
    return Fact(f"Last {span}", words, f"cap {had.cap.messages}" if had.cap else "no cap")


def _channel(found: Known, channel: Channel, row: Consent | None, clock: JourneyClock, zone: ZoneInfo) -> Fact:
    name, value = channel.value, _yes(found.agreed[channel.value])
    if row is not None:
        notes = [_told(row.source, clock.at(row.changed_at), zone)]
    elif name not in found.reached:
        value, notes = "Never asked", [reason_words(f"no {name} address")]
    elif found.agreed[name]:
        notes = [_joined(found.file.customer, zone)]
    elif name in found.objected:
        notes = ["whoever had this address objected"]
    else:
        value, notes = "Never asked", []
    confirmed = max((each.arrived_at for each in found.file.confirmations), default=None)
    if channel is Channel.EMAIL and confirmed is not None and (row is None or row.source != CONFIRMED):
        notes.append(_told(CONFIRMED, confirmed, zone))
    if reason := found.suppressed.get(name):
        notes.append(f"never used again: {reason_words(reason)}")
    return Fact(channel_name(name), value, "; ".join(notes))


def _joined(customer: Customer, zone: ZoneInfo) -> str:
    """What a yes rests on that nobody said: a setting takes coming for agreeing."""
    came = "import" if customer.source == "import" else "registration"
    return f"with the {came} on {day(customer.registered_at, zone)}"


def _told(source: str, at: datetime, zone: ZoneInfo) -> str:
    return f"{SOURCES.get(source, f'{source},')} {day(at, zone)}"


def _yes(given: bool) -> str:
    return "Yes" if given else "No"
