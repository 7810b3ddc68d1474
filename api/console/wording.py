"""The console's words for channels, states and reasons."""

from collections.abc import Mapping
from datetime import datetime

from activities.storage.ledger import State
from activities.storage.reactions import Kind
from api.console.private_links import without_keys

CHANNELS = {"email": "Email", "sms": "Text", "push": "Push message", "webhook": "Call"}

STATES = {
    State.CLAIMED: "Waiting",
    State.ATTEMPTING: "Being sent",
    State.RETRYABLE: "Waiting",
    State.ACCEPTED: "Sent",
    State.REJECTED: "Refused",
    State.UNKNOWN: "Probably sent",
    State.SUPPRESSED: "Not sent",
    State.CANCELLED: "Not sent",
}
LOOKS = {
    State.ACCEPTED: "is-active",
    State.REJECTED: "is-bad",
    State.UNKNOWN: "is-warn",
    State.CLAIMED: "is-warn",
    State.RETRYABLE: "is-warn",
    State.ATTEMPTING: "is-warn",
}

FATES = {
    Kind.DELIVERED: "Delivered",
    Kind.OPENED: "Opened",
    Kind.OPENED_BY_MACHINE: "Opened by a machine",
    Kind.CLICKED: "Clicked",
    Kind.CLICKED_BY_MACHINE: "Clicked by a machine",
    Kind.BOUNCED: "Bounced",
    Kind.COMPLAINED: "Reported as spam",
    Kind.UNSUBSCRIBED: "Unsubscribed",
}

NOT_REPEATED = "interrupted, not repeated: "  # as the gate writes it
LONGEST_TITLE = 80  # characters

REASONS = {
    "the send window is closed": "it was outside the hours for messages",
    "frequency cap": "enough messages went out for now",
    "complete": "the profile was complete by then",
    "opted out": "they had opted out",
    "no consent yet": "they have not agreed to it yet",
    "topic declined": "they want to hear nothing of this topic",
    "erased": "the customer was erased",
    "cancelled": "the journey was cancelled",
    "hard bounce": "the address is bad",
    "soft bounces": "the mailbox could take none of several emails in a row",
    "complaint": "they reported an earlier message as spam",
    "no email address": "there is no email address",
    "no sms address": "there is no phone number",
    "interrupted": "it may have arrived; nobody heard back",
    "no push address": "there is no app to push to",
}


def channel_name(channel: str) -> str:
    """How a channel's messages are called: ``Email``."""
    return CHANNELS.get(channel, channel.capitalize())


def state_name(state: str) -> str:
    """The state of a message in words."""
    return STATES[State(state)]


def state_look(state: str) -> str:
    """The class of its badge."""
    return LOOKS.get(State(state), "")


def reason_words(reason: str) -> str:
    """Why a message did not go, or may have gone, as the end of a sentence."""
    rule = reason.removeprefix(NOT_REPEATED)
    if rule != reason:
        return f"it may have arrived; it was not repeated, since {reason_words(rule)}"
    return REASONS.get(reason, reason)


def fates(reactions: Mapping[str, datetime]) -> list[tuple[str, datetime]]:
    """What became of a message, in the order of time: what, and the journey instant."""
    return [(FATES[Kind(kind)], at) for kind, at in sorted(reactions.items(), key=lambda each: each[1])]


def title(channel: str, step: str, subject: str, beginning: str) -> str:
    """What a message is called in a list: its subject, the first words of a text, or whom a call calls."""
    if channel == "webhook":
        return step.partition("#")[0].removeprefix("webhook-")
    beginning = without_keys(beginning)
    short = beginning if len(beginning) <= LONGEST_TITLE else f"{beginning[:LONGEST_TITLE].rstrip()}…"
    return subject or short or step
