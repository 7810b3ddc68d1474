"""The page on which customers choose how we may write to them, and about what."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from activities.channels import Channel
from activities.interests import INTERESTS_ATTRIBUTE
from activities.storage import customers, intake, topics
from activities.storage.customers import ProfileChanges
from activities.storage.facts import PUSH, customer_changed
from activities.storage.links import Claim
from activities.storage.tables import Customer
from api.commits import commit
from api.pages import wording
from api.pages.frame import FormDep, Frame, FrameDep, text_of
from api.pages.preferences_view import LABELS, Choice, Preferences, is_pushed, preferences_of
from api.pages.profile import OUT_OF_DATE
from api.pages.unsubscribe import withdraw
from api.services import Services
from api.values.errors import WrongValueError

router = APIRouter(prefix="/preferences")

GET = ["GET", "HEAD"]
SOURCE = "preferences page"
SERVICES = {
    Channel.EMAIL.value: "LoyaltyProgrammeEmail",
    Channel.SMS.value: "LoyaltyProgrammeSMS",
    PUSH: "LoyaltyProgrammePush",
}
PREFERENCES_UPDATED = "preferences.updated"
SERVICE_SUBSCRIBED = "service.subscribed"


@dataclass(frozen=True)
class Wish:
    """What a form says. Values that the page did not offer are left out.

    Attributes:
        channels: ticked ways to write.
        preferred: the one of them they like best, or empty.
        topics: ticked.
        interests: ticked.
    """

    channels: tuple[str, ...]
    preferred: str
    topics: tuple[str, ...]
    interests: tuple[str, ...]


@dataclass(frozen=True)
class Saved:
    """What came of a form.

    Attributes:
        page: what is stored now.
        nonce: for the next form.
        error: what is wrong with the preferred channel.
        fresh: whether the form was filled in on the customer as they are.
        tell: enrollments with something new in the outbox.
    """

    page: Preferences
    nonce: str
    error: WrongValueError | None = None
    fresh: bool = True
    tell: tuple[str, ...] = ()


@router.api_route("/{token}", methods=GET)
async def ask(token: str, request: Request, frame: FrameDep) -> Response:
    """The form, ticked as stored. Opening it changes nothing."""
    page, nonce = await _read(frame, request, token)
    return _form(frame, token, page, nonce)


@router.api_route("/{token}/done", methods=GET)
async def done(token: str, request: Request, frame: FrameDep) -> Response:
    """What was stored, said back in words."""
    page, _ = await _read(frame, request, token)
    return frame.page("preferences-done.html", action=f"/preferences/{token}", page=page)


@router.post("/{token}")
async def save(token: str, request: Request, frame: FrameDep, form: FormDep) -> Response:
    """Store the choices, all or none, and tell the customer's journeys."""
    claim = frame.open(request, "preferences", token)
    result = await commit(frame.services.database, lambda session: _save(session, frame, claim, token, form))
    frame.services.tell(result.tell)
    if result.error:
        return _form(frame, token, result.page, result.nonce, 422, form=form, error=result.error)
    if not result.fresh:
        return _form(frame, token, result.page, result.nonce, 409, notice=OUT_OF_DATE)
    return frame.redirect(f"/preferences/{token}/done")


def wish_of(form: FormData, page: Preferences) -> Wish:
    """What a form says, of what its page offered. Of a single way that is ticked nobody needs to say it is preferred.

    Args:
        form: as sent.
        page: what was there to tick.
    """

    def ticked(name: str, choices: list[Choice]) -> tuple[str, ...]:
        sent = form.getlist(name)
        return tuple(choice.value for choice in choices if choice.value in sent)

    channels = ticked("channel", page.channels)
    preferred = next(iter(ticked("preferred", page.channels)), "")
    if not channels:
        preferred = ""  # whoever leaves need not first take back a choice that was stored earlier
    elif len(channels) == 1 and not preferred:
        preferred = channels[0]
    return Wish(channels, preferred, ticked("topic", page.topics), ticked("interest", page.interests))


def error_in(wish: Wish, page: Preferences) -> WrongValueError | None:
    """What is wrong with the preferred channel of a wish, if anything."""
    if wish.preferred and wish.preferred not in wish.channels:
        way = wording.mid_sentence(LABELS[wish.preferred])
        words = f"You chose {way}, but did not tick it. Tick it above, or choose another way."
        return WrongValueError(words, f"{way} is not ticked")
    if page.offer and wish.channels and not wish.preferred:
        return WrongValueError("Choose one of the ways you ticked.", "choose one of the ways you ticked")
    return None


def _save(session: Session, frame: Frame, claim: Claim, token: str, form: FormData) -> Saved:
    customer = frame.customer(session, claim, locked=True)
    page = preferences_of(session, frame.services, customer, claim)
    wish = wish_of(form, page)
    if not frame.fresh(text_of(form, "nonce"), token, customer):
        # Pressed twice: what the second press asks for has been done by the first.
        return Saved(page, frame.nonce(token, customer), fresh=wish == _stored(page))
    error = error_in(wish, page)
    if error:
        return Saved(page, frame.nonce(token, customer), error)
    tell = _store(session, frame.services, customer, page, wish)
    page = preferences_of(session, frame.services, customer, claim)
    return Saved(page, frame.nonce(token, customer), tell=tuple(tell))


def _store(session: Session, services: Services, customer: Customer, page: Preferences, wish: Wish) -> list[str]:
    """Store a wish, with the consents in it, and let the journeys know in the order in which they must."""
    now = services.now()
    decided = wish.topics or topics.decisions(session, customer.id)  # of topics nobody has touched none is declined
    changed = customers.change(
        session,
        customer,
        ProfileChanges(
            {"preferred_channel": wish.preferred or None},
            {INTERESTS_ATTRIBUTE: list(wish.interests)},
            topics={choice.value: choice.value in wish.topics for choice in page.topics} if decided else {},
        ),
        default_zone=services.settings.default_timezone,
        now=now,
        consent_source=SOURCE,
    )
    for channel in wish.channels:
        customers.decide(session, customer, channel, given=True, source=SOURCE, now=now)
    if PUSH not in wish.channels and is_pushed(session, services, customer):
        customers.decide(session, customer, PUSH, given=False, source=SOURCE, now=now)
    offered = [choice.value for choice in page.channels if choice.value != PUSH]
    unwanted = [channel for channel in Channel if channel in offered and channel.value not in wish.channels]
    session.flush()
    if not withdraw(session, services, customer, unwanted, SOURCE):
        customer_changed(session, customer, now)  # each saving has a version, and so events, of its own
    if changed:
        intake.profile_updated(session, customer, changed, services.admission, now)
    session.flush()
    _announce(session, services, customer, wish)
    session.flush()
    return intake.open_ids(session, customer)


def _announce(session: Session, services: Services, customer: Customer, wish: Wish) -> None:
    said = {
        "channels": list(wish.channels),
        "preferred": wish.preferred,
        "topics": list(wish.topics),
        "interests": list(wish.interests),
    }
    events = [(PREFERENCES_UPDATED, said)]
    if wish.preferred:
        events.append((SERVICE_SUBSCRIBED, {"serviceName": SERVICES[wish.preferred]}))
    for type_, properties in events:
        event = intake.Event(f"{type_}/{customer.id}/{customer.version}", type_, None, properties, source="page")
        intake.accept(session, event, customer, services.admission, services.now())


def _stored(page: Preferences) -> Wish:
    """What is stored, as a wish."""

    def ticked(choices: list[Choice]) -> tuple[str, ...]:
        return tuple(choice.value for choice in choices if choice.ticked)

    return Wish(ticked(page.channels), page.preferred, ticked(page.topics), ticked(page.interests))


async def _read(frame: Frame, request: Request, token: str) -> tuple[Preferences, str]:
    claim = frame.open(request, "preferences", token)

    def transaction(session: Session) -> tuple[Preferences, str]:
        customer = frame.customer(session, claim)
        return preferences_of(session, frame.services, customer, claim), frame.nonce(token, customer)

    return await frame.services.database.read(transaction)


def _form(
    frame: Frame,
    token: str,
    page: Preferences,
    nonce: str,
    status: int = 200,
    *,
    form: FormData | None = None,
    error: WrongValueError | None = None,
    notice: str = "",
) -> HTMLResponse:
    shown = _stored(page) if form is None else wish_of(form, page)
    return frame.page(
        "preferences.html",
        status,
        action=f"/preferences/{token}",
        page=page,
        shown=shown,
        nonce=nonce,
        error=error,
        notice=notice,
    )
