"""Double opt-in: the owner of an address presses a button, and the press is kept as evidence (guarantees D6)."""

import hashlib
import hmac
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.channels import EMAIL
from activities.storage import confirmations, customers, intake
from activities.storage.addresses import address_hash
from activities.storage.confirmations import Evidence
from activities.storage.links import Claim
from activities.storage.tables import Customer
from api.commits import commit
from api.pages import wording
from api.pages.frame import DeadLinkPage, Frame, FrameDep

router = APIRouter(prefix="/confirm")

GET = ["GET", "HEAD"]
WORDS = "confirm.html"
VERSION_LENGTH = 12


@router.api_route("/{token}", methods=GET)
async def ask(token: str, request: Request, frame: FrameDep) -> Response:
    """The button. Mail scanners open every link, so opening it changes nothing."""
    claim = frame.open(request, "confirm", token)
    customer = await frame.services.database.read(lambda session: _customer(frame, session, claim))
    return frame.page(WORDS, action=f"/confirm/{token}", address=wording.masked(customer, EMAIL))


@router.api_route("/{token}/done", methods=GET)
async def done(token: str, request: Request, frame: FrameDep) -> Response:
    """The thanks; the button before the press, and after leaving again."""
    claim = frame.open(request, "confirm", token)

    def look(session: Session) -> tuple[Customer, bool]:
        customer = _customer(frame, session, claim)
        wanted = customers.consents(session, customer).get(EMAIL.value, False)
        return customer, wanted and confirmations.is_confirmed(session, customer, _hash(frame, customer))

    customer, confirmed = await frame.services.database.read(look)
    if not confirmed:
        return frame.redirect(f"/confirm/{token}")
    return frame.page("confirm-done.html", **_thanks(frame, customer))


@router.post("/{token}")
async def confirm(token: str, request: Request, frame: FrameDep) -> Response:
    """Confirm. A second press changes nothing and shows the same."""
    claim = frame.open(request, "confirm", token)
    services, now = frame.services, frame.services.now()
    ip = request.client.host if request.client else ""

    def transaction(session: Session) -> list[str]:
        customer = _customer(frame, session, claim, locked=True)
        evidence = Evidence(
            address_hash=_hash(frame, customer),
            text_version=text_version(frame),
            ip_hash=_keyed(frame, f"ip:{ip}"),
            enrollment_id=claim.enrollment_id,
            channel=claim.channel,
        )
        new = confirmations.confirm(session, customer, evidence, services.admission, now)
        return intake.open_ids(session, customer) if new else []

    services.tell(await commit(services.database, transaction))
    return frame.redirect(f"/confirm/{token}/done")


def text_version(frame: Frame) -> str:
    """A fingerprint of the words that stood beside the button, without what is the customer's own."""
    words = frame.text(WORDS, action="", address="")
    return hashlib.sha256(words.encode()).hexdigest()[:VERSION_LENGTH]


def _customer(frame: Frame, session: Session, claim: Claim, *, locked: bool = False) -> Customer:
    """Whose address it is. A link that went to an earlier address says nothing about the present one."""
    customer = frame.customer(session, claim, locked=locked)
    if not frame.services.links.is_about(claim, customer.email):
        raise DeadLinkPage
    return customer


def _thanks(frame: Frame, customer: Customer) -> dict[str, Any]:
    return {
        "address": wording.masked(customer, EMAIL),
        "preferences": frame.services.links.path("preferences", Claim(customer.id)),
    }


def _hash(frame: Frame, customer: Customer) -> str:
    return address_hash(frame.services.settings.secret, EMAIL, customer.email or "")


def _keyed(frame: Frame, text: str) -> str:
    return hmac.new(frame.services.settings.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
