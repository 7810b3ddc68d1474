"""What the demo must show: every end of the voucher journey, a deferral, an opt-out and a cancel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

REMINDER, OFFER, REWARD = "complete-your-account", "voucher-offer", "your-voucher"
OPENS, CLOSES = time(9), time(21)


@dataclass(frozen=True)
class Story:
    """What became of one sample customer, as the API tells it.

    Attributes:
        name: of the customer.
        outcome: of their journey; None while it runs.
        timeline: its entries, in the form of design section 5.
    """

    name: str
    outcome: str | None
    timeline: Sequence[Mapping[str, Any]]

    @property
    def messages(self) -> list[Mapping[str, Any]]:
        """Every message that was asked for, whatever became of it."""
        return [entry for entry in self.timeline if entry["kind"] == "message"]

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Channel and template of what went out."""
        return [(entry["channel"], entry["template"]) for entry in self.messages if entry["result"] == "sent"]

    @property
    def put_off(self) -> bool:
        """Whether a message met a closed window at the gate, and went out later."""
        steps = {entry["step"] for entry in self.messages if entry["result"] == "deferred"}
        return any(entry["result"] == "sent" and entry["step"] in steps for entry in self.messages)


@dataclass(frozen=True)
class End:
    """One thing that must occur.

    Attributes:
        name: for people.
        occurred: whether it did in a story.
    """

    name: str
    occurred: Callable[[Story], bool]


def _ended(name: str, outcome: str, *sent: tuple[str, str]) -> End:
    """An end with its outcome and exactly what was sent on the way."""
    return End(name, lambda story: story.outcome == outcome and story.sent == list(sent))


def _phone_only(story: Story) -> bool:
    texts = [("sms", REMINDER), ("sms", OFFER), ("sms", REWARD)]
    return (story.outcome == "rewarded by sms" and story.sent == texts) or (
        story.outcome == "not complete" and story.sent == texts[:2]
    )


COMPLETE_AT_ENTRY = _ended("complete at entry", "complete at entry")
COMPLETE_UNPROMPTED = _ended("complete unprompted", "complete unprompted")
COMPLETE_AFTER_REMINDER = _ended("complete after the reminder", "complete after the reminder", ("email", REMINDER))
REWARDED_BY_EMAIL = _ended(
    "rewarded by email", "rewarded by email", ("email", REMINDER), ("email", OFFER), ("email", REWARD)
)
REWARDED_BY_SMS = _ended(
    "rewarded by text after the email was not enough",
    "rewarded by sms",
    ("email", REMINDER),
    ("email", OFFER),
    ("sms", OFFER),
    ("sms", REWARD),
)
NOT_COMPLETE = _ended(
    "not complete after email and text", "not complete", ("email", REMINDER), ("email", OFFER), ("sms", OFFER)
)
PHONE_ONLY = End("reached by phone only", _phone_only)
UNREACHABLE = _ended("unreachable", "unreachable")
NO_VOUCHER_LEFT = _ended("no voucher left", "no voucher left", ("email", REMINDER))
PUT_OFF = End("a message put off until the window opens", lambda story: story.put_off)
OPTED_OUT = _ended("opted out", "opted out", ("email", REMINDER))
CANCELLED = End("cancelled", lambda story: story.outcome == "cancelled")

ENDS = (
    COMPLETE_AT_ENTRY,
    COMPLETE_UNPROMPTED,
    COMPLETE_AFTER_REMINDER,
    REWARDED_BY_EMAIL,
    REWARDED_BY_SMS,
    NOT_COMPLETE,
    PHONE_ONLY,
    UNREACHABLE,
    NO_VOUCHER_LEFT,
    PUT_OFF,
    OPTED_OUT,
    CANCELLED,
)


def complaints(stories: Sequence[Story]) -> list[str]:
    """What the demo failed to show, and what should never happen; nothing if all is well.

    Args:
        stories: of all sample customers.
    """
    found = [f"missing: {end.name}" for end in ENDS if not any(end.occurred(story) for story in stories)]
    found += [f"{story.name}'s journey has not ended" for story in stories if story.outcome is None]
    found += [
        f"{story.name} got {entry['template']} at {entry['local']}, outside the send window"
        for story in stories
        for entry in story.messages
        if entry["result"] == "sent" and not OPENS <= datetime.fromisoformat(entry["local"]).time() < CLOSES
    ]
    codes = [entry["code"] for story in stories for entry in story.timeline if entry["kind"] == "voucher"]
    found += [f"voucher {code} was given twice" for code in sorted({code for code in codes if codes.count(code) > 1})]
    return found
