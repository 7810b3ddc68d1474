"""What we answer, as pydantic models for the documentation and functions that fill them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from activities.storage.tables import Customer, Enrollment
from activities.storage.timeline_view import instant
from api.services import ApiSettings


class EnrollmentRef(BaseModel):
    """A journey someone entered."""

    id: str
    journey: str
    workflow_id: str
    arm: str


class RegistrationAnswer(BaseModel):
    """The customer, by our id, and every journey the registration started."""

    customer_id: str
    enrollments: list[EnrollmentRef]


class EventAnswer(BaseModel):
    """An accepted event and every journey it started."""

    event_id: str
    customer_id: str
    enrollments: list[EnrollmentRef]


class CustomerAnswer(BaseModel):
    """A customer as stored."""

    customer_id: str
    id: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    date_of_birth: str | None
    timezone: str
    timezone_source: str
    country: str | None
    locale: str | None
    preferred_channel: str | None
    attributes: dict[str, Any]
    consents: dict[str, bool | dict[str, bool]]
    source: str
    created_at: str
    registered_at: str


class EnrollmentAnswer(EnrollmentRef):
    """An enrollment as stored."""

    customer_id: str
    state: str
    outcome: str | None
    reason: str | None
    step: str
    held: bool
    hold_reason: str
    cancel_reason: str | None
    acknowledged: bool
    parameters: dict[str, Any]
    enrolled_at: str
    started_at: str | None
    ended_at: str | None
    ui: str | None


class ActionAnswer(BaseModel):
    """A support action that was taken in; `acknowledged` once the workflow has heard of it."""

    id: str
    state: str
    acknowledged: bool


class NextStep(BaseModel):
    """What comes next, and when: UTC and the customer's clock."""

    what: str
    at: str | None
    local: str | None


class TimelineEnrollment(BaseModel):
    """An enrollment in a customer's timeline."""

    id: str
    journey: str
    state: str
    outcome: str | None
    next: NextStep | None
    ui: str | None


class TimelineAnswer(BaseModel):
    """What happened to a customer, what comes next, and why not."""

    enrollments: list[TimelineEnrollment]
    timeline: list[dict[str, Any]]


class FoundCustomer(CustomerAnswer):
    """A customer and their enrollments."""

    enrollments: list[EnrollmentAnswer]


class SearchAnswer(BaseModel):
    """The customers found; a household may share a phone."""

    customers: list[FoundCustomer]


class JourneyAnswer(BaseModel):
    """A journey and its state."""

    name: str
    title: str
    trigger: str
    reentry: str
    window: dict[str, Any] | None
    goal: dict[str, Any] | None
    state: str
    holdout: float
    parameters: dict[str, Any]
    enrollments: dict[str, int]
    outcomes: dict[str, int]


class JourneysAnswer(BaseModel):
    """All journeys."""

    journeys: list[JourneyAnswer]


def enrollment_ref(row: Enrollment) -> dict[str, Any]:
    """An enrollment as answers to registrations and events name it."""
    return {"id": row.id, "journey": row.journey, "workflow_id": row.workflow_id, "arm": row.arm}


def enrollment_answer(row: Enrollment, settings: ApiSettings) -> dict[str, Any]:
    """An enrollment in full."""
    return {
        **enrollment_ref(row),
        "customer_id": row.customer_id,
        "state": row.state,
        "outcome": row.outcome,
        "reason": row.reason,
        "step": row.step,
        "held": row.held,
        "hold_reason": row.hold_reason,
        "cancel_reason": row.cancel_reason,
        "acknowledged": row.hold_seen == row.hold_version,
        "parameters": row.parameters,
        "enrolled_at": instant(row.enrolled_at),
        "started_at": _instant(row.started_at),
        "ended_at": _instant(row.ended_at),
        "ui": ui_link(settings, row.workflow_id),
    }


def customer_answer(row: Customer, consents: Mapping[str, bool], topics: Mapping[str, bool]) -> dict[str, Any]:
    """A customer in full, with the decisions that they have taken."""
    return {
        "customer_id": row.id,
        "id": row.external_id,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "phone": row.phone,
        "date_of_birth": row.date_of_birth.isoformat() if row.date_of_birth else None,
        "timezone": row.timezone,
        "timezone_source": row.timezone_source,
        "country": row.country,
        "locale": row.locale,
        "preferred_channel": row.preferred_channel,
        "attributes": row.attributes,
        "consents": {**consents, **({"topics": dict(topics)} if topics else {})},
        "source": row.source,
        "created_at": instant(row.created_at),
        "registered_at": instant(row.registered_at),
    }


def ui_link(settings: ApiSettings, workflow_id: str) -> str | None:
    """Where the Temporal UI shows a workflow."""
    if not settings.ui_url:
        return None
    return f"{settings.ui_url}/namespaces/{quote(settings.namespace)}/workflows/{quote(workflow_id, safe='')}"


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)
