"""A customer's timeline in plain words: what happened, what comes next, and why not."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import enrollments, timeline_view
from activities.storage.tables import Enrollment
from activities.storage.timeline_view import instant
from api.answers import TimelineAnswer, ui_link
from api.dependencies import KeyDep, ServicesDep
from api.openapi import problems
from api.routes.customers import known
from api.services import Services
from api.timeline_words import sentence

router = APIRouter(prefix="/v1/customers", tags=["customers"])

NEXT_STEP_SECONDS = 2.0  # Temporal may be away; the past is worth reading without the future


@router.get("/{customer_id:path}/timeline", response_model=TimelineAnswer, responses=problems(404, 410))
async def read_timeline(customer_id: str, services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """Everything that happened to a customer, the oldest first, and what comes next in each journey."""

    def transaction(session: Session) -> tuple[list[Enrollment], list[dict[str, Any]], str]:
        customer = known(session, customer_id)
        entered = enrollments.of_customer(session, customer)
        timeline = [
            {**entry, "enrollment": row.id, "text": sentence(entry, customer.timezone)}
            for row in entered
            for entry in timeline_view.entries(session, row.id)
        ]
        # ISO texts of one zone sort by time but for their fractions, so the instants are compared
        timeline.sort(key=lambda entry: datetime.fromisoformat(entry["at"]))
        return entered, timeline, customer.timezone

    entered, timeline, zone = await services.database.read(transaction)
    coming = await asyncio.gather(*(coming_up(services, row, zone) for row in entered))
    body = {
        "enrollments": [
            {
                "id": row.id,
                "journey": row.journey,
                "state": row.state,
                "outcome": row.outcome,
                "next": following,
                "ui": ui_link(services.settings, row.workflow_id),
            }
            for row, following in zip(entered, coming, strict=True)
        ],
        "timeline": timeline,
    }
    return JSONResponse(body)


async def coming_up(services: Services, row: Enrollment, zone: str) -> dict[str, Any] | None:
    """What an enrollment does next, or None where nobody can say."""
    return next_in_words(row, await told_by_workflow(services, row), zone)


async def told_by_workflow(services: Services, row: Enrollment) -> Mapping[str, Any] | None:
    """What the workflow of an enrollment says of itself; None where it is over, or nobody answers in time."""
    if services.next_step is None or row.state == "ended" or row.cancel_reason is not None:
        return None
    try:
        async with asyncio.timeout(NEXT_STEP_SECONDS):
            return await services.next_step(row.workflow_id)
    except TimeoutError:
        return None


def next_in_words(row: Enrollment, found: Mapping[str, Any] | None, zone: str) -> dict[str, Any] | None:
    """What an enrollment does next.

    Args:
        row: the enrollment.
        found: what its workflow says.
        zone: IANA name of the customer's zone.
    """
    if row.state == "ended":
        return None
    if row.cancel_reason is not None:
        return {"what": f"is being cancelled: {row.cancel_reason}", "at": None, "local": None}
    if found is None:
        held = {"what": f"on hold: {row.hold_reason}", "at": None, "local": None}
        return held if row.held else None
    at = found.get("at")
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return {
        "what": found["what"],
        "at": instant(at) if at else None,
        "local": at.astimezone(ZoneInfo(zone)).isoformat() if at else None,
    }
