"""A test of rehearsed messages to one's own address: marked as one, and counted nowhere."""

import time
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.channels import EMAIL, SMS, Channel
from activities.delivery import Accepted, Delivery
from activities.storage import audit
from activities.storage.ids import new_id
from activities.storage.tables import Suppression
from api import values
from api.console import rehearsal
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, RefusedError, SupportDep, Visit
from api.console.rehearsal_view import Letter
from api.pages.frame import text_of
from api.rate_limit import RateLimit

router = APIRouter(prefix=f"{HOME}/rehearsal")

MARK = "[Test] "
ALL = "all"
PATIENCE = timedelta(seconds=15)
_LIMIT = RateLimit(per_second=10 / 60, burst=10)  # for each member


@dataclass(frozen=True)
class Address:
    """Where a test goes."""

    channel: Channel
    to: str


@router.post("/test")
async def send_test(request: Request, frame: ConsoleDep, visit: SupportDep) -> Response:
    """Send what fits the address: emails to an email address, texts to a phone."""
    form = await frame.form(request, visit)
    fields = rehearsal.opened(frame, text_of(form, "s"))
    typed, which = text_of(form, "to").strip(), text_of(form, "which")
    if frame.services.deliver is None:
        raise RefusedError("This installation sends no tests.", 404)
    letters = await rehearsal.letters_of(frame, fields)
    try:
        address = _address(typed, frame.services.settings.default_country)
    except values.WrongValueError as error:
        return await rehearsal.page(frame, visit, fields, to=typed, problem=str(error), status=422)
    chosen = [each for each in letters if each.message.channel == address.channel and which in {ALL, str(each.number)}]
    problem = await _objection(frame, address) or ("" if chosen else _nothing(address))
    if problem:
        return await rehearsal.page(frame, visit, fields, to=typed, problem=problem, status=422)
    _LIMIT.check(visit.member.id)
    for number, letter in enumerate(chosen):
        if refused := await _deliver(frame, visit, fields["journey"], letter, address):
            problem = f"{number} of {len(chosen)} went out. Then the provider said: {refused}"
            return await rehearsal.page(frame, visit, fields, to=typed, problem=problem, status=502)
    return frame.redirect(f"{rehearsal.PAGE}?s={rehearsal.sealed_with(frame, fields)}&sent={len(chosen)}#messages")


def _address(typed: str, country: str) -> Address:
    """An email address, or a phone.

    Raises:
        values.WrongValueError: it is neither.
    """
    if "@" in typed:
        return Address(EMAIL, values.email(typed))
    if not typed:
        raise values.WrongValueError("Your own email address, or your phone, is needed.")
    return Address(SMS, values.phone(typed, country))


async def _objection(frame: ConsoleFrame, address: Address) -> str:
    """Why nothing may go there: an address on the suppression list is somebody's who wants nothing of us."""
    marked = frame.services.reachability.mark(address.channel, address.to)
    key = (address.channel.value, marked)
    row = await frame.services.database.read(lambda session: session.get(Suppression, key))
    return f"This address is never used again: {row.reason}." if row else ""


def _nothing(address: Address) -> str:
    kind = "email" if address.channel is EMAIL else "text"
    return f"There is no {kind} among the messages you chose."


async def _deliver(frame: ConsoleFrame, visit: Visit, journey: str, letter: Letter, address: Address) -> str:
    """Hand one message to its provider.

    Returns:
        Why it was not taken; empty if it was.
    """
    assert frame.services.deliver is not None  # noqa: S101 - its caller checked
    message, now = letter.message, frame.now
    details = {"template": message.template, "channel": message.channel}

    def transaction(session: Session) -> None:
        audit.record(session, visit.actor, "rehearsal.test", ("journey", journey), now, details=details)

    await frame.services.database.write(transaction)
    verdict = await frame.services.deliver(
        Delivery(
            key=new_id("test"),
            channel=address.channel,
            to=address.to,
            subject=f"{MARK}{message.subject}" if address.channel is EMAIL else "",
            html=message.html,
            text=message.text if address.channel is EMAIL else f"{MARK}{message.text}",
            decided_at=frame.journey_now,
            deadline=time.monotonic() + PATIENCE.total_seconds(),
        )
    )
    return "" if isinstance(verdict, Accepted) else verdict.reason
