"""The people at a step of a journey, a page at a time."""

import asyncio
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import journey_settings
from activities.storage.inside import Person, people_at
from activities.storage.reports import journey_counts
from api.answers import ui_link
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, RefusedError, ViewerDep
from api.console.journey_view import START, parameters
from api.console.journeys import known
from api.course import course_of
from api.pictures import Card
from api.ways import Places

router = APIRouter(prefix=f"{HOME}/journeys")

A_PAGE = 50


@dataclass(frozen=True)
class Place:
    """A step, as the page speaks of it.

    Attributes:
        name: in words.
        about: what there is to add.
        steps: the names under which it is recorded.
    """

    name: str
    about: str
    steps: tuple[str, ...]


@router.get("/{name}/steps/{step:path}")
async def show(name: str, step: str, request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """Who stands at a step: a card of the picture, or a recorded step."""
    known(frame, name)
    now, after = frame.now, request.query_params.get("after", "")
    setting = await frame.services.database.read(lambda session: journey_settings.setting(session, name, now))
    course = await course_of(frame.services, name)
    place, is_drawn = await _place(frame, name, step, parameters(frame.services.catalogue[name], setting))

    def transaction(session: Session) -> tuple[list[Person], int]:
        waiting = journey_counts(session, [name], course)[name].waiting
        found = people_at(session, name, place.steps, course=course, after=after, limit=A_PAGE + 1)
        return found, sum(waiting.get(each, 0) for each in place.steps)

    people, number = await frame.services.database.read(transaction)
    if not (is_drawn or number or people):
        raise RefusedError("There is no step of that name, and nobody waits at one.", 404)
    return frame.page(
        "journey-step.html",
        visit,
        name=name,
        step=step,
        spot=place,
        people=people[:A_PAGE],
        number=number,
        first=not after,
        further=people[A_PAGE - 1].enrollment_id if len(people) > A_PAGE else "",
        ui={each.enrollment_id: ui_link(frame.services.settings, f"{name}/{each.enrollment_id}") for each in people},
    )


async def _place(frame: ConsoleFrame, name: str, step: str, values: dict[str, object]) -> tuple[Place, bool]:
    """The step, and whether the journey's picture knows it; where there is no picture nobody can say."""
    drawer = frame.services.draw
    picture = await asyncio.to_thread(drawer, name, values, frozenset()) if drawer else None
    card: Card | None = next((each for each in picture.cards if each.id == step), None) if picture else None
    if picture is not None and card is picture.cards[0]:
        return Place("Entered, and not yet at a step", card.name, (START,)), True
    if picture is not None and card is not None:
        if not card.steps or card.kind == "end":
            raise RefusedError("Nobody waits there.", 404)
        places = Places(picture)
        return Place(card.name, card.about, tuple(each for each in card.steps if places.home(each) is card)), True
    is_drawn = picture is None or any(step in each.steps for each in picture.cards)
    return Place(step.replace("-", " "), "", (step,)), is_drawn or step == START
