"""What a customer may ask staff for: everything we hold of them, and that it goes."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel import Session

from activities.storage import audit, customers, erasure, export
from activities.storage.tables import Customer
from api.commits import commit
from api.console.frame import HEADERS, HOME, AdminDep, ConsoleDep, ConsoleFrame, RefusedError, SupportDep, Visit
from api.console.reasons import reason_in
from api.pages.frame import text_of

router = APIRouter(prefix=f"{HOME}/customers/{{customer_id}}")


@router.post("/export")
async def download(customer_id: str, request: Request, frame: ConsoleDep, visit: SupportDep) -> Response:
    """Everything we hold about a customer, as one file; that it was taken is written down."""
    await frame.form(request, visit)
    now = frame.now

    def transaction(session: Session) -> dict[str, object]:
        customer = _known(session, customer_id)
        audit.record(session, visit.actor, "customer.export", ("customer", customer.id), now)
        return export.export(session, customer, frame.services.reachability, now)

    document = await commit(frame.services.database, transaction)
    name = f"{customer_id}.json"
    return JSONResponse(document, headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/erase")
async def ask(customer_id: str, frame: ConsoleDep, visit: AdminDep) -> Response:
    """The second look."""
    return await _ask(frame, visit, customer_id)


@router.post("/erase")
async def erase(customer_id: str, request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Erase a customer; effective with the answer."""
    form = await frame.form(request, visit)
    reason, wrong = reason_in(form, required=True)
    if not wrong and text_of(form, "sure") != "yes":
        wrong = "Please tick that you are sure."
    if wrong:
        return await _ask(frame, visit, customer_id, reason, wrong)
    services, now = frame.services, frame.now

    def transaction(session: Session) -> list[str]:
        customer = _known(session, customer_id, locked=True)
        _, tell = erasure.erase(
            session, customer, services.reachability, source="console", now=now, journey_now=services.clock.at(now)
        )
        audit.record(session, visit.actor, erasure.ERASED, ("customer", customer.id), now, why=reason)
        return tell

    services.tell(await commit(services.database, transaction))
    return frame.redirect(f"{HOME}/customers/{customer_id}?done=erased")


async def _ask(frame: ConsoleFrame, visit: Visit, customer_id: str, reason: str = "", wrong: str = "") -> Response:
    customer = await frame.services.database.read(lambda session: _known(session, customer_id))
    return frame.page(
        "customer-erase.html", visit, 422 if wrong else 200, customer=customer, reason=reason, wrong=wrong
    )


def _known(session: Session, customer_id: str, *, locked: bool = False) -> Customer:
    customer = customers.find(session, customer_id, locked=locked)
    if customer is None:
        raise RefusedError("There is no such customer, or they were erased.", 404)
    return customer
