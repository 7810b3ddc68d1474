"""Customers: read, change, find."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import Session

from activities.storage import customers, enrollments, erasure, intake, topics
from activities.storage.tables import Customer
from api.answers import CustomerAnswer, SearchAnswer, customer_answer, enrollment_answer
from api.bodies import ProfileBody, SearchBody, read
from api.commits import commit
from api.dependencies import DocumentDep, KeyDep, ServicesDep
from api.errors import ApiError, not_found, wrong_field
from api.openapi import problems, takes
from api.transactions import Answer, identity_conflict, perform

router = APIRouter(prefix="/v1/customers", tags=["customers"])


@router.get("/{customer_id:path}", response_model=CustomerAnswer, responses=problems(404, 410))
async def read_customer(customer_id: str, services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """A customer, by our id or the client's."""

    def transaction(session: Session) -> dict[str, Any]:
        customer = known(session, customer_id)
        return _described(session, customer)

    return JSONResponse(await services.database.read(transaction))


@router.patch(
    "/{customer_id:path}",
    response_model=CustomerAnswer,
    responses=problems(400, 404, 409, 410, 413, 415, 422),
    openapi_extra=takes(ProfileBody, repeatable=False),
)
async def change_customer(
    customer_id: str, services: ServicesDep, _key_id: KeyDep, document: DocumentDep
) -> JSONResponse:
    """Change what is given; null clears. The customer's journeys hear of it."""
    now = services.now()
    changes = read(ProfileBody, document, now).changes()

    def transaction(session: Session) -> tuple[dict[str, Any], list[str]]:
        customer = known(session, customer_id, locked=True)
        changed = customers.change(
            session,
            customer,
            changes,
            default_zone=services.settings.default_timezone,
            now=now,
            consent_source="api",
        )
        if changed:
            intake.profile_updated(session, customer, changed, services.admission, now)
        tell = intake.open_ids(session, customer) if changed else []
        return _described(session, customer), tell

    try:
        answer, tell = await commit(services.database, transaction)
    except customers.IdentityConflictError as error:
        raise identity_conflict(error) from None
    services.tell(tell)
    return JSONResponse(answer)


@router.post(
    "/search",
    response_model=SearchAnswer,
    responses=problems(400, 413, 415, 422),
    openapi_extra=takes(SearchBody),
)
async def search(request: Request, services: ServicesDep, key_id: KeyDep, document: DocumentDep) -> JSONResponse:
    """Find customers by email or phone, which stay out of addresses and logs, with links to their workflows."""
    body = read(SearchBody, document, services.now())
    if (body.email is None) == (body.phone is None):
        raise wrong_field("", "give either email or phone")

    def found(session: Session) -> list[Customer]:
        if body.email is not None:
            return customers.with_email(session, body.email)
        return customers.with_phone(session, body.phone or "")

    def described(session: Session) -> dict[str, Any]:
        return {
            "customers": [
                {
                    **_described(session, customer),
                    "enrollments": [
                        enrollment_answer(row, services.settings) for row in enrollments.of_customer(session, customer)
                    ],
                }
                for customer in found(session)
            ]
        }

    if "idempotency-key" not in request.headers:
        return JSONResponse(await services.database.read(described))

    def work(session: Session, _now: datetime) -> Answer:
        return Answer(200, described(session))

    return await perform(services, request, key_id, document, work)


def known(session: Session, reference: str, *, locked: bool = False) -> Customer:
    """A customer by our id or the client's; `locked` until the transaction ends, if asked for.

    Raises:
        ApiError: 404; 410 where they were erased.
    """
    customer = customers.find(session, reference, locked=locked)
    if customer is None and erasure.find(session, reference) is not None:
        raise ApiError(410, "This customer was erased.")
    if customer is None:
        raise not_found("customer")
    return customer


def _described(session: Session, customer: Customer) -> dict[str, Any]:
    return customer_answer(customer, customers.consents(session, customer), topics.decisions(session, customer.id))
