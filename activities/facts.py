"""What a journey knows of its customer: names of attributes, never their values."""

from dataclasses import dataclass

from activities.channels import Channel


@dataclass(frozen=True)
class Facts:
    """A snapshot of one customer. Of two snapshots the one with the higher version holds.

    Attributes:
        version: grows with every change of the customer's row.
        names: attributes that are set, custom ones included.
        reachable: channels with an address that is neither opted out of nor suppressed.
        opted_out: the customer left every channel they could be reached on.
        timezone: IANA name of the customer's zone.
        erased: the customer asked to be forgotten; nothing may follow.
        preferred_channel: email, sms or push, as the customer chose; empty while they have not.
        undecided: reachable channels on which marketing waits for a yes, where silence is none.
    """

    version: int = 0
    names: tuple[str, ...] = ()
    reachable: tuple[Channel, ...] = ()
    opted_out: bool = False
    timezone: str = "UTC"
    erased: bool = False
    preferred_channel: str = ""
    undecided: tuple[Channel, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether every one of the attributes is set."""
        return set(names) <= set(self.names)


@dataclass(frozen=True)
class Hold:
    """Whether staff hold a journey. Of two snapshots the one with the higher version holds."""

    version: int = 0
    held: bool = False
    reason: str = ""
