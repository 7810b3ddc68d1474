"""What an expression of a journey can be while nobody is in it.

Few kinds suffice: what is known for sure, what a step will answer, and what only its text is known of.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from activities.channels import Channel

Place: TypeAlias = tuple[Any, ...]
"""Where in the code, helpers inlined: the calls on the way there, and the place itself."""


@dataclass(frozen=True)
class Known:
    """A value that is certain at this point of this path."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, str]:
        return type(self.value).__name__, repr(self.value)


@dataclass(frozen=True)
class Receipt:
    """What became of a message or a webhook; which of its fates is settled when the code asks."""

    place: Place
    what: str
    channel: Channel | None = None


@dataclass(frozen=True)
class Fate:
    """One question to a receipt: `receipt.address_refused`."""

    receipt: Receipt
    question: str


@dataclass(frozen=True)
class Reward:
    """A voucher or points; given or not."""

    place: Place
    refusal: str


@dataclass(frozen=True)
class Happened:
    """An event that a wait was for."""

    place: Place


@dataclass(frozen=True)
class End:
    """What `self.end` answers."""

    place: Place
    outcome: str


@dataclass(frozen=True)
class Group:
    """A tuple or list."""

    values: tuple["Value", ...]


@dataclass(frozen=True)
class Unknown:
    """Only its text is known; the step it stems from, if it is part of what a step answered."""

    text: str
    place: Place = ()


Value: TypeAlias = Known | Receipt | Fate | Reward | Happened | End | Group | Unknown

NOTHING = Known(None)
