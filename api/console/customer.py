"""One customer: what comes next, what happened and what did not, and what support may do about it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, customers, enrollments, erasure
from activities.storage.tables import Customer, Enrollment, Erasure
from api.answers import ui_link
from api.commits import commit
from api.console import consent_words, customer_view, timeline
from api.console.customer_view import Known
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, RefusedError, SupportDep, ViewerDep, Visit
from api.console.reasons import reason_in
from api.pages.frame import text_of

router = APIRouter(prefix=f"{HOME}/customers")

Show = Literal["all", "messages", "unsent"]
Look = Literal["phone", "html", "text"]
Action = Callable[[Session, Enrollment, str, datetime], None]

DONE = {
    "created": "Created. The journeys that fit have begun.",
    "known": "This customer was known already; what was still empty has been filled in.",
    "changed": "Changed. The journeys under way know it.",
    "unchanged": "Nothing was changed.",
    "hold": "On hold. Nothing is sent until you resume.",
    "resume": "Resumed. What came due meanwhile goes on, within the customer’s hours.",
    "cancel": "Cancelled. Nothing more is sent by this journey.",
}
ACTIONS: dict[str, Action] = {
    "hold": enrollments.hold,
    "resume": enrollments.resume,
    "cancel": enrollments.cancel,
}


@router.get("/{customer_id}")
async def show(
    customer_id: str,
    frame: ConsoleDep,
    visit: ViewerDep,
    done: str = "",
    show: Show = "all",
    message: Annotated[str, Query()] = "",
    look: Look = "phone",
) -> Response:
    """The page."""
    return await _page(frame, visit, customer_id, done=done, show=show, message=message, look=look)


@router.post("/{customer_id}/journeys/{enrollment_id}")
async def act(customer_id: str, enrollment_id: str, request: Request, frame: ConsoleDep, visit: SupportDep) -> Response:
    """Hold, resume or cancel a journey."""
    form = await frame.form(request, visit)
    name = text_of(form, "do")
    action = ACTIONS.get(name)
    if action is None:
        raise RefusedError("There is no such action.", 422)
    reason, wrong = reason_in(form, required=name != "resume")
    if wrong:
        return await _page(frame, visit, customer_id, wrong={enrollment_id: wrong}, status=422)
    services, now = frame.services, frame.now

    def transaction(session: Session) -> None:
        row = session.get(Enrollment, enrollment_id, with_for_update=True)
        if row is None or row.customer_id != customer_id:
            raise RefusedError("This customer has no such journey.", 404)
        try:
            action(session, row, reason, now)
        except enrollments.EnrollmentOverError:
            raise RefusedError(f"This journey is over: {row.outcome or 'cancelled'}.", 409) from None
        audit.record(session, visit.actor, f"enrollment.{name}", ("enrollment", row.id), now, why=reason)

    await commit(services.database, transaction)
    services.tell([enrollment_id])
    return frame.redirect(f"{HOME}/customers/{customer_id}?done={name}")


async def _page(
    frame: ConsoleFrame,
    visit: Visit,
    customer_id: str,
    *,
    done: str = "",
    show: Show = "all",
    message: str = "",
    look: Look = "phone",
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    services = frame.services

    def transaction(session: Session) -> Known | Erasure | None:
        customer = customers.find(session, customer_id)
        if customer is None:
            return erasure.find(session, customer_id)
        return customer_view.known(session, services, customer, frame.journey_now)

    found = await services.database.read(transaction)
    if found is None:
        raise RefusedError("There is no such customer.", 404)
    if isinstance(found, Erasure):
        return frame.page("customer-erased.html", visit, record=found, done=done == "erased")
    file = found.file
    customer, zone = file.customer, ZoneInfo(file.customer.timezone)
    full_name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    name = customer.first_name or "The customer"
    pictures = await customer_view.draw(services, file.enrollments)
    told = timeline.lines(file, services.clock, name, pictures.step_name)
    coming = await customer_view.coming(services, file, pictures)
    shown = message if message in file.letters else timeline.latest_shown(told, file.letters)
    return frame.page(
        "customer.html",
        visit,
        status,
        customer=customer,
        name=full_name or "Customer without a name",
        zone=zone,
        clock=customer_view.clock_words(name, zone, visit.zone, frame.journey_now),
        journey_now=frame.journey_now,
        coming=coming,
        ended=[row for row in file.enrollments if row.state == "ended"],
        days=timeline.by_day((line for line in told if _wanted(line, show)), zone),
        show=show,
        letter=file.letters.get(shown),
        look=look,
        sender=services.brand.name,
        rehearsal=_rehearsal(customer, coming),
        profile=customer_view.profile(services, file),
        consents=consent_words.consents(found, services.clock, zone),
        paused=found.paused,
        rewards=customer_view.rewards(file, zone),
        orders=customer_view.orders(file),
        ui=lambda row: ui_link(services.settings, row.workflow_id),
        done=DONE.get(done, ""),
        wrong=defaultdict(str, wrong or {}),
    )


def _rehearsal(customer: Customer, coming: Sequence[customer_view.Coming]) -> str:
    """Where to rehearse with them, in the journey that goes on next."""
    wanted = {"who": customer.id} | ({"journey": coming[0].row.journey} if coming else {})
    return f"{HOME}/rehearsal?{urlencode(wanted)}"


def _wanted(line: timeline.Line, show: Show) -> bool:
    if show == "messages":
        return line.is_message
    return show == "all" or line.look == "not"
