"""What a profile page shows: the fields a journey still lacks, and the promise it made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from activities.profile_fields import STANDARD, field_named
from activities.storage.facts import names_set
from activities.storage.links import Claim
from activities.storage.tables import Consent, Customer, Enrollment, Message, Voucher, VoucherDesign
from api.pages import wording
from api.services import Services
from api.values.contact import example_phone
from api.values.errors import WrongValueError
from api.values.places import COUNTRY_NAMES, country_name

SENT_OR_MAYBE = ("accepted", "unknown", "attempting")  # a promise that may have been read is kept
AUTOCOMPLETE = {
    "first_name": "given-name",
    "last_name": "family-name",
    "email": "email",
    "phone": "tel",
    "country": "country",
    "locale": "language",
}


@dataclass(frozen=True)
class Offer:
    """A promise that is still open.

    Attributes:
        value: ``£10 off`` or ``200 points``.
        minimum: ``one order of £40 or more``, or empty.
        ends: ``10 am on Tuesday 24 November``.
        arrives: how the reward will come.
    """

    value: str
    minimum: str
    ends: str
    arrives: str


@dataclass(frozen=True)
class RewardTerms:
    """What holds for a voucher that was handed over; the code itself stays in its message.

    Attributes:
        value: ``£10 off``.
        minimum: ``one order of £40 or more``, or empty.
        ends: ``31 January 2027``.
        terms: what else holds, or empty.
    """

    value: str
    minimum: str
    ends: str
    terms: str


@dataclass(frozen=True)
class FieldView:
    """One field of the form."""

    name: str
    label: str
    hint: str
    kind: str  # text, email, phone or date
    autocomplete: str
    error: WrongValueError | None

    @property
    def first_input(self) -> str:
        """Where a link from the summary leads."""
        if self.kind != "date":
            return self.name
        return self.error.parts[0] if self.error and self.error.parts else "birth_day"


@dataclass(frozen=True)
class ProfileView:
    """The page of one customer in one journey.

    Attributes:
        first_name: to greet with, or empty.
        missing: names of the attributes still asked for.
        offer: the open promise.
        reward: the terms of the voucher that the journey handed over.
        text_consent: ``ask``, ``given`` or ``withdrawn``.
        country: chosen in advance for the phone.
    """

    first_name: str
    missing: tuple[str, ...]
    offer: Offer | None
    text_consent: str
    country: str
    countries: list[tuple[str, str]] = field(default_factory=list)
    reward: RewardTerms | None = None

    def fields(self, errors: Mapping[str, WrongValueError]) -> list[FieldView]:
        """The fields of the form."""
        return [_field(name, errors.get(name)) for name in self.missing]

    @property
    def missing_words(self) -> str:
        """What is still missing, to end a sentence with."""
        return wording.listed([wording.mid_sentence(field_named(name).label) for name in self.missing])


def view(session: Session, services: Services, customer: Customer, claim: Claim) -> ProfileView:
    """Read what the page shows.

    Args:
        session: any transaction.
        services: for the journeys and the clock.
        customer: whose page.
        claim: what its link says.
    """
    enrollment = session.get(Enrollment, claim.enrollment_id) if claim.enrollment_id else None
    consent = session.get(Consent, (customer.id, "sms"))
    country = customer.country or services.settings.default_country
    return ProfileView(
        first_name=customer.first_name or "",
        missing=missing(services, customer, enrollment),
        offer=_offer(session, services, customer, enrollment),
        text_consent="ask" if consent is None else "given" if consent.given else "withdrawn",
        country=country,
        countries=_countries(country),
        reward=_reward(session, enrollment),
    )


def missing(services: Services, customer: Customer, enrollment: Enrollment | None) -> tuple[str, ...]:
    """What the journey that sent the link still lacks; without one, what we ask everybody."""
    journey = services.catalogue.get(enrollment.journey) if enrollment else None
    asked = tuple(STANDARD) if journey is None or enrollment is None else journey.asked(enrollment.parameters)
    known = set(names_set(customer))
    return tuple(name for name in asked if name not in known)


def _offer(session: Session, services: Services, customer: Customer, enrollment: Enrollment | None) -> Offer | None:
    if enrollment is None or enrollment.state == "ended" or enrollment.cancel_reason is not None:
        return None
    promise = session.exec(
        select(Message)
        .where(
            Message.enrollment_id == enrollment.id,
            Message.promised != "",
            col(Message.state).in_(SENT_OR_MAYBE),
            col(Message.promise_ends) > services.clock.at(services.now()),
        )
        .order_by(col(Message.promise_ends).desc())
    ).first()
    if promise is None or promise.promise_ends is None:
        return None
    ends = promise.promise_ends.astimezone(ZoneInfo(customer.timezone))
    arrives = _arrival(promise, enrollment.parameters)
    if promise.promised == "points":
        points = f"{promise.promised_amount:,} points"
        return Offer(points, "", wording.end_of_promise(ends), f"Your {points} follow; {arrives}")
    design = session.get(VoucherDesign, promise.promised_design)
    if design is None:
        return None
    name = design.value.removesuffix(" off")
    return Offer(
        design.value, design.minimum or "", wording.end_of_promise(ends), f"Your {name} voucher comes {arrives}"
    )


def _reward(session: Session, enrollment: Enrollment | None) -> RewardTerms | None:
    """The terms that the voucher's text points to."""
    if enrollment is None:
        return None
    voucher = session.exec(
        select(Voucher).where(Voucher.enrollment_id == enrollment.id, Voucher.state == "assigned")
    ).first()
    design = session.get(VoucherDesign, voucher.design) if voucher else None
    if voucher is None or design is None or voucher.valid_until is None:
        return None
    ends = wording.long_date(voucher.valid_until)
    return RewardTerms(design.value, design.minimum or "", ends, design.terms or "")


def _arrival(promise: Message, parameters: Mapping[str, Any]) -> str:
    by = "by email" if promise.channel == "email" else "by text"
    by = f"we tell you {by}" if promise.promised == "points" else by
    hours = opening_hours(parameters)
    return f"{by}, {hours}." if hours else f"{by}."


def opening_hours(parameters: Mapping[str, Any]) -> str:
    """When a journey writes: ``between 9 am and 9 pm your time``; empty if at any time.

    Args:
        parameters: of an enrollment.
    """
    window = parameters.get("send_window")
    if not isinstance(window, Mapping):
        return ""
    opens, closes = (_hour(window[edge]) for edge in ("opens", "closes"))
    return f"between {opens} and {closes} your time"


def _hour(text: str) -> str:
    at = datetime.strptime(text[:5], "%H:%M")  # noqa: DTZ007 - an hour of the day has no zone
    return wording.hour(at.hour, at.minute)


def _field(name: str, error: WrongValueError | None) -> FieldView:
    described = field_named(name)
    hint = wording.hint(described.reason)
    kind = {"email": "email", "phone": "phone", "date_of_birth": "date"}.get(name, "text")
    if kind == "date":
        hint = f"{hint} For example 27{wording.NBSP}3{wording.NBSP}1990.".strip()
    return FieldView(name, described.label, hint, kind, AUTOCOMPLETE.get(name, ""), error)


def _countries(chosen: str) -> list[tuple[str, str]]:
    """Codes and names with their calling codes, by name."""
    from phonenumbers import country_code_for_region

    codes = {*COUNTRY_NAMES, *([chosen] if example_phone(chosen) else [])}
    named = sorted((country_name(code), code) for code in codes)
    return [(code, f"{name} +{country_code_for_region(code)}") for name, code in named]
