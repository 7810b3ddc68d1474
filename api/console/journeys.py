"""All journeys at a glance, and their states: activate, pause, hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, journey_settings
from activities.storage.reports import (
    Glance,
    JourneyCounts,
    ReportDay,
    glances,
    journey_counts,
    journey_days,
)
from activities.storage.tables import JourneySetting
from activities.storage.voucher_pools import Pool, pools
from api.commits import commit
from api.console import charts, ranges, verdicts
from api.console.frame import HOME, AdminDep, ConsoleDep, ConsoleFrame, RefusedError, ViewerDep, Visit
from api.console.rehearsal_form import voucher_parameters
from api.console.signals import Signals
from api.console.stock_words import stock_words
from api.console.verdicts import Verdict
from api.journey_states import STATES, move
from api.pages.frame import text_of
from api.services import Services

if TYPE_CHECKING:
    from workflows.journey import Journey

router = APIRouter(prefix=HOME)

MOST_ALARMS = 3
CHANNELS = {"email": "Email", "sms": "SMS", "push": "Push"}
DONE = {
    "activate": "{} is active: it takes people in, and those inside go on.",
    "pause": "{} is paused: it takes nobody in, and those inside go on.",
    "hold": "{} is on hold: it takes nobody in, and those inside wait.",
    "parameters": "Changed, for those who enter {} from now on.",
    "no-codes": "Changed, for those who enter from now on. No code of {} is free: without one nothing is promised.",
}


@dataclass(frozen=True)
class Row:
    """A journey in the list.

    Attributes:
        name: its name.
        title: what it is, in one line.
        state: active, paused or held.
        inside: how many are in it now.
        entered: how many entered on these days, those held out apart.
        spark: the same day by day.
        goal: in a few words; empty where it has none.
        glance: how it did on these days.
        verdict: what that says.
        ui: its people in the Temporal UI; None where there is none.
    """

    name: str
    title: str
    state: str
    inside: int
    entered: int
    spark: charts.Spark | None
    goal: str
    glance: Glance
    verdict: Verdict
    ui: str | None


@dataclass(frozen=True)
class Alarm:
    """Something that needs a person.

    Attributes:
        bad: it is broken, not only about to be.
        title: what it is.
        link: where one does something about it.
        words: what it means, and what stays safe.
    """

    bad: bool
    title: str
    link: str
    words: str


@router.get("")
async def show(request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The list."""
    services, today = frame.services, frame.journey_now.date()
    days = ranges.chosen(request.query_params, today)
    names = list(services.catalogue)

    def transaction(session: Session) -> tuple[list[Row], list[Pool], dict[str, list[str]]]:
        settings = journey_settings.settings(session, names, frame.now)
        counts = journey_counts(session, names)
        entered = journey_days(session, names, days.first)
        seen = glances(session, names, days.first, days.last)
        rows = [
            _row(services, name, settings[name].state, counts[name], entered[name], seen[name], days) for name in names
        ]
        rows.sort(key=lambda row: row.state != "active")
        stock = pools(session, names, frame.journey_now)
        loaded = {each.design.name for each in stock if each.loaded}
        return rows, [each for each in stock if each.runs_out], _without_codes(services, settings, loaded)

    rows, low, lacking = await services.database.read(transaction)
    empty_soon = [_alarm(pool, frame.journey_now, visit.zone) for pool in sorted(low, key=lambda pool: pool.free)]
    scale = charts.Scale.over([row.glance.lift.ratio_interval for row in rows if row.glance.lift])
    return frame.page(
        "journeys.html",
        visit,
        rows=rows,
        days=days,
        scale=scale,
        alarms=_alarms(frame.watch.signals, empty_soon, lacking)[:MOST_ALARMS],
        inside=sum(row.inside for row in rows),
        done=done(request),
    )


@router.post("/journeys/{name}/state/{action}")
async def change_state(name: str, action: str, request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Activate, pause or hold a journey."""
    known(frame, name)
    if action not in STATES:
        raise RefusedError("There is no such action.", 404)
    fields = await frame.form(request, visit)
    why, now = text_of(fields, "why").strip(), frame.now
    if action == "hold" and not why:
        return _hold_page(frame, visit, name, "A hold needs a reason: whoever reads the audit log wants to know.", 422)

    def transaction(session: Session) -> list[str]:
        told = move(session, name, action, now)
        details = {"people": len(told)} if told else None
        audit.record(session, visit.actor, f"journey.{action}", ("journey", name), now, why=why, details=details)
        return told

    frame.services.tell(await commit(frame.services.database, transaction))
    place = HOME if text_of(fields, "back") == "list" else f"{HOME}/journeys/{name}"
    return frame.redirect(f"{place}?done={quote(f'{action} {name}')}")


@router.get("/journeys/{name}/hold")
async def ask_why(name: str, frame: ConsoleDep, visit: AdminDep) -> Response:
    """The form in which one says why a whole journey is to wait."""
    known(frame, name)
    return _hold_page(frame, visit, name)


def _hold_page(frame: ConsoleFrame, visit: Visit, name: str, problem: str = "", status: int = 200) -> Response:
    return frame.page("journey-hold.html", visit, status, name=name, problem=problem)


@router.get("/journeys")
async def list_of_journeys(frame: ConsoleDep) -> Response:
    """The list has a shorter address."""
    return frame.redirect(HOME)


def _row(
    services: Services,
    name: str,
    state: str,
    counts: JourneyCounts,
    entered: Sequence[ReportDay],
    seen: Glance,
    days: ranges.Days,
) -> Row:
    journey = services.catalogue[name]
    goal = goal_in_short(journey)
    return Row(
        name=name,
        title=journey.title(),
        state=state,
        inside=counts.open,
        entered=seen.arms[0].enrolled,
        spark=charts.spark(entered, days.first, days.last),
        goal=goal,
        glance=seen,
        verdict=verdicts.verdict(goal, seen.arms, seen.lift),
        ui=ui_of_journey(services, name),
    )


def _without_codes(
    services: Services, settings: Mapping[str, JourneySetting], loaded: Collection[str]
) -> dict[str, list[str]]:
    """Designs that never had a code, with the active journeys that would promise them: a name may be mistyped."""
    found: dict[str, list[str]] = {}
    for name, journey in services.catalogue.items():
        if settings[name].state != "active":
            continue
        values = journey.resolve(settings[name].parameters)
        for design in {values[parameter] for parameter in voucher_parameters(journey)}:
            if design not in loaded:
                found.setdefault(design, []).append(name)
    return found


def _alarm(pool: Pool, now: datetime, zone: ZoneInfo) -> Alarm:
    """Of a pool that needs codes."""
    words = stock_words(pool, now, zone)
    return Alarm(
        not pool.free,
        f"Voucher pool “{pool.design.name}” is {'low' if pool.free else 'empty'}",
        f"{HOME}/vouchers/{pool.design.name}",
        f"{words} Without stock nothing is promised." if pool.free else words,
    )


def _alarms(signals: Signals, empty_soon: Iterable[Alarm], lacking: Mapping[str, Sequence[str]]) -> list[Alarm]:
    """The worst first."""
    found = []
    if signals.stuck:
        first = signals.stuck_journeys[0] if signals.stuck_journeys else None
        said = f"{first['journey']}: {first['reason'] or 'an error in the code'}. " if first else ""
        people = "1 person is stuck" if signals.stuck == 1 else f"{signals.stuck:,} people are stuck"
        found.append(Alarm(True, people, f"{HOME}/stuck", f"{said}They lose nothing, and go on after a fix."))
    for each in signals.closed:
        waiting = sum(each.waiting.values())
        waits = f"{waiting:,} message{'s wait' if waiting != 1 else ' waits'}; none is lost." if waiting else ""
        name = CHANNELS.get(each.channel, each.channel)
        is_paused = each.state == "paused"
        found.append(
            Alarm(
                is_paused,
                f"{name} is paused" if is_paused else f"{name} is kept back for a while",
                f"{HOME}/providers",
                f"{each.reason[:1].upper()}{each.reason[1:]}. {waits}",
            )
        )
    found += empty_soon
    if lacking:
        designs = " and ".join(f"“{design}”" for design in lacking)
        journeys = ", ".join(dict.fromkeys(name for names in lacking.values() for name in names))
        words = f"{journeys}: without stock nothing is promised."
        found.append(Alarm(True, f"No codes were ever loaded for {designs}", f"{HOME}/vouchers", words))
    return sorted(found, key=lambda alarm: not alarm.bad)


def goal_in_short(journey: type["Journey"]) -> str:
    """A journey's goal for a small space."""
    if journey.goal is None:
        return ""
    words = journey.goal_in_words(journey.resolve({}))
    return "Profile complete" if journey.goal_listens("profile.updated") else words[:1].upper() + words[1:]


def known(frame: ConsoleFrame, name: str) -> type["Journey"]:
    """The journey of that name.

    Raises:
        RefusedError: 404.
    """
    journey = frame.services.catalogue.get(name)
    if journey is None:
        raise RefusedError("There is no journey of that name.", 404)
    return journey


def ui_of_journey(services: Services, name: str) -> str | None:
    """The running workflows of a journey in the Temporal UI."""
    if not services.settings.ui_url:
        return None
    query = quote(f'JourneyName="{name}" AND ExecutionStatus="Running"')
    return f"{services.settings.ui_url}/namespaces/{quote(services.settings.namespace)}/workflows?query={query}"


def done(request: Request) -> str:
    """What was just done, in words; empty if nothing was."""
    action, _, name = request.query_params.get("done", "").partition(" ")
    return DONE[action].format(name) if action in DONE else ""
