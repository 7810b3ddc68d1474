"""Finding customers, the latest of them, and creating one by hand."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select, tuple_

from activities.storage import audit, customers, erasure, intake
from activities.storage.customers import IdentityConflictError
from activities.storage.tables import Customer, Enrollment
from api import values
from api.bodies import CONSENT_CHANNELS, RegistrationBody, read
from api.commits import commit
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, SupportDep, ViewerDep, Visit
from api.console.keyset import Cursor
from api.errors import ApiError
from api.pages.frame import text_of

router = APIRouter(prefix=f"{HOME}/customers")

MOST = 50
FIELDS = ("first_name", "last_name", "email", "country", "phone", "date_of_birth", "timezone", "locale", "id")
ANSWERS = {"yes": True, "no": False}


@router.get("")
async def show(frame: ConsoleDep, visit: ViewerDep, before: Annotated[str, Query()] = "") -> Response:
    """The latest customers."""
    cursor = Cursor.read(before)

    def transaction(session: Session) -> tuple[list[Customer], dict[str, list[Enrollment]]]:
        latest = select(Customer).order_by(col(Customer.created_at).desc(), col(Customer.id).desc()).limit(MOST + 1)
        if cursor is not None:
            latest = latest.where(tuple_(col(Customer.created_at), col(Customer.id)) < (cursor.at, cursor.id))
        rows = list(session.exec(latest))
        return rows, _inside(session, rows)

    rows, inside = await frame.services.database.read(transaction)
    last = rows[MOST - 1] if len(rows) > MOST else None
    return frame.page(
        "customers.html",
        visit,
        customers=rows[:MOST],
        inside=inside,
        older=str(Cursor(last.created_at, last.id)) if last else "",
        later=cursor is not None,
    )


@router.post("/find")
async def find(request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """Find by email, phone or id, which stay out of addresses and logs."""
    wanted = text_of(await frame.form(request, visit), "q").strip()
    country = frame.services.settings.default_country

    def transaction(session: Session) -> tuple[list[Customer], dict[str, list[Enrollment]], str]:
        found = _found(session, wanted, country)
        gone = "" if found or not wanted else _erased(session, wanted)
        return found, _inside(session, found), gone

    found, inside, gone = await frame.services.database.read(transaction)
    if gone or len(found) == 1:
        return frame.redirect(f"{HOME}/customers/{gone or found[0].id}")
    return frame.page("customers-found.html", visit, wanted=wanted, customers=found, inside=inside)


@router.get("/new")
async def show_form(frame: ConsoleDep, visit: SupportDep) -> Response:
    """The form to create a customer."""
    return _form(frame, visit, {"country": frame.services.settings.default_country}, {})


@router.post("/new")
async def create(request: Request, frame: ConsoleDep, visit: SupportDep) -> Response:
    """Create a customer, as a registration would, and let them into the journeys that fit."""
    form = await frame.form(request, visit)
    typed = {name: text_of(form, name).strip() for name in (*FIELDS, *(f"consent_{each}" for each in CONSENT_CHANNELS))}
    typed["loyalty"] = text_of(form, "loyalty")
    services, now = frame.services, frame.now
    try:
        registration = read(RegistrationBody, _document(typed), now).registration()
    except ApiError as error:
        return _form(frame, visit, typed, by_field(error), 422)

    def transaction(session: Session) -> tuple[str, bool, list[str]]:
        registered = intake.register(session, registration, services.admission, now)
        action = "customer.create" if registered.created else "customer.register"
        audit.record(session, visit.actor, action, ("customer", registered.customer.id), now)
        return registered.customer.id, registered.created, registered.tell

    try:
        customer_id, created, tell = await commit(services.database, transaction)
    except IdentityConflictError as error:
        return _form(frame, visit, typed, {error.field: f"{error.detail[:1].upper()}{error.detail[1:]}."}, 409)
    services.tell(tell)
    return frame.redirect(f"{HOME}/customers/{customer_id}?done={'created' if created else 'known'}")


def _form(
    frame: ConsoleFrame, visit: Visit, typed: Mapping[str, str], wrong: Mapping[str, str], status: int = 200
) -> Response:
    return frame.page("customer-new.html", visit, status, typed=defaultdict(str, typed), wrong=defaultdict(str, wrong))


def _document(typed: Mapping[str, str]) -> dict[str, Any]:
    """The registration that the form amounts to."""
    document: dict[str, Any] = {name: typed[name] for name in FIELDS if typed[name]}
    if "phone" not in document:
        document.pop("country", None)  # it is chosen in advance, for the phone
    consents = {
        channel: ANSWERS[typed[f"consent_{channel}"]]
        for channel in CONSENT_CHANNELS
        if typed[f"consent_{channel}"] in ANSWERS
    }
    more: dict[str, Any] = {"source": "manual", "loyalty": typed["loyalty"] == "yes"}
    return document | more | ({"consents": consents} if consents else {})


def by_field(error: ApiError) -> dict[str, str]:
    """What is wrong by field; what is wrong with all of them is told at the email."""
    found: dict[str, str] = {}
    for each in error.errors:
        name = each.pointer.lstrip("/").partition("/")[0] or "email"
        detail = each.detail[:1].upper() + each.detail[1:]
        found.setdefault(name, detail if detail.endswith((".", "?")) else f"{detail}.")
    return found


def _found(session: Session, wanted: str, country: str) -> list[Customer]:
    """Whoever fits, by whichever of the three it looks like."""
    if not wanted:
        return []
    if (by_id := customers.find(session, wanted)) is not None:
        return [by_id]
    if (enrollment := session.get(Enrollment, wanted)) is not None:
        owner = customers.find(session, enrollment.customer_id)
        return [owner] if owner is not None else []
    if "@" in wanted:
        return customers.with_email(session, wanted)
    try:
        return customers.with_phone(session, values.phone(wanted, country))
    except values.WrongValueError:
        return []


def _erased(session: Session, wanted: str) -> str:
    record = erasure.find(session, wanted)
    return record.customer_id if record is not None else ""


def _inside(session: Session, rows: list[Customer]) -> dict[str, list[Enrollment]]:
    """The journeys that customers are in now, by customer."""
    ids = [row.id for row in rows]
    statement = select(Enrollment).where(col(Enrollment.customer_id).in_(ids), Enrollment.state != "ended")
    found: dict[str, list[Enrollment]] = {each: [] for each in ids}
    for row in session.exec(statement.order_by(col(Enrollment.journey))):
        found[row.customer_id].append(row)
    return found
