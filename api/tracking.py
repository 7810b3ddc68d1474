"""Where emails leave their traces: a pixel that was loaded, a link that was followed.

Both are hints. Mail programs load pixels for their owners or never, and scanners follow links, so what looks like
a machine is kept as such and does not count (guarantees E4); a request with HEAD leaves no trace at all.
"""

import base64
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from activities.link_targets import is_safe_target
from activities.storage import customers, intake
from activities.storage.database import DatabaseBusyError
from activities.storage.history import CLICKED, OPENED
from activities.storage.intake import Event
from activities.storage.links import DeadLinkError
from activities.storage.message_events import message_event, too_soon
from activities.storage.tables import Customer, InboxEvent, Message, TrackedLink
from api.commits import commit
from api.pages.frame import HEADERS, DeadLinkPage, Frame, FrameDep

router = APIRouter()

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
PREFETCH_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
PREFETCH_WORDS = ("prefetch", "preview", "prerender")


@dataclass(frozen=True)
class _Trace:
    """What was traced: of which message, as which event, by which link."""

    type: str
    message_id: str
    link_id: str = ""


@router.api_route("/o/{token}.gif", methods=["GET", "HEAD"])
async def opened(token: str, request: Request, frame: FrameDep) -> Response:
    """A transparent pixel. That somebody, or something, has loaded it is kept."""
    frame.limit(request)
    try:
        message_id = frame.services.links.traced("o", token)
    except DeadLinkError:
        return Response(PIXEL, 404, HEADERS, "image/gif")
    await _keep(frame, request, _Trace(OPENED, message_id))
    return Response(PIXEL, 200, HEADERS, "image/gif")


@router.api_route("/c/{token}", methods=["GET", "HEAD"])
async def clicked(token: str, request: Request, frame: FrameDep) -> Response:
    """On to where the link leads, which only we know. That it was followed is kept."""
    frame.limit(request)
    try:
        link_id = frame.services.links.traced("c", token)
    except DeadLinkError:
        raise DeadLinkPage from None
    link = await frame.services.database.read(lambda session: session.get(TrackedLink, link_id))
    if link is None or not is_safe_target(link.target):
        raise DeadLinkPage
    await _keep(frame, request, _Trace(CLICKED, link.message_id, link.id))
    return RedirectResponse(link.target, 302, HEADERS)


async def _keep(frame: Frame, request: Request, trace: _Trace) -> None:
    """Let the trace be an event, once for people and once for machines; a busy database keeps nobody from a page."""
    if request.method == "HEAD":
        return
    services, now = frame.services, frame.services.now()

    def look(session: Session) -> tuple[Event, Customer] | None:
        message = session.get(Message, trace.message_id)
        customer = None if message is None else customers.find(session, message.customer_id)
        if message is None or customer is None:
            return None
        machine = _by_machine(request, message, services.clock.at(now))
        event = message_event(trace.type, message, source="page", machine=machine, link_id=trace.link_id)
        known = session.get(InboxEvent, (event.source, event.event_id)) is not None
        return None if known else (event, customer)

    def transaction(session: Session) -> list[str]:
        found = look(session)
        if found is None:
            return []
        event, customer = found
        intake.accept(session, event, customer, services.admission, now)
        return intake.open_ids(session, customer)

    with suppress(DatabaseBusyError):
        if await services.database.read(look) is not None:  # most traces are not the first of their kind
            services.tell(await commit(services.database, transaction))


def _by_machine(request: Request, message: Message, journey_now: datetime) -> bool:
    """Whether it was no person: it came ahead of one, or sooner than anyone can read."""
    ahead = any(
        word in request.headers.get(header, "").lower() for header in PREFETCH_HEADERS for word in PREFETCH_WORDS
    )
    return ahead or too_soon(message, journey_now)
