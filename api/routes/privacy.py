"""What a customer may ask for by law: everything that we hold of them, and that it goes."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel import Session

from activities.storage import customers, enrollments, erasure, export
from activities.storage.tables import Customer, Erasure
from activities.storage.timeline_view import instant
from api.commits import commit
from api.dependencies import KeyDep, ServicesDep
from api.errors import not_found
from api.openapi import problems
from api.routes.customers import known

router = APIRouter(prefix="/v1/customers", tags=["customers"])


class EndingEnrollment(BaseModel):
    """A journey of an erased customer."""

    id: str
    journey: str
    state: str


class ErasureAnswer(BaseModel):
    """An erasure: ``erasing`` while journeys end and copies go, then ``erased``."""

    customer_id: str
    state: str
    erased_at: str
    enrollments: list[EndingEnrollment]


class ExportAnswer(BaseModel):
    """Everything we hold about one person; docs/privacy.md names the keys of each part."""

    format: str
    exported_at: str
    profile: dict[str, Any]
    consents: list[dict[str, Any]]
    topics: list[dict[str, Any]]
    confirmations: list[dict[str, Any]]
    suppressed: list[dict[str, Any]]
    enrollments: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    callbacks: list[dict[str, Any]]
    links: list[dict[str, Any]]
    vouchers: list[dict[str, Any]]
    points: list[dict[str, Any]]
    increases: list[dict[str, Any]]
    events: list[dict[str, Any]]


@router.get("/{customer_id:path}/export", response_model=ExportAnswer, responses=problems(404, 410))
async def export_customer(customer_id: str, services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """Everything we hold about a customer, as one document."""

    def transaction(session: Session) -> dict[str, Any]:
        return export.export(session, known(session, customer_id), services.reachability, services.now())

    return JSONResponse(await services.database.read(transaction), headers={"Cache-Control": "no-store"})


@router.delete("/{customer_id:path}", status_code=202, response_model=ErasureAnswer, responses=problems(404))
async def erase_customer(customer_id: str, services: ServicesDep, _key_id: KeyDep) -> JSONResponse:
    """Erase a customer, effective with the answer; asked again by our id, it tells how far it is."""
    now = services.now()

    def transaction(session: Session) -> tuple[dict[str, Any], list[str]]:
        customer = customers.find(session, customer_id, locked=True)
        if customer is None:
            record, tell = erasure.find(session, customer_id), list[str]()
        else:
            record, tell = erasure.erase(
                session, customer, services.reachability, source="api", now=now, journey_now=services.clock.at(now)
            )
        if record is None:
            raise not_found("customer")
        return _answer(session, record), tell

    answer, tell = await commit(services.database, transaction)
    services.tell(tell)
    return JSONResponse(answer, 202)


def _answer(session: Session, record: Erasure) -> dict[str, Any]:
    entered = enrollments.of_customer(session, session.get_one(Customer, record.customer_id))
    return {
        "customer_id": record.customer_id,
        "state": "erasing" if record.cleared_at is None else "erased",
        "erased_at": instant(record.erased_at),
        "enrollments": [{"id": row.id, "journey": row.journey, "state": row.state} for row in entered],
    }
