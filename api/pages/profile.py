"""The page on which customers complete their profile."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from activities.storage import customers, intake
from activities.storage.addresses import email_key
from activities.storage.links import Claim
from activities.storage.tables import Customer, Identity
from api.commits import commit
from api.pages import wording
from api.pages.frame import FormDep, Frame, FrameDep, text_of
from api.pages.profile_form import Checked, check
from api.pages.profile_view import ProfileView, view
from api.values.errors import WrongValueError

router = APIRouter(prefix="/profile")

GET = ["GET", "HEAD"]
OUT_OF_DATE = "Your account has changed since this page was opened. Please check your answers and save again."
NOTHING_TYPED = "There was nothing to save yet. Fill in what you like, then save."


@dataclass(frozen=True)
class Saved:
    """What came of a form.

    Attributes:
        page: what the page shows now.
        nonce: for the next form.
        names: attributes that were stored.
        errors: what is wrong, by attribute.
        fresh: whether the form was filled in on the customer as they are.
        tell: enrollments with something new in the outbox.
    """

    page: ProfileView
    nonce: str
    names: tuple[str, ...] = ()
    errors: dict[str, WrongValueError] = field(default_factory=dict)
    fresh: bool = True
    tell: tuple[str, ...] = ()


@router.api_route("/{token}", methods=GET)
async def ask(token: str, request: Request, frame: FrameDep) -> Response:
    """The form, with what the journey still lacks. Opening it changes nothing."""
    page, nonce = await _read(frame, request, token)
    if not page.missing:
        return frame.page("profile-done.html", page=page, preferences=_preferences(frame, request, token))
    return _form(frame, token, page, nonce)


@router.api_route("/{token}/done", methods=GET)
async def done(token: str, request: Request, frame: FrameDep) -> Response:
    """What was saved, and the form again while something is missing."""
    page, nonce = await _read(frame, request, token)
    if not page.missing:
        return frame.page("profile-done.html", page=page, preferences=_preferences(frame, request, token))
    return _form(frame, token, page, nonce, saved=True)


@router.post("/{token}")
async def save(token: str, request: Request, frame: FrameDep, form: FormDep) -> Response:
    """Store the answers, all or none, and tell the waiting journey. What is left out is simply not stored."""
    claim = frame.open(request, "profile", token)
    typed = {name: text_of(form, name) for name in form}
    result = await commit(frame.services.database, lambda session: _save(session, frame, claim, token, form, typed))
    frame.services.tell(result.tell)
    if result.errors:
        return _form(frame, token, result.page, result.nonce, 422, typed=typed, errors=result.errors)
    if not result.page.missing or result.names:
        return frame.redirect(f"/profile/{token}/done")
    if not result.fresh:
        return _form(frame, token, result.page, result.nonce, 409, typed=typed, notice=OUT_OF_DATE)
    return _form(frame, token, result.page, result.nonce, notice=NOTHING_TYPED)


def _save(session: Session, frame: Frame, claim: Claim, token: str, form: FormData, typed: dict[str, str]) -> Saved:
    services, now = frame.services, frame.services.now()
    customer = frame.customer(session, claim, locked=True)
    page = view(session, services, customer, claim)
    if not frame.fresh(text_of(form, "nonce"), token, customer):
        return Saved(page, frame.nonce(token, customer), fresh=False)
    today = now.astimezone(ZoneInfo(customer.timezone)).date()
    checked = check(page.missing, typed, today=today, ask_consent=page.text_consent == "ask")
    checked = _without_foreign_email(session, frame, customer, checked)
    if checked.errors:
        return Saved(page, frame.nonce(token, customer), errors=checked.errors)
    changed = customers.change(
        session,
        customer,
        checked.changes,
        default_zone=services.settings.default_timezone,
        now=now,
        consent_source="profile page",
    )
    tell: list[str] = []
    if changed:
        intake.profile_updated(session, customer, changed, services.admission, now)
        session.flush()
        tell = intake.open_ids(session, customer)
    names = tuple(name for name in page.missing if name in changed)
    page = view(session, services, customer, claim)
    return Saved(page, frame.nonce(token, customer), names, tell=tuple(tell))


def _without_foreign_email(session: Session, frame: Frame, customer: Customer, checked: Checked) -> Checked:
    """An email that belongs to someone else becomes an error of its field; the rest stays."""
    email = checked.changes.values.get("email")
    owner = session.get(Identity, ("email", email_key(email))) if email else None
    if owner is None or owner.customer_id == customer.id:
        return checked
    kept = {name: value for name, value in checked.changes.values.items() if name != "email"}
    error = WrongValueError(
        "We know this address from another account. Use a different one, or write to "
        f"{frame.services.brand.help_email} and we sort it out.",
        "belongs to another account",
    )
    changes = customers.ProfileChanges(kept, checked.changes.attributes, checked.changes.consents)
    return Checked(changes, {**checked.errors, "email": error})


async def _read(frame: Frame, request: Request, token: str) -> tuple[ProfileView, str]:
    claim = frame.open(request, "profile", token)

    def transaction(session: Session) -> tuple[ProfileView, str]:
        customer = frame.customer(session, claim)
        return view(session, frame.services, customer, claim), frame.nonce(token, customer)

    return await frame.services.database.read(transaction)


def _form(
    frame: Frame,
    token: str,
    page: ProfileView,
    nonce: str,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, WrongValueError] | None = None,
    notice: str = "",
    saved: bool = False,
) -> HTMLResponse:
    fields = page.fields(errors or {})
    return frame.page(
        "profile.html",
        status,
        action=f"/profile/{token}",
        page=page,
        fields=fields,
        wrong=[item for item in fields if item.error],
        typed=typed or {},
        nonce=nonce,
        notice=notice,
        saved=saved,
        details=wording.counted(len(fields), "detail is", "details are"),
        filled_in=wording.all_of(len(fields)),
        summary=wording.counted(len(errors or {}), "answer needs", "answers need"),
    )


def _preferences(frame: Frame, request: Request, token: str) -> str:
    claim = frame.open(request, "profile", token)
    return frame.services.links.path("preferences", Claim(claim.customer_id))
