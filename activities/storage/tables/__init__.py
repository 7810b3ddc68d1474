"""The tables, a file a subject. Rows stay inside this folder and the API; a workflow never sees one."""

import activities.storage.tables.base  # noqa: F401 - names of constraints, before the first table
from activities.storage.tables.customers import Confirmation, Consent, Customer, Identity, Suppression
from activities.storage.tables.imports import Import, Pace, RefusedLine
from activities.storage.tables.journeys import Enrollment, JourneySetting, TimelineEntry
from activities.storage.tables.messages import Message, ShortLink, TrackedLink
from activities.storage.tables.rewards import PointsEntry, ProfileIncrease, Voucher, VoucherDesign
from activities.storage.tables.system import ApiKey, StoredClock
from activities.storage.tables.traffic import IdempotentAnswer, InboxEvent, OutboxItem

__all__ = [
    "ApiKey",
    "Confirmation",
    "Consent",
    "Customer",
    "Enrollment",
    "IdempotentAnswer",
    "Identity",
    "Import",
    "InboxEvent",
    "JourneySetting",
    "Message",
    "OutboxItem",
    "Pace",
    "PointsEntry",
    "ProfileIncrease",
    "RefusedLine",
    "ShortLink",
    "StoredClock",
    "Suppression",
    "TimelineEntry",
    "TrackedLink",
    "Voucher",
    "VoucherDesign",
]
