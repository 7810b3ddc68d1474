"""One journey: did it work, where are people now, how did it end, what was sent."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from activities.storage.reports import Interval
from api.console import journey_view, ranges, verdicts
from api.console.drawing import Drawing, Numbers, drawn, unused
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, ViewerDep
from api.console.journey_view import Facts
from api.console.journeys import done, goal_in_short, known, ui_of_journey
from api.console.passages import Passages, passages
from api.console.ranges import Days
from api.console.settings_words import length, settings
from api.console.stock_words import stock_words
from api.course import course_of
from api.pictures import Picture

router = APIRouter(prefix=f"{HOME}/journeys")

WIDE = 840  # pixels; a wider picture takes the whole page, a narrower one stands beside its numbers


@dataclass(frozen=True)
class Drawn:
    """A journey's picture.

    Attributes:
        whole: with every way.
        drawing: with its numbers, and without the failures that did not happen.
        left_out: how many ways that are.
        passages: who went where.
    """

    whole: Picture
    drawing: Drawing
    left_out: int
    passages: Passages


@router.get("/{name}")
async def show(name: str, request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The page."""
    journey, today = known(frame, name), frame.journey_now.date()
    days = ranges.chosen(request.query_params, today)
    facts = await read(frame, name, days)
    picture = await draw(frame, name, facts, every_way=request.query_params.get("ways") == "all")
    report, whole = facts.report, picture.whole if picture else None
    ends, early = journey_view.endings(report.outcomes, whole)
    return frame.page(
        "journey.html",
        visit,
        journey=journey,
        name=name,
        days=days,
        facts=facts,
        report=report,
        goal=goal_in_short(journey),
        window=length(report.conversion_window),
        verdict=verdicts.verdict(report.goal, report.arms, report.lift),
        picture=picture,
        wide=picture is not None and picture.drawing.width > WIDE,
        every_way=request.query_params.get("ways") == "all",
        ends=ends,
        early=early,
        steps=journey_view.step_lines(report, whole),
        entered=journey_view.entered_chart(report, days, today),
        accounts=journey_view.accounts_chart(facts, days, today),
        not_judged=journey_view.not_judged(report, today),
        not_sent=journey_view.not_sent(report),
        costs=journey_view.cost(report),
        settings=settings(journey, facts.setting.parameters),
        bars=bars(report.arms),
        stock_words=partial(stock_words, now=frame.journey_now, zone=visit.zone),
        ui=ui_of_journey(frame.services, name),
        done=done(request),
    )


async def read(frame: ConsoleFrame, name: str, days: Days) -> Facts:
    """What the database says of a journey."""
    services, now = frame.services, frame.now
    course = await course_of(services, name)
    return await services.database.read(lambda session: journey_view.read(session, services, name, days, now, course))


async def draw(frame: ConsoleFrame, name: str, facts: Facts, *, every_way: bool) -> Drawn | None:
    """A journey's picture with its numbers; None where its code cannot be followed."""
    drawer = frame.services.draw
    if drawer is None:
        return None
    values = journey_view.parameters(frame.services.catalogue[name], facts.setting)
    whole = await asyncio.to_thread(drawer, name, values, frozenset())
    if whole is None:
        return None
    entered = {arm.arm: arm.enrolled for arm in facts.report.arms}
    found = passages(whole, facts.report.flows, entered["treated"], entered.get("holdout", 0))
    left_out = frozenset[Any]() if every_way else unused(whole, found)
    picture = await asyncio.to_thread(drawer, name, values, left_out)
    numbers = Numbers(found, facts.counts.waiting, facts.late)
    failures = sum(way.failure for way in whole.ways if way.key in left_out)
    return Drawn(whole, drawn(picture or whole, whole, numbers), failures, found)


@dataclass(frozen=True)
class Bar:
    """A rate as a bar on a scale that the bars of a page share; in percent of its length."""

    width: float
    low: float | None
    high: float | None


def bars(arms: Any) -> list[Bar]:
    """The rates of arms beside each other."""
    ends = [arm.interval.high for arm in arms if arm.interval.high is not None]
    full = next((step for step in (0.1, 0.2, 0.4, 0.6, 0.8) if max(ends, default=0) <= step), 1.0)

    def at(value: float | None) -> float | None:
        return None if value is None else round(100 * value / full, 1)

    found = []
    for arm in arms:
        interval: Interval = arm.interval
        found.append(Bar(at(arm.rate) or 0.0, at(interval.low), at(interval.high)))
    return found
