"""What happened to customers elsewhere arrives here."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import customers, intake
from api.answers import EventAnswer, enrollment_ref
from api.bodies import EventBody, read
from api.dependencies import DocumentDep, KeyDep, ServicesDep
from api.errors import ApiError, FieldError, wrong_field
from api.openapi import problems, takes
from api.transactions import Answer, perform

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.post(
    "",
    status_code=202,
    response_model=EventAnswer,
    responses=problems(400, 404, 409, 413, 415, 422),
    openapi_extra=takes(EventBody),
)
async def accept(request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep) -> JSONResponse:
    """Accept an event once: the same event gets the same answer, its id with another content is refused."""
    body = read(EventBody, document, services.now())
    event = intake.Event(body.event_id, body.type, body.occurred_at, body.properties)

    def work(session: Session, now: datetime) -> Answer:
        customer = customers.find(session, body.customer_id, locked=True)
        if customer is None:
            raise ApiError(404, "There is no such customer.", errors=[FieldError("/customer_id", "no such customer")])
        try:
            entered = intake.accept(session, event, customer, services.admission, now)
        except intake.EventMismatchError:
            raise wrong_field("/event_id", "this event is known with another content") from None
        answer = {
            "event_id": body.event_id,
            "customer_id": customer.id,
            "enrollments": [enrollment_ref(row) for row in entered],
        }
        return Answer(202, answer, intake.open_ids(session, customer))

    return await perform(services, request, key_id, document, work)
