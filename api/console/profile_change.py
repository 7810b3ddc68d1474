"""Staff change a customer's profile: checked as the API checks it, told to their journeys, and written down."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, customers, intake
from activities.storage.customers import ZONE_GIVEN, IdentityConflictError
from activities.storage.tables import Customer
from api.bodies import ProfileBody, read
from api.commits import commit
from api.console.customers import by_field
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, RefusedError, SupportDep, Visit
from api.console.reasons import reason_in
from api.errors import ApiError
from api.pages.frame import text_of

router = APIRouter(prefix=f"{HOME}/customers/{{customer_id}}/profile")

FIELDS = (
    "first_name",
    "last_name",
    "email",
    "country",
    "phone",
    "date_of_birth",
    "timezone",
    "locale",
    "preferred_channel",
)
STALE = "The profile has changed since you opened it. Look at what it says now, and change it again."


@router.get("")
async def show(customer_id: str, frame: ConsoleDep, visit: SupportDep) -> Response:
    """The form, with what is known."""
    customer = await frame.services.database.read(lambda session: _known(session, customer_id))
    return _form(frame, visit, customer, _typed_of(customer), {})


@router.post("")
async def change(customer_id: str, request: Request, frame: ConsoleDep, visit: SupportDep) -> Response:
    """Store what differs from what the form began with; their journeys hear of it."""
    form = await frame.form(request, visit)
    reason, wrong = reason_in(form, required=True)
    typed = {name: text_of(form, name).strip() for name in FIELDS} | {"reason": reason}
    version, services, now = text_of(form, "version"), frame.services, frame.now
    before = await services.database.read(lambda session: _known(session, customer_id))
    if str(before.version) != version:
        return _form(frame, visit, before, _typed_of(before) | {"reason": reason}, {"": STALE}, 409)
    found = {"reason": wrong} if wrong else {}
    try:
        changes = read(ProfileBody, _document(typed, _typed_of(before)), now).changes()
    except ApiError as error:
        found |= by_field(error)
    if found:
        return _form(frame, visit, before, typed, found, 422)

    def transaction(session: Session) -> tuple[list[str], list[str]] | None:
        customer = _known(session, customer_id, locked=True)
        if str(customer.version) != version:
            return None
        zone = services.settings.default_timezone
        changed = customers.change(session, customer, changes, default_zone=zone, now=now, consent_source="console")
        if not changed:
            return [], []
        intake.profile_updated(session, customer, changed, services.admission, now)
        about = ("customer", customer.id)
        audit.record(session, visit.actor, "customer.change", about, now, why=reason, details={"fields": changed})
        return changed, intake.open_ids(session, customer)

    try:
        done = await commit(services.database, transaction)
    except IdentityConflictError as error:
        told = {error.field: f"{error.detail[:1].upper()}{error.detail[1:]}."}
        return _form(frame, visit, before, typed, told, 409)
    if done is None:
        now_known = await services.database.read(lambda session: _known(session, customer_id))
        return _form(frame, visit, now_known, _typed_of(now_known) | {"reason": reason}, {"": STALE}, 409)
    changed, tell = done
    services.tell(tell)
    return frame.redirect(f"{HOME}/customers/{before.id}?done={'changed' if changed else 'unchanged'}")


def _form(
    frame: ConsoleFrame,
    visit: Visit,
    customer: Customer,
    typed: Mapping[str, str],
    wrong: Mapping[str, str],
    status: int = 200,
) -> Response:
    return frame.page(
        "customer-change.html",
        visit,
        status,
        customer=customer,
        typed=defaultdict(str, typed),
        wrong=defaultdict(str, wrong),
    )


def _typed_of(customer: Customer) -> dict[str, str]:
    """What the form says of them; a zone that was guessed stays empty, so that it follows the phone."""
    typed = {name: str(getattr(customer, name) or "") for name in FIELDS}
    return typed if customer.timezone_source == ZONE_GIVEN else typed | {"timezone": ""}


def _document(typed: Mapping[str, str], before: Mapping[str, str]) -> dict[str, Any]:
    """What is changed, as the API takes it: what was emptied is cleared. A phone is dialled in the country."""
    return {name: typed[name] or None for name in FIELDS if name == "country" or typed[name] != before[name]}


def _known(session: Session, customer_id: str, *, locked: bool = False) -> Customer:
    customer = customers.find(session, customer_id, locked=locked)
    if customer is None:
        raise RefusedError("There is no such customer, or they were erased.", 404)
    return customer
