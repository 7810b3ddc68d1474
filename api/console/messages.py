"""All messages: those that went out, those that wait, and those that never will, each with the reason."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlmodel import Session, select

from activities.storage import message_search
from activities.storage.message_search import RESULTS, Wanted
from activities.storage.reactions import Kind
from activities.storage.tables import Customer, Enrollment, Message, Reaction
from api.answers import ui_link
from api.console import wording
from api.console.customer import Look
from api.console.frame import HOME, ConsoleDep, RefusedError, ViewerDep
from api.console.keyset import Cursor

router = APIRouter(prefix=f"{HOME}/messages")

RESULT_NAMES = [
    ("", "Any result"),
    ("sent", "Sent"),
    ("waiting", "Waiting"),
    ("not-sent", "Not sent"),
    ("refused", "Refused by the provider"),
    *((kind.value, wording.FATES[kind]) for kind in Kind),
]


@router.get("")
async def show(
    frame: ConsoleDep,
    visit: ViewerDep,
    journey: str = "",
    template: str = "",
    channel: str = "",
    result: str = "",
    since: Annotated[str, Query(alias="from")] = "",
    until: Annotated[str, Query(alias="to")] = "",
    before: str = "",
) -> Response:
    """The list, the latest first."""
    cursor = Cursor.read(before)
    first, last = _day(since), _day(until)
    known = RESULTS.keys() | {kind.value for kind in Kind}
    wanted = Wanted(
        journey,
        template.strip(),
        channel,
        result if result in known else "",
        _begin(first, visit.zone) if first else None,
        _begin(last + timedelta(days=1), visit.zone) if last else None,
        cursor,
    )
    found = await frame.services.database.read(lambda session: message_search.search(session, wanted))
    kept = {"journey": journey, "template": wanted.template, "channel": channel, "result": wanted.result}
    kept |= {"from": first.isoformat() if first else "", "to": last.isoformat() if last else ""}
    query = urlencode({name: value for name, value in kept.items() if value})
    return frame.page(
        "messages.html",
        visit,
        found=found,
        kept=kept,
        filtered=bool(query),
        newest=f"{HOME}/messages?{query}" if cursor else "",
        older=f"{HOME}/messages?{query}&{urlencode({'before': str(Cursor(*found.older))})}" if found.older else "",
        journeys=sorted(frame.services.catalogue),
        channels=[*frame.services.providers, "webhook"],
        results=RESULT_NAMES,
        words=wording,
    )


@router.get("/{message_id}")
async def show_message(message_id: str, frame: ConsoleDep, visit: ViewerDep, look: Look = "html") -> Response:
    """One message: how it looked, what became of it, and why it was not sent."""

    def transaction(session: Session) -> tuple[Message, Enrollment, Customer, dict[str, datetime]] | None:
        message = session.get(Message, message_id)
        if message is None:
            return None
        reactions = session.exec(select(Reaction).where(Reaction.message_id == message_id)).all()
        return (
            message,
            session.get_one(Enrollment, message.enrollment_id),
            session.get_one(Customer, message.customer_id),
            {row.kind: row.at for row in reactions},
        )

    found = await frame.services.database.read(transaction)
    if found is None:
        raise RefusedError("There is no such message.", 404)
    message, enrollment, customer, reactions = found
    return frame.page(
        "message.html",
        visit,
        message=message,
        title=wording.title(message.channel, message.step, message.subject, message.text),
        row=enrollment,
        customer=customer,
        name=" ".join(part for part in (customer.first_name, customer.last_name) if part) or "A customer",
        fates=wording.fates(reactions),
        state=wording.state_name(message.state),
        badge=wording.state_look(message.state),
        channel=wording.channel_name(message.channel),
        reason=wording.reason_words(message.reason),
        waits_for=wording.reason_words(message.put_off_for),
        look="text" if message.channel == "webhook" else look,
        has_body=bool(message.html or message.text),
        sender=frame.services.brand.name,
        ui=ui_link(frame.services.settings, enrollment.workflow_id),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins on somebody's clock."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
