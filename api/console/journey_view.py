"""What the page of one journey shows, read in one transaction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from activities.storage import audit, inside, journey_settings
from activities.storage.places import Course
from activities.storage.reports import (
    JourneyCounts,
    JourneyReport,
    StepReport,
    VoucherReport,
    journey_counts,
    journey_report,
)
from activities.storage.tables import AuditEntry, JourneySetting
from activities.storage.voucher_pools import Pool, pools
from api.console import charts
from api.console.ranges import Days
from api.pictures import Picture
from api.services import Services
from api.ways import Places

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.journey import Journey

CHANGES = ("journey.parameters", "journey.holdout")
LATEST_CHANGES = 20
BY_PROVIDER = ("the channel is paused", "the provider")  # how activities/gate/pacing.py begins its reasons
EARLY = {
    "opted out": "opted out of everything",
    "cancelled": "cancelled by staff",
    "erased": "erased",
    "removed": "removed by an event",
}
START, CHANNELS = "start", {"email": "email", "sms": "SMS", "push": "push"}


@dataclass(frozen=True)
class Facts:
    """What the database says of a journey.

    Attributes:
        setting: state, parameters and holdout.
        report: of those who entered on the days asked for.
        counts: of all times.
        put_off: messages that wait for another moment, by step and reason.
        pools: by design, as far as this journey uses them.
        changed: the last change of its parameters; None if staff have made none.
        activations: days on which staff activated it, journey clock.
    """

    setting: JourneySetting
    report: JourneyReport
    counts: JourneyCounts
    put_off: Mapping[tuple[str, str], int]
    pools: Mapping[str, Pool]
    changed: AuditEntry | None
    activations: tuple[date, ...]

    @property
    def late(self) -> Counter[str]:
        """How many wait for a provider at each step."""
        found: Counter[str] = Counter()
        for (step, reason), number in self.put_off.items():
            if reason.startswith(BY_PROVIDER):
                found[step] += number
        return found

    @property
    def waits(self) -> list[tuple[str, int]]:
        """Why messages wait, and how many."""
        found: Counter[str] = Counter()
        for (_, reason), number in self.put_off.items():
            found[reason] += number
        return found.most_common()


def read(session: Session, services: Services, name: str, days: Days, now: "datetime", course: Course) -> Facts:
    """Everything about a journey.

    Args:
        session: any transaction.
        services: what the application works with.
        name: of the journey.
        days: on which people entered.
        now: wall-clock instant, UTC.
        course: of the journey, from its code.
    """
    journey = services.catalogue[name]
    report = journey_report(session, journey, days.first, days.last, course)
    stock = pools(session, list(services.catalogue), services.clock.at(now)) if report.vouchers else []
    done = audit.entries(session, subject=("journey", name), limit=LATEST_CHANGES)
    return Facts(
        setting=journey_settings.setting(session, name, now),
        report=report,
        counts=journey_counts(session, [name], course)[name],
        put_off=inside.put_off(session, name),
        pools={each.design.name: each for each in stock},
        changed=next((entry for entry in done if entry.action in CHANGES), None),
        activations=tuple(services.clock.at(entry.at).date() for entry in done if entry.action == "journey.activate"),
    )


@dataclass(frozen=True)
class Ending:
    """An end: its outcome, how many came to it, and whether the goal was reached there."""

    outcome: str
    number: int
    goal: bool


def endings(outcomes: Mapping[str, int], picture: Picture | None) -> tuple[list[Ending], list[tuple[str, int]]]:
    """How journeys ended: along the picture's ends, and early.

    Args:
        outcomes: how many, by outcome.
        picture: the whole one; None if there is none.
    """
    drawn: dict[str, bool] = {}  # whether every end of that name has the goal
    for card in picture.cards if picture else ():
        for outcome in card.outcomes:
            drawn[outcome] = card.goal and drawn.get(outcome, True)
    order = list(drawn)
    regular = [each for each in outcomes if each not in EARLY]
    regular.sort(key=lambda each: order.index(each) if each in drawn else len(order))
    found = [Ending(each, outcomes[each], drawn.get(each, False)) for each in regular]
    early = [(EARLY[each], outcomes[each]) for each in EARLY if each in outcomes]
    return found, early


@dataclass(frozen=True)
class StepLine:
    """A step of the table: its words, the card that it belongs to, and its numbers."""

    name: str
    card: str
    numbers: StepReport


def step_lines(report: JourneyReport, picture: Picture | None) -> list[StepLine]:
    """The steps in words, in the order of the picture.

    Args:
        report: of the cohort.
        picture: the whole one; None if there is none.
    """
    places = Places(picture) if picture else None
    order = {card.id: number for number, card in enumerate(picture.cards)} if picture else {}
    lines, seen = [], Counter[tuple[str, str]]()
    for step in report.steps:
        card = places.home(step.step) if places else None
        words, home = _step_words(step.step, card.name if card else ""), card.id if card else step.step
        seen[words, home] += 1
        again = f" (visit {seen[words, home]})" if card and seen[words, home] > 1 else ""
        lines.append(StepLine(words + again, home, step))
    return sorted(lines, key=lambda line: order.get(line.card, len(order)))


def _step_words(step: str, label: str) -> str:
    if step == START:
        return "Entered"
    name, _, visit = step.partition("#")
    channel = next((words for key, words in CHANNELS.items() if name.endswith(f"-{key}")), "")
    if name.startswith("reachable-by-"):
        label = f"Reachable by {channel}?"
        channel = ""
    words = label or name.replace("-", " ")
    return words + (f", {channel}" if channel else "") + (f", visit {visit}" if visit and not label else "")


def entered_chart(report: JourneyReport, days: Days, today: date) -> charts.Chart | None:
    """Who entered and who converted, day by day."""
    last = min(days.last, today)
    entered = {day.day: float(day.enrolled) for day in report.days}
    converted = {day.day: float(sum(day.converted.values())) for day in report.days}
    return charts.chart(
        [charts.Line("us", "entered", entered), charts.Line("them", "reached the goal", converted)],
        days.first,
        last,
        said=f"{report.enrolled:,} entered and {report.converted:,} reached the goal, {days.words}",
    )


def accounts_chart(facts: Facts, days: Days, today: date) -> charts.Chart | None:
    """The share of all accounts with complete data, in the journey or not."""
    shares = {each.day: each.share for each in facts.report.accounts if each.share is not None}
    if not shares:
        return None
    first, last = max(min(shares), days.first), min(days.last, today)
    shares = {max(day, first): share for day, share in sorted(shares.items())}
    begin, end = shares[min(shares)], shares[max(shares)]
    return charts.chart(
        [charts.Line("us", "complete", dict(shares))],
        first,
        last,
        share=True,
        said=f"Share of all accounts with complete data: {begin:.1%} on {first}, {end:.1%} on {last}",
        events=[(day, "activated") for day in facts.activations[:1]],
    )


def not_judged(report: JourneyReport, today: date) -> int:
    """How many of the cohort have still time to reach the goal."""
    begin = today - timedelta(days=report.conversion_window.days)
    return sum(day.enrolled for day in report.days if day.day > begin)


def not_sent(report: JourneyReport) -> list[tuple[str, int]]:
    """Why messages were not sent, and how many."""
    reasons: Counter[str] = Counter()
    for message in report.messages:
        reasons.update(message.suppressed)
        reasons["refused by the provider"] += message.failed
        reasons["may have been sent: the provider did not say"] += message.unknown
    return [(reason, number) for reason, number in reasons.most_common() if number]


def cost(report: JourneyReport) -> list[VoucherReport]:
    """The designs whose cost for each conversion is known."""
    return [each for each in report.vouchers if each.cost_per_conversion is not None]


def parameters(journey: type["Journey"], setting: JourneySetting) -> dict[str, Any]:
    """What applies to those who enter now, in JSON form."""
    return journey.resolve(setting.parameters)
