"""What a scenario says, done to the database: the same for a rehearsal and for a real server."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from activities.entries import Circumstances
from activities.rendering import Written
from activities.storage import customers, enrollments, intake, vouchers
from activities.storage.customers import IdentityConflictError
from activities.storage.designs import sample_codes, standard_design
from activities.storage.facts import customer_changed
from activities.storage.intake import Admission
from activities.storage.tables import Customer, Enrollment
from api.bodies import ProfileBody, RegistrationBody, read
from api.errors import ApiError
from worker.rehearsal.arms import forced
from worker.rehearsal.scenario import (
    Cancel,
    Event,
    Happening,
    Hold,
    OptOut,
    ProfileChange,
    Resume,
    Scenario,
    ScenarioError,
)
from workflows.journey import Journey
from workflows.journey.limits import names_design

T = TypeVar("T")

POOL_SIZE = 10
SOURCE = "scenario"


def enter(
    session: Session,
    journey: type[Journey],
    scenario: Scenario,
    admission: Admission,
    now: datetime,
    templates: Written = MappingProxyType({}),
) -> str | None:
    """Store the scenario's customer and codes, and enroll the customer.

    Args:
        session: a writing transaction.
        journey: to enter.
        scenario: checked in its shape.
        admission: clock and default zone.
        now: wall-clock instant of the trigger, UTC.
        templates: there are; without them, parameters keep to their defaults.

    Returns:
        The enrollment's id, or None where the journey's trigger does not let the customer in.

    Raises:
        ScenarioError: a value is refused; the message names its key.
    """
    arms = forced(journey, scenario.arms)
    try:
        parameters = journey.accept({**scenario.parameters, **arms}, templates)
    except ValueError as error:
        raise ScenarioError(f"parameters: {error}") from error
    registration = _checked(lambda: read(RegistrationBody, dict(scenario.customer), now).registration(), "customer")
    for name, codes in _pools(journey, parameters, scenario).items():
        vouchers.load(session, standard_design(name), codes)
    customer, _, _ = customers.register(
        session, registration, default_zone=admission.default_zone, now=now, journey_now=admission.clock.at(now)
    )
    trigger = scenario.trigger
    journey_now = admission.clock.at(now)
    today = journey_now.astimezone(ZoneInfo(customer.timezone)).date().isoformat()
    given = Circumstances(trigger.properties, intake.profile_values(customer), parameters, today=today)
    key = journey.entry_key(trigger.type, given, [], journey_now)
    if key is None:
        return None
    enrollment = enrollments.enroll(
        session,
        customer,
        journey.name,
        parameters=parameters,
        trigger_type=trigger.type,
        trigger_properties=trigger.properties,
        clock=admission.clock,
        now=now,
        entry_key=key,
    )
    if enrollment is None:
        raise ScenarioError("customer: has entered this journey before")
    return enrollment.id


def happen(
    session: Session,
    happening: Happening,
    key: str,
    enrollment: Enrollment,
    customer: Customer,
    admission: Admission,
) -> None:
    """Let one thing happen; the outbox then holds what the workflow must hear.

    Args:
        session: a writing transaction.
        happening: what, and when on the journey clock.
        key: its path in the scenario, for complaints.
        enrollment: whose journey.
        customer: whose profile.
        admission: clock and default zone.

    Raises:
        ScenarioError: a value is refused; the message names its key.
    """
    now = admission.clock.wall(happening.at)
    try:
        match happening.what:
            case ProfileChange(changes):
                _change_profile(session, customer, changes, f"{key}.profile", admission, now)
            case Event(type_, properties):
                event = intake.Event(f"{enrollment.id}/{key}", type_, now, dict(properties))
                intake.accept(session, event, customer, admission, now)
            case OptOut(channel):
                customers.decide(session, customer, channel, given=False, source=SOURCE, now=now)
                session.flush()
                customer_changed(session, customer, now)
            case Cancel(reason):
                enrollments.cancel(session, enrollment, reason, now)
            case Hold(reason):
                enrollments.hold(session, enrollment, reason, now)
            case Resume(reason):
                enrollments.resume(session, enrollment, reason, now)
    except enrollments.EnrollmentOverError:
        return  # it came too late to change anything


def _pools(journey: type[Journey], parameters: Mapping[str, Any], scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The scenario's codes by design; a pool it does not mention gets sample codes."""
    pools = {
        parameters[name]: tuple(islice(sample_codes(parameters[name]), POOL_SIZE))
        for name in journey.parameters()
        if names_design(name)
    }
    return pools | dict(scenario.vouchers)


def _change_profile(
    session: Session,
    customer: Customer,
    changes: Mapping[str, object],
    key: str,
    admission: Admission,
    now: datetime,
) -> None:
    document = dict(changes)
    if "phone" in document and customer.country:
        document.setdefault("country", customer.country)
    body = _checked(lambda: read(ProfileBody, document, now), key)
    try:
        changed = customers.change(
            session,
            customer,
            body.changes(),
            default_zone=admission.default_zone,
            now=now,
            consent_source=SOURCE,
        )
    except IdentityConflictError as error:
        raise ScenarioError(f"{key}.{error.field}: {error.detail}") from error
    if changed:
        session.flush()
        intake.profile_updated(session, customer, changed, admission, now)


def _checked(check: Callable[[], T], key: str) -> T:
    """The edge's own checks, with their complaint in the scenario's terms."""
    try:
        return check()
    except ApiError as error:
        first = error.errors[0]
        raise ScenarioError(f"{key}{first.pointer.replace('/', '.')}: {first.detail}") from error
