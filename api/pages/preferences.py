"""The page on which customers choose how we may write to them."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.channels import Channel
from activities.storage import customers, intake
from activities.storage.links import Claim
from activities.storage.tables import Customer
from api.pages import wording
from api.pages.frame import FormDep, Frame, FrameDep, text_of
from api.pages.profile import OUT_OF_DATE
from api.pages.unsubscribe import withdraw
from api.transactions import commit

router = APIRouter(prefix="/preferences")

GET = ["GET", "HEAD"]
SOURCE = "preferences page"
LABELS = {Channel.EMAIL: "Email", Channel.SMS: "Text message"}


@dataclass(frozen=True)
class Choice:
    """One way to write to the customer."""

    channel: str
    label: str
    address: str
    ticked: bool


@dataclass(frozen=True)
class Preferences:
    """What the page shows."""

    first_name: str
    choices: list[Choice]
    nonce: str
    unsubscribe: str

    @property
    def words(self) -> str:
        """What holds from now on, in words."""
        ticked = [wording.mid_sentence(choice.label) for choice in self.choices if choice.ticked]
        return f"news and offers by {wording.listed(ticked)}." if ticked else "no news and offers."


@router.api_route("/{token}", methods=GET)
async def ask(token: str, request: Request, frame: FrameDep) -> Response:
    """The form, ticked as stored. Opening it changes nothing."""
    page = await _read(frame, request, token)
    return frame.page("preferences.html", action=f"/preferences/{token}", page=page, notice="")


@router.api_route("/{token}/done", methods=GET)
async def done(token: str, request: Request, frame: FrameDep) -> Response:
    """What was stored, said back in words."""
    page = await _read(frame, request, token)
    return frame.page("preferences-done.html", action=f"/preferences/{token}", page=page)


@router.post("/{token}")
async def save(token: str, request: Request, frame: FrameDep, form: FormDep) -> Response:
    """Store the choices and tell the customer's journeys."""
    claim = frame.open(request, "preferences", token)
    wanted = {value for value in form.getlist("channel") if isinstance(value, str)}

    def transaction(session: Session) -> tuple[Preferences, bool, list[str]]:
        customer = frame.customer(session, claim, locked=True)
        if not frame.fresh(text_of(form, "nonce"), token, customer):
            return _page(session, frame, customer, token), False, []
        reachable = [channel for channel in Channel if wording.masked(customer, channel)]
        unwanted = [channel for channel in reachable if channel.value not in wanted]
        tell = withdraw(session, frame.services, customer, unwanted, SOURCE)
        tell += _agree(session, frame, customer, [channel for channel in reachable if channel.value in wanted])
        return _page(session, frame, customer, token), True, tell

    page, fresh, tell = await commit(frame.services.database, transaction)
    frame.services.tell(tell)
    if not fresh:
        return frame.page("preferences.html", 409, action=f"/preferences/{token}", page=page, notice=OUT_OF_DATE)
    return frame.redirect(f"/preferences/{token}/done")


def _agree(session: Session, frame: Frame, customer: Customer, channels: list[Channel]) -> list[str]:
    services, now = frame.services, frame.services.now()
    changed = [
        customers.decide(session, customer, channel.value, given=True, source=SOURCE, now=now) for channel in channels
    ]
    if not any(changed):
        return []
    intake.profile_updated(session, customer, [], services.admission, now)
    session.flush()
    return intake.open_ids(session, customer)


async def _read(frame: Frame, request: Request, token: str) -> Preferences:
    claim = frame.open(request, "preferences", token)
    return await frame.services.database.read(
        lambda session: _page(session, frame, frame.customer(session, claim), token)
    )


def _page(session: Session, frame: Frame, customer: Customer, token: str) -> Preferences:
    reachability = frame.services.reachability
    choices = [
        Choice(channel.value, LABELS[channel], address, reachability.agreed(session, customer, channel))
        for channel in Channel
        if (address := wording.masked(customer, channel))
    ]
    unsubscribe = frame.services.links.path("unsubscribe", Claim(customer.id))
    return Preferences(customer.first_name or "", choices, frame.nonce(token, customer), unsubscribe)
