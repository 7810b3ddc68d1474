"""What support does to one customer's journey: hold, resume, cancel."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import enrollments
from activities.storage.tables import Enrollment
from api.answers import ActionAnswer, EnrollmentAnswer, enrollment_answer
from api.bodies import OptionalReasonBody, ReasonBody, read
from api.dependencies import DocumentDep, KeyDep, ServicesDep
from api.errors import ApiError, not_found
from api.openapi import problems, takes
from api.services import Services
from api.transactions import Answer, perform

router = APIRouter(prefix="/v1/enrollments", tags=["enrollments"])

Action = Callable[[Session, Enrollment, str, datetime], None]
PROBLEMS = problems(400, 404, 409, 413, 415, 422)


@router.get("/{enrollment_id}", response_model=EnrollmentAnswer, responses=problems(404))
async def read_enrollment(enrollment_id: str, services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """An enrollment as stored."""
    row = await services.database.read(lambda session: session.get(Enrollment, enrollment_id))
    if row is None:
        raise not_found("enrollment")
    return JSONResponse(enrollment_answer(row, services.settings))


@router.post(
    "/{enrollment_id}/hold",
    status_code=202,
    response_model=ActionAnswer,
    responses=PROBLEMS,
    openapi_extra=takes(ReasonBody),
)
async def hold(
    enrollment_id: str, request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep
) -> JSONResponse:
    """Hold a journey: nothing goes out from now on; no clock stops, and what came due goes on at resume."""
    reason = read(ReasonBody, document, services.now()).reason
    return await _act(services, request, key_id, document, enrollment_id, enrollments.hold, reason)


@router.post(
    "/{enrollment_id}/resume",
    status_code=202,
    response_model=ActionAnswer,
    responses=PROBLEMS,
    openapi_extra=takes(OptionalReasonBody),
)
async def resume(
    enrollment_id: str, request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep
) -> JSONResponse:
    """Let a held journey go on."""
    reason = read(OptionalReasonBody, document, services.now()).reason
    return await _act(services, request, key_id, document, enrollment_id, enrollments.resume, reason)


@router.post(
    "/{enrollment_id}/cancel",
    status_code=202,
    response_model=ActionAnswer,
    responses=PROBLEMS,
    openapi_extra=takes(ReasonBody),
)
async def cancel(
    enrollment_id: str, request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep
) -> JSONResponse:
    """Cancel a journey: nothing goes out from now on, and it ends as `cancelled`. The first reason stands."""
    reason = read(ReasonBody, document, services.now()).reason
    return await _act(services, request, key_id, document, enrollment_id, enrollments.cancel, reason)


async def _act(
    services: Services,
    request: Request,
    key_id: str,
    document: dict[str, Any],
    enrollment_id: str,
    action: Action,
    reason: str,
) -> JSONResponse:
    def work(session: Session, now: datetime) -> Answer:
        row = session.get(Enrollment, enrollment_id, with_for_update=True)
        if row is None:
            raise not_found("enrollment")
        try:
            action(session, row, reason, now)
        except enrollments.EnrollmentOverError:
            over = f"This journey is over: {row.outcome or 'cancelled'}."
            raise ApiError(409, over, title="The journey is over") from None
        # A cancel is acknowledged by the end of the journey, which the timeline shows.
        acknowledged = row.hold_seen == row.hold_version and row.cancel_reason is None
        return Answer(202, {"id": row.id, "state": row.state, "acknowledged": acknowledged}, [row.id])

    return await perform(services, request, key_id, document, work)
