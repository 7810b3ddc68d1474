"""The journeys: what they are, whether they take customers in, and their parameters."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import journey_settings
from activities.storage.reports import states_and_outcomes
from activities.storage.tables import JourneySetting
from api.answers import JourneyAnswer, JourneysAnswer
from api.bodies import JourneyBody, read
from api.commits import commit
from api.dependencies import DocumentDep, KeyDep, ServicesDep
from api.errors import not_found, pointer, wrong_field
from api.journey_states import move
from api.json_body import parse
from api.openapi import IDEMPOTENCY_KEY, problems, takes
from api.request_bodies import read_limited
from api.services import Services
from api.transactions import Answer, perform

if TYPE_CHECKING:
    from workflows.journey import Journey

router = APIRouter(prefix="/v1/journeys", tags=["journeys"])


@router.get("", response_model=JourneysAnswer, responses=problems())
async def read_journeys(services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """All journeys with their state and counts."""

    def transaction(session: Session) -> list[dict[str, Any]]:
        return [_described(session, services, name) for name in services.catalogue]

    return JSONResponse({"journeys": await services.database.read(transaction)})


@router.get("/{name}", response_model=JourneyAnswer, responses=problems(404))
async def read_journey(name: str, services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """One journey with its state and counts."""
    _known(services, name)
    return JSONResponse(await services.database.read(lambda session: _described(session, services, name)))


@router.patch(
    "/{name}",
    response_model=JourneyAnswer,
    responses=problems(400, 404, 413, 415, 422),
    openapi_extra=takes(JourneyBody, repeatable=False),
)
async def change_journey(name: str, services: ServicesDep, _key_id: KeyDep, document: DocumentDep) -> JSONResponse:
    """Override parameters, or hold out a share, of those who enroll from now on; those inside go on as they are."""
    journey, now = _known(services, name), services.now()
    wanted = read(JourneyBody, document, now)
    if not wanted.model_fields_set:
        raise wrong_field("/parameters", "either these or a holdout is needed")
    overrides = wanted.parameters
    for parameter in overrides:
        if parameter not in journey.parameters():
            raise wrong_field(pointer("/parameters", parameter), "there is no such parameter")
        if overrides[parameter] is None:
            continue
        try:
            journey.accept({parameter: overrides[parameter]}, services.templates)
        except ValueError as error:
            raise wrong_field(pointer("/parameters", parameter), str(error)) from None

    def transaction(session: Session) -> dict[str, Any]:
        row = journey_settings.set_parameters(session, name, overrides, now)
        if wanted.holdout is not None:
            journey_settings.set_holdout(session, name, wanted.holdout, now)
        session.flush()
        try:
            journey.resolve(row.parameters)
        except ValueError as error:  # two parameters that are right alone need not be right together
            raise wrong_field("/parameters", str(error)) from None
        return _described(session, services, name)

    return JSONResponse(await commit(services.database, transaction))


def _state_route(action: str, summary: str) -> Callable[..., Any]:
    async def set_state(name: str, request: Request, services: ServicesDep, key_id: KeyDep) -> JSONResponse:
        _known(services, name)
        document = await _maybe_reason(request)

        def work(session: Session, now: datetime) -> Answer:
            told = move(session, name, action, now)
            session.flush()
            return Answer(200, _described(session, services, name), told)

        return await perform(services, request, key_id, document, work)

    set_state.__doc__ = summary
    set_state.__name__ = f"{action}_journey"
    return set_state


for _action, _summary in (
    ("activate", "Take customers in; those inside go on."),
    ("pause", "Take nobody in; those inside go on."),
    ("hold", "Take nobody in, and hold those inside, too: their messages wait."),
):
    router.add_api_route(
        f"/{{name}}/{_action}",
        _state_route(_action, _summary),
        methods=["POST"],
        response_model=JourneyAnswer,
        responses=problems(400, 404, 409, 413, 422),
        openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
    )


async def _maybe_reason(request: Request) -> dict[str, Any]:
    """A body is not needed here; what is sent must be JSON all the same."""
    body = await read_limited(request)
    document = parse(body) if body.strip() else {}
    if not isinstance(document, dict):
        raise wrong_field("", "the body must be a JSON object")
    return document


def _known(services: Services, name: str) -> type["Journey"]:
    journey = services.catalogue.get(name)
    if journey is None:
        raise not_found("journey")
    return journey


def _described(session: Session, services: Services, name: str) -> dict[str, Any]:
    journey = services.catalogue[name]
    row: JourneySetting = journey_settings.setting(session, name, services.now())
    parameters = journey.resolve(row.parameters)
    states, outcomes = states_and_outcomes(session, name)
    goal = journey.goal
    return {
        "name": name,
        "title": journey.title(),
        "trigger": journey.trigger.event_type,
        "reentry": journey.reentry.value,
        "window": parameters.get("send_window"),
        "goal": goal
        and {
            "name": goal.name,
            "attributes": list(goal.attributes(parameters)),
            "words": journey.goal_in_words(parameters),
        },
        "state": row.state,
        "holdout": row.holdout,
        "parameters": parameters,
        "enrollments": states,
        "outcomes": outcomes,
    }
