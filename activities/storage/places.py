"""Where customers are, as far as it is recorded: at a step, or behind its message once that is decided for good.

A journey tells of a wait together with the next thing it asks of the world. So between the two its customer is at a
place of its own: behind the message, ``NAME>RESULT``. The final decision, which is counted anyhow, is the move to that
place. What follows there is not known here; whoever reads may say so (`Course`): the picture from the code does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

BEHIND = ">"
ADDRESS_REFUSED, NO_VOUCHER_LEFT = "address refused", "no voucher left"
# What a journey can tell apart, where it reads what became of a message.
RESULTS = ("sent", "unknown", "failed", ADDRESS_REFUSED, "suppressed", NO_VOUCHER_LEFT)
_REASONS = {f"failed:{ADDRESS_REFUSED}": ADDRESS_REFUSED, f"suppressed:{NO_VOUCHER_LEFT}": NO_VOUCHER_LEFT}
# Ends that no journey tells of itself. It has not told of the wait either, at which it was ended.
FROM_OUTSIDE = frozenset({"terminated", "timed out", "failed", "lost", "ended"})

Place = tuple[str, str]  # step; and the result, if its message is decided for good


class Course(Protocol):
    """What the code of a journey says of the ways between recorded steps."""

    @property
    def following(self) -> Mapping[str, str]:
        """The wait that follows a decided message, by the place behind it; only where nothing else can follow."""
        ...

    def between(self, source: str, target: str, outcome: str = "") -> Sequence[str]:
        """The steps that were passed without a record on the way from one to another, or to an end."""
        ...


@dataclass(frozen=True)
class _AsRecorded:
    following: Mapping[str, str] = field(default_factory=dict)

    def between(self, source: str, target: str, outcome: str = "") -> Sequence[str]:  # noqa: ARG002 - as asked for
        """None that anybody knows of."""
        return ()


AS_RECORDED: Course = _AsRecorded()
"""Nothing but what is recorded: the code cannot be followed, or nobody asks it."""


def result_of(decision: str) -> str:
    """What a gate's decision is for the journey; empty while the message is not decided for good."""
    result = _REASONS.get(decision) or decision.partition(":")[0]
    return result if result in RESULTS else ""


def spelled(step: str, result: str) -> str:
    """A place as counts name it."""
    return f"{step}{BEHIND}{result}" if result else step


def step_of(place: str) -> str:
    """The step that was recorded last, where somebody is."""
    return place.partition(BEHIND)[0]


def shown_at(step: str, result: str, course: Course) -> str:
    """The step at which somebody is shown."""
    return course.following.get(spelled(step, result), step)


def shown_together(steps: Collection[str], course: Course) -> list[Place]:
    """The places of all who are shown at these steps."""
    found = [(step, result) for step in steps for result in ("", *RESULTS) if shown_at(step, result, course) == step]
    for place, wait in course.following.items():
        if wait in steps:
            step, _, result = place.partition(BEHIND)
            found.append((step, result))
    return found
