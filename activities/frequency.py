"""How much marketing one customer gets at most, all journeys together."""

from dataclasses import dataclass
from datetime import timedelta

from activities.channels import Channel

CHANNELS = (*(channel.value for channel in Channel), "webhook")
MOST_MESSAGES = 1000
MOST_DAYS = 366


@dataclass(frozen=True)
class FrequencyCap:
    """At most so many marketing messages to one customer within so many days.

    Attributes:
        messages: how many.
        days: of 24 hours, journey time.
        channel: counts only messages on it, and holds back only those; all channels together if empty.
    """

    messages: int
    days: int
    channel: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: a number is out of range, or there is no such channel.
        """
        if not 1 <= self.messages <= MOST_MESSAGES:
            raise ValueError(f"a cap allows 1 to {MOST_MESSAGES} messages, not {self.messages}")
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"a cap spans 1 to {MOST_DAYS} days, not {self.days}")
        if self.channel and self.channel not in CHANNELS:
            raise ValueError(f"a cap is on one of {', '.join(CHANNELS)}, or on all, not on {self.channel}")

    @classmethod
    def parse(cls, text: str) -> "FrequencyCap":
        """A cap as settings write it: ``3/7`` for three messages in seven days, ``sms:1/7`` for one text.

        Raises:
            ValueError: it is not written like that.
        """
        channel, colon, numbers = text.strip().rpartition(":")
        messages, _, days = numbers.partition("/")
        if not (messages.isdecimal() and days.isdecimal()) or bool(colon) != bool(channel):
            raise ValueError(f"a cap looks like 3/7 or sms:1/7, not {text.strip()!r}")
        return cls(int(messages), int(days), channel)

    @property
    def span(self) -> timedelta:
        """The time in which messages count."""
        return timedelta(days=self.days)

    def is_on(self, channel: str) -> bool:
        """Whether messages on that channel count."""
        return self.channel in ("", channel)


@dataclass(frozen=True)
class FrequencyCaps:
    """All caps of a system.

    Attributes:
        caps: each holds by itself.
        patience: journey time for which a message waits for its place before it is left out.
    """

    caps: tuple[FrequencyCap, ...] = ()
    patience: timedelta = timedelta(days=7)


NO_CAPS = FrequencyCaps()
