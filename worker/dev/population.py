"""The simulated population as it is declared: who registers, and what each of them will do."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from activities.arms import arm_of, share
from workflows.journey import Template

DECLARED = Path(__file__).with_name("population.toml")
PREFIX = "sim-"  # of the shop's own ids; the attribute `simulated` marks them, too
MARK = "simulated"
REGISTERED = ""  # what a habit follows that follows no message
REFUSING = 0.15  # share of those called who want to hear no more
FIRST = ("Ada", "Bruno", "Chidi", "Dana", "Emil", "Farah", "Goro", "Hana", "Ines", "Jonas", "Kiri", "Lena", "Milo")
LAST = ("Abel", "Brandt", "Costa", "Dvorak", "Evans", "Fischer", "Garcia", "Horak", "Ito", "Jansen", "Kowalski", "Lind")
ZONES = ("Europe/London", "Europe/Prague", "Europe/Berlin", "Europe/Madrid", "Europe/Helsinki", "America/New_York")
PHONES = 1_000  # in the range that Ofcom keeps for invented people

T = TypeVar("T")


class Deed(StrEnum):
    """What people do, as `worker/dev/acts.py` has it done."""

    COMPLETES = "completes"
    OPENS = "opens"
    CLICKS = "clicks"
    CONFIRMS = "confirms"
    REDEEMS = "redeems"
    LEAVES = "leaves"
    ORDERS = "orders"
    ORDERS_WINTER = "orders-winter"
    CHOOSES = "chooses"
    JOINS = "joins"
    TAKES_CALL = "takes-call"


@dataclass(frozen=True)
class Habit:
    """Something that some of them do.

    Attributes:
        does: what.
        share: of those who could.
        within: how long after, at most.
        after: the message it follows; empty for registering.
        why: of a completion.
    """

    does: Deed
    share: float
    within: timedelta
    after: str = REGISTERED
    why: str = ""


@dataclass(frozen=True)
class Act:
    """Something that one of them will do.

    Attributes:
        does: what.
        delay: after what it follows.
    """

    does: Deed
    delay: timedelta


@dataclass(frozen=True)
class Person:
    """A simulated customer; all about them follows from their number.

    Attributes:
        number: from 0.
        kind: what they register with.
        reason: why they complete their profile; None for those who never do.
        habits: what else people do.
    """

    number: int
    kind: str
    reason: Habit | None
    habits: Sequence[Habit]

    @property
    def id(self) -> str:
        """The shop's own id."""
        return f"{PREFIX}{self.number}"

    def lot(self, about: str) -> float:
        """Their lot, from 0 up to but without 1; always the same."""
        return share(self.id, f"population/{about}")

    def one_of(self, choices: Sequence[T], about: str) -> T:
        """One of several, by their lot."""
        return choices[int(self.lot(about) * len(choices))]

    @property
    def refuses(self) -> bool:
        """Whether they want to hear no more from us; never those who are to complete, so that the shares hold."""
        return self.reason is None and self.lot("refuses") < REFUSING

    @property
    def whole(self) -> dict[str, Any]:
        """Their profile, once it is complete, in the form of a registration."""
        first, last = self.one_of(FIRST, "first"), self.one_of(LAST, "last")
        return {
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}.{self.number}@example.com".lower(),
            "phone": f"+447700900{self.number % PHONES:03}",
            "date_of_birth": f"{1950 + int(self.lot('year') * 55)}-{1 + int(self.lot('month') * 12):02}-17",
        }

    @property
    def registration(self) -> dict[str, Any]:
        """What they register with."""
        known = {
            "everything": ("first_name", "last_name", "email", "phone", "date_of_birth"),
            "email-and-phone": ("first_name", "email", "phone"),
            "email": ("first_name", "email"),
            "phone": ("first_name", "phone"),
        }[self.kind]
        whole = self.whole
        return {
            "id": self.id,
            **{name: whole[name] for name in known},
            "timezone": self.one_of(ZONES, "zone"),
            "attributes": {MARK: True},
        }

    def acts(self, after: str = REGISTERED) -> list[Act]:
        """What they will do after a message of theirs, or after registering."""
        found = []
        for habit in (*([self.reason] if self.reason else []), *self.habits):
            if habit.after != Template(after).place or (habit.does is Deed.LEAVES and self.reason):
                continue  # whoever will complete their profile does not leave first, so that the shares hold
            about = f"{habit.does}/{habit.after}"
            if habit is self.reason or self.lot(about) < habit.share:
                found.append(Act(habit.does, habit.within * (0.02 + 0.98 * self.lot(f"{about}/when"))))
        return found


@dataclass(frozen=True)
class Population:
    """What is declared.

    Attributes:
        span: over which they have come, until now.
        held_out: share of people left alone, by journey.
        active_for: how long before now staff activated a journey; the others have always been active.
        kinds: share of people by what they register with.
        reasons: why profiles are completed; nobody has two.
        habits: what else they do.
    """

    span: timedelta
    held_out: Mapping[str, float]
    active_for: Mapping[str, timedelta]
    kinds: Mapping[str, float]
    reasons: Sequence[Habit]
    habits: Sequence[Habit]

    @property
    def longest_delay(self) -> timedelta:
        """The longest after what it follows that anybody does anything."""
        return max(habit.within for habit in (*self.reasons, *self.habits))

    @property
    def held_out_rate(self) -> float:
        """The share of those left alone who complete their profile, of those who have anything to complete."""
        return sum(habit.share for habit in self.reasons if habit.after == REGISTERED)

    @property
    def treated_rate(self) -> float:
        """The same of those whom the journey writes to."""
        return sum(habit.share for habit in self.reasons)

    def person(self, number: int) -> Person:
        """One of them.

        Args:
            number: from 0.
        """
        id_ = f"{PREFIX}{number}"
        kind = arm_of(id_, "population/kind", self.kinds)
        return Person(number, kind, None if kind == "everything" else self._reason(id_), self.habits)

    def _reason(self, id_: str) -> Habit | None:
        lot = share(id_, "population/reason")
        for habit in self.reasons:
            if lot < habit.share:
                return habit
            lot -= habit.share
        return None


def read_population(path: Path = DECLARED) -> Population:
    """Read a declaration.

    Args:
        path: of the file.

    Raises:
        ValueError: somebody is to do what nobody can.
    """
    declared = tomllib.loads(path.read_text())
    return Population(
        timedelta(days=declared["days"]),
        declared["held-out"],
        {journey: timedelta(days=days) for journey, days in declared["active-for"].items()},
        declared["registers-with"],
        [_habit(each, Deed.COMPLETES) for each in declared["completes"]],
        [_habit(each, each["does"]) for each in declared["habits"]],
    )


def _habit(said: Mapping[str, Any], does: str) -> Habit:
    within = timedelta(days=said["days"])
    return Habit(Deed(does), said["share"], within, said.get("after", REGISTERED), said.get("why", ""))
