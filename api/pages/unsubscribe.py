"""Leaving is as easy as staying: one press, effective at once, undo offered, reasons optional."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.channels import Channel
from activities.storage import consents, customers, intake
from activities.storage.links import Claim
from activities.storage.tables import Customer
from api.commits import commit
from api.pages import wording
from api.pages.frame import FormDep, Frame, FrameDep, text_of
from api.services import Services

router = APIRouter(prefix="/unsubscribe")

GET = ["GET", "HEAD"]
SOURCE = "unsubscribe page"
REASONS = {
    "many": "Too many messages",
    "other": "Not what I am interested in",
    "never": "I never signed up",
    "else": "Something else",
}


@router.api_route("/{token}", methods=GET)
async def ask(token: str, request: Request, frame: FrameDep) -> Response:
    """The button. Mail scanners open every link, so opening it changes nothing."""
    claim = frame.open(request, "unsubscribe", token)
    customer = await frame.services.database.read(lambda session: frame.customer(session, claim))
    return frame.page("unsubscribe.html", **_context(frame, token, claim, customer))


@router.api_route("/{token}/{state}", methods=GET)
async def done(token: str, state: str, request: Request, frame: FrameDep) -> Response:
    """What has become of it: ``done``, ``thanks`` (for a reason) or ``undone``."""
    claim = frame.open(request, "unsubscribe", token)
    customer = await frame.services.database.read(lambda session: frame.customer(session, claim))
    if state not in ("done", "thanks", "undone"):
        return frame.redirect(f"/unsubscribe/{token}")
    context = _context(frame, token, claim, customer)
    if state == "undone":
        return frame.page("unsubscribe-undone.html", **context)
    return frame.page("unsubscribe-done.html", thanks=state == "thanks", **context)


@router.post("/{token}")
async def leave(token: str, request: Request, frame: FrameDep, form: FormDep) -> Response:
    """Unsubscribe, undo it, or say why. A mail program's own request (RFC 8058) gets 200 and no redirect."""
    claim = frame.open(request, "unsubscribe", token)
    wish = text_of(form, "do")
    reason = text_of(form, "reason")
    state = {"undo": "undone", "reason": "thanks"}.get(wish, "done")

    def transaction(session: Session) -> tuple[Customer, list[str], str]:
        customer = frame.customer(session, claim, locked=True)
        if wish == "undo" and not frame.fresh(text_of(form, "nonce"), token, customer):
            return customer, [], "done"  # pressed on an old page: show how things stand
        decide = {"undo": _come_back, "reason": _say_why(reason)}.get(wish, _leave)
        return customer, decide(session, frame.services, customer, channels_of(claim)), state

    customer, tell, state = await commit(frame.services.database, transaction)
    frame.services.tell(tell)
    if text_of(form, "List-Unsubscribe"):
        return frame.page("unsubscribe-done.html", thanks=False, **_context(frame, token, claim, customer))
    return frame.redirect(f"/unsubscribe/{token}/{state}")


def channels_of(claim: Claim) -> list[Channel]:
    """The channel a link came by; every channel where it names none."""
    return [Channel(claim.channel)] if claim.channel else list(Channel)


def withdraw(
    session: Session, services: Services, customer: Customer, channels: list[Channel], source: str
) -> list[str]:
    """Withdraw consent and tell the customer's journeys, effective with the commit (guarantees D3).

    Args:
        session: a writing transaction.
        services: for the clock and the journeys.
        customer: whose.
        channels: which.
        source: where they said so.

    Returns:
        Enrollments with something new in the outbox.
    """
    withdrawn = consents.withdraw(
        session,
        customer,
        channels,
        source=source,
        event_source="page",
        admission=services.admission,
        now=services.now(),
    )
    if not withdrawn:
        return []
    return intake.open_ids(session, customer)


def _leave(session: Session, services: Services, customer: Customer, channels: list[Channel]) -> list[str]:
    return withdraw(session, services, customer, channels, SOURCE)


def _come_back(session: Session, services: Services, customer: Customer, channels: list[Channel]) -> list[str]:
    now = services.now()
    source = f"{SOURCE}, undone"
    changed = [
        customers.decide(session, customer, channel.value, given=True, source=source, now=now) for channel in channels
    ]
    if not any(changed):
        return []
    intake.profile_updated(session, customer, [], services.admission, now)
    session.flush()
    return intake.open_ids(session, customer)


def _say_why(reason: str) -> Callable[[Session, Services, Customer, list[Channel]], list[str]]:
    def keep(session: Session, services: Services, customer: Customer, channels: list[Channel]) -> list[str]:
        decided = customers.consents(session, customer)
        for channel in channels:
            if reason in REASONS and decided.get(channel.value) is False:
                customers.decide(
                    session,
                    customer,
                    channel.value,
                    given=False,
                    source=SOURCE,
                    now=services.now(),
                    reason=reason,
                )
        return []

    return keep


def _context(frame: Frame, token: str, claim: Claim, customer: Customer) -> dict[str, Any]:
    addresses = [wording.masked(customer, channel) for channel in channels_of(claim)]
    return {
        "action": f"/unsubscribe/{token}",
        "addresses": wording.listed([address for address in addresses if address]),
        "everything": not claim.channel,
        "nonce": frame.nonce(token, customer),
        "reasons": REASONS,
        "preferences": frame.services.links.path("preferences", Claim(customer.id)),
    }
