"""The rows of a life as text, with gaps for the days and for what every customer has of their own."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from sqlmodel import SQLModel

from bench.lives import EXTERNAL_ID, Life
from bench.loading import line

LONGEST = timedelta(days=400)  # a day in a row that is further from the first one is no part of the life

Make = Callable[[random.Random, int], str]

_ID = re.compile(r"\b[a-z]{2,4}_[0-9a-f]{32}\b")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Pattern:
    """Writes copies of a life.

    Args:
        life: to be copied.
    """

    def __init__(self, life: Life) -> None:
        texts = {
            table: "".join(line([row[each.name] for each in SQLModel.metadata.tables[table].columns]) for row in rows)
            for table, rows in life.rows.items()
        }
        own = _own(life, texts.values())
        first = life.begins.date()
        last = first + LONGEST
        days = [day for text in texts.values() for day in _DAY.findall(text) if str(first) <= day <= str(last)]
        names = [*own, *dict.fromkeys(days)]
        places = {name: place for place, name in enumerate(names)}
        gaps = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
        self._first = first
        self._own = list(own.values())
        self._days = [date.fromisoformat(name) for name in names[len(own) :]]
        self._parts = {
            table: (gaps.split(text), [places[name] for name in gaps.findall(text)]) for table, text in texts.items()
        }
        self.customer = places[life.rows["customers"][0]["id"]]
        self.tables = frozenset(texts)

    def days(self, begins: date) -> list[str]:
        """The days of a life that begins on a day."""
        return [str(day + (begins - self._first)) for day in self._days]

    def values(self, chance: random.Random, number: int, days: Sequence[str]) -> list[str]:
        """What fills the gaps for one customer; the id of the customer is at `customer`.

        Args:
            chance: draws ids and codes.
            number: of the customer.
            days: from `days`.
        """
        return [*(make(chance, number) for make in self._own), *days]

    def rows(self, values: Sequence[str], tables: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The rows of some tables."""
        for table in tables:
            constant, places = self._parts[table]
            mixed = [""] * (2 * len(constant) - 1)
            mixed[::2] = constant
            mixed[1::2] = [values[place] for place in places]
            yield table, "".join(mixed)


def _own(life: Life, texts: Iterable[str]) -> dict[str, Make]:
    """What every customer has of their own, each with how to make one."""
    own = {found: _id(found) for text in texts for found in _ID.findall(text)}
    for row in life.rows["identities"]:
        if row["kind"] == "email":
            own[row["value"]] = lambda _chance, number: f"c{number}@example.com"
        elif row["kind"] == "phone":
            own[row["value"]] = lambda _chance, number: f"+4206{number:08d}"
    own[EXTERNAL_ID] = lambda _chance, number: f"client-{number}"
    for table, column in (("vouchers", "code"), ("short_links", "code"), ("suppressions", "address_hash")):
        own |= {
            row[column]: lambda chance, _number: f"{chance.getrandbits(64):016X}" for row in life.rows.get(table, ())
        }
    return own


def _id(like: str) -> Make:
    prefix = like.partition("_")[0]
    return lambda chance, _number: f"{prefix}_{chance.getrandbits(128):032x}"
