"""The journeys that cannot go on by themselves."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.answers import ui_link
from api.dependencies import KeyDep, ServicesDep
from api.errors import ApiError
from api.openapi import problems

router = APIRouter(prefix="/v1/stuck", tags=["operations"])


class StuckEnrollment(BaseModel):
    """A journey whose workflow task fails again and again, and why."""

    id: str
    journey: str
    workflow_id: str
    since: str | None
    attempts: int
    reason: str
    ui: str | None


class StuckAnswer(BaseModel):
    """All of them."""

    stuck: list[StuckEnrollment]


@router.get("", response_model=StuckAnswer, responses=problems())
async def read_stuck(services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """Journeys that only a fix can help: they stand still, and lose nothing meanwhile."""
    found = await services.stuck() if services.stuck is not None else None
    if found is None:
        raise ApiError(503, "Temporal does not answer.", headers={"Retry-After": "5"})
    return JSONResponse({"stuck": [{**each, "ui": ui_link(services.settings, each["workflow_id"])} for each in found]})
