"""The tables, a file a subject. Rows stay inside this folder and the API; a workflow never sees one."""

import activities.storage.tables.base  # noqa: F401 - names of constraints, before the first table
from activities.storage.tables.callbacks import ProviderCallback
from activities.storage.tables.channels import ProviderState
from activities.storage.tables.customers import Confirmation, Consent, Customer, Identity, Suppression
from activities.storage.tables.erasures import Erasure
from activities.storage.tables.imports import Import, ImportSource, Pace, RefusedLine, RefusedRow
from activities.storage.tables.journeys import Enrollment, JourneySetting, TimelineEntry
from activities.storage.tables.measurement import (
    CompleteProfile,
    Conversion,
    CountChange,
    DailyCount,
    Exposure,
    MonthlyCount,
    Reaction,
    Redemption,
)
from activities.storage.tables.messages import Message, ShortLink, TrackedLink
from activities.storage.tables.recounts import Recount
from activities.storage.tables.rewards import PointsEntry, ProfileIncrease, Voucher, VoucherDesign
from activities.storage.tables.simulation import Simulation
from activities.storage.tables.staff import AuditEntry, StaffMember, StaffSession
from activities.storage.tables.summaries import WeeklySummary
from activities.storage.tables.system import ApiKey, StoredClock
from activities.storage.tables.topics import TopicConsent
from activities.storage.tables.traffic import IdempotentAnswer, InboxEvent, OutboxItem
from activities.storage.tables.voucher_stock import OrderedCode

__all__ = [
    "ApiKey",
    "AuditEntry",
    "CompleteProfile",
    "Confirmation",
    "Consent",
    "Conversion",
    "CountChange",
    "Customer",
    "DailyCount",
    "Enrollment",
    "Erasure",
    "Exposure",
    "IdempotentAnswer",
    "Identity",
    "Import",
    "ImportSource",
    "InboxEvent",
    "JourneySetting",
    "Message",
    "MonthlyCount",
    "OrderedCode",
    "OutboxItem",
    "Pace",
    "PointsEntry",
    "ProfileIncrease",
    "ProviderCallback",
    "ProviderState",
    "Reaction",
    "Recount",
    "Redemption",
    "RefusedLine",
    "RefusedRow",
    "ShortLink",
    "Simulation",
    "StaffMember",
    "StaffSession",
    "StoredClock",
    "Suppression",
    "TimelineEntry",
    "TopicConsent",
    "TrackedLink",
    "Voucher",
    "VoucherDesign",
    "WeeklySummary",
]
