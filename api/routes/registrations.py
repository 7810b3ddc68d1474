"""A new account registers here, and its journeys begin."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import intake
from api.answers import RegistrationAnswer, enrollment_ref
from api.bodies import RegistrationBody, read
from api.dependencies import DocumentDep, KeyDep, ServicesDep
from api.openapi import problems, takes
from api.transactions import Answer, perform

router = APIRouter(prefix="/v1/registrations", tags=["registrations"])


@router.post(
    "",
    status_code=202,
    response_model=RegistrationAnswer,
    responses=problems(400, 409, 413, 415, 422),
    openapi_extra=takes(RegistrationBody),
)
async def register(request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep) -> JSONResponse:
    """Store the customer and enroll them in every journey triggered by their registration.

    A customer is matched by id; without one, by email; without email, by phone. A repeated registration gets
    the same answer and starts nothing twice; of a known customer only what was still empty is stored.
    """
    registration = read(RegistrationBody, document, services.now()).registration()

    def work(session: Session, now: datetime) -> Answer:
        registered = intake.register(session, registration, services.admission, now)
        body = {
            "customer_id": registered.customer.id,
            "enrollments": [enrollment_ref(row) for row in registered.enrollments],
        }
        return Answer(202, body, registered.tell)

    return await perform(services, request, key_id, document, work)
