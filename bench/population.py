"""A large population, the same for the same seed: customers, enrollments, messages, timelines, vouchers and counts.

Every customer is a copy of a life that a rehearsal left (`bench/lives.py`), begun on one of the days of the last
year: with ids, addresses and codes of its own. The counts are folded, as the chore of the worker would leave them.
"""

import random
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import SQLModel

from activities.storage.counts import Measure
from activities.storage.designs import standard_design
from activities.storage.reports.rollup import KEYS
from bench.lives import PERSONAL, Life
from bench.loading import Sink, line
from bench.pattern import Pattern

DAYS = 365
MESSAGES_EACH = 5
FREE_CODES = 0.15  # for each customer
OPEN_FOR = timedelta(days=10)  # since the last thing that happened to those who are still inside
SEVERAL = "order-follow-up"  # entered by those who are in another journey already, every other time
DAY = timedelta(days=1)
HALVINGS = 12


@dataclass(frozen=True)
class Size:
    """How much there is."""

    customers: int
    enrollments: int
    messages: int
    lines: int
    vouchers: int


def populate(sink: Sink, lives: Sequence[Life], customers: int, today: date, seed: int = 1) -> Size:
    """Fill empty tables.

    Args:
        sink: takes the rows.
        lives: to be copied.
        customers: how many; there are as many enrollments.
        today: the last day, UTC.
        seed: another one gives other ids and codes.
    """
    crowd = _Crowd(sink, random.Random(seed))  # noqa: S311 - a population, no secret
    for age, life, copies in _plan(lives, customers):
        crowd.copy(life, today - age * DAY, copies)
    designs = sorted({row["design"] for life in lives for row in life.rows.get("vouchers", ())})
    crowd.stock(designs, int(customers * FREE_CODES))
    crowd.settle()
    written = crowd.written
    return Size(*(written[name] for name in ("customers", "enrollments", "messages", "timeline", "vouchers")))


def _plan(lives: Sequence[Life], customers: int) -> list[tuple[int, Life, int]]:
    """Who begins how many days ago: so many of them with many messages that there are five for each."""
    by_age = {age: _fitting(lives, age) for age in range(DAYS - 1, -1, -1)}
    low, high = 0.0, 1.0  # share of those with more than that
    for _ in range(HALVINGS):
        share = (low + high) / 2
        plan = [chosen for age, groups in by_age.items() for chosen in _chosen(age, groups, share, customers)]
        if sum(life.messages * copies for _, life, copies in plan) < MESSAGES_EACH * customers:
            low = share
        else:
            high = share
    return plan


def _fitting(lives: Sequence[Life], age: int) -> tuple[list[Life], list[Life]]:
    """Lives that can have begun so many days ago: those with few messages, and those with many."""
    fit = [life for life in lives if life.span <= age * DAY and (life.is_over or age * DAY - life.span < OPEN_FOR)]
    return (
        [life for life in fit if life.messages <= MESSAGES_EACH],
        [life for life in fit if life.messages > MESSAGES_EACH],
    )


def _chosen(
    age: int, groups: tuple[list[Life], list[Life]], share: float, customers: int
) -> Iterator[tuple[int, Life, int]]:
    wanted = customers * (DAYS - age) // DAYS - customers * (DAYS - age - 1) // DAYS
    many = round(share * wanted) if groups[1] else 0
    for part, group in zip((wanted - many, many), groups, strict=True):
        for number, life in enumerate(group):
            yield age, life, part * (number + 1) // len(group) - part * number // len(group)


class _Crowd:
    """Copies lives into the tables."""

    def __init__(self, sink: Sink, chance: random.Random) -> None:
        self._sink = sink
        self._chance = chance
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._number = 0
        self._inside: deque[str] = deque(maxlen=1000)  # customers who are in some other journey
        self._patterns: dict[int, Pattern] = {}
        self.written: Counter[str] = Counter()

    def copy(self, life: Life, day: date, copies: int) -> None:
        """Let some customers begin a life on a day."""
        if not copies:
            return
        shift = day - life.begins.date()
        for table, rows in life.rows.items():
            self.written[table] += len(rows) * copies
        for row in life.counts:
            count = {**row, "day": row["day"] + shift}
            if row["measure"] == Measure.CONVERTED:
                count["name"] = str(date.fromisoformat(row["name"]) + shift)
            self._counts[tuple(count[key] for key in KEYS)] += row["number"] * copies
        if id(life) not in self._patterns:
            self._patterns[id(life)] = Pattern(life)
        pattern = self._patterns[id(life)]
        days = pattern.days(day)
        for _ in range(copies):
            self._one(pattern, days, life)

    def _one(self, pattern: Pattern, days: Sequence[str], life: Life) -> None:
        self._number += 1
        values = pattern.values(self._chance, self._number, days)
        for table, rows in pattern.rows(values, pattern.tables & PERSONAL):
            self._sink.write(table, rows)
        if life.journey != SEVERAL:
            self._inside.append(values[pattern.customer])
        elif not life.changes_profile and self._number % 2 and self._inside:
            values[pattern.customer] = self._inside.pop()
        for table, rows in pattern.rows(values, pattern.tables - PERSONAL):
            self._sink.write(table, rows)

    def stock(self, designs: Sequence[str], free: int) -> None:
        """Fill the pools, all alike."""
        self._write("voucher_designs", (standard_design(name).model_dump() | {"unit_cost": 500} for name in designs))
        self._write("vouchers", (self._code(designs[number % len(designs)], number) for number in range(free)))

    def _code(self, design: str, number: int) -> dict[str, Any]:
        code = {"code": f"FREE-{number:08X}", "id": f"vch_{self._chance.getrandbits(128):032x}", "design": design}
        return code | {"position": number + 1, "state": "free"}

    def settle(self) -> None:
        """Write the counts by day and by month."""
        months: Counter[tuple[Any, ...]] = Counter()
        place = KEYS.index("day")
        for key, number in self._counts.items():
            months[(*key[:place], key[place].replace(day=1), *key[place + 1 :])] += number
        for table, counts in (("daily_counts", self._counts), ("monthly_counts", months)):
            self._write(table, (dict(zip((*KEYS, "number"), (*key, counts[key]), strict=True)) for key in counts))

    def _write(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        columns = SQLModel.metadata.tables[table].columns
        for row in rows:
            self._sink.write(table, line([row.get(column.name) for column in columns]))
            self.written[table] += 1


def today() -> date:
    """The last day of the population: the UTC day of now."""
    return datetime.now(UTC).date()
