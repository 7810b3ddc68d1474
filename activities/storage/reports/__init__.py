"""Did it work? Reports over what journeys recorded; `docs/measurement.md` says what each number means."""

from activities.storage.reports.export import as_csv, as_json
from activities.storage.reports.glance import Glance, glances
from activities.storage.reports.journey_report import Measured, journey_report
from activities.storage.reports.model import (
    AccountsDay,
    ArmReport,
    Flow,
    Interval,
    JourneyCounts,
    JourneyReport,
    Lift,
    MessageReport,
    ReportDay,
    SplitReport,
    StepReport,
    TimeToConvert,
    VoucherReport,
)
from activities.storage.reports.overview import journey_counts, journey_days, states_and_outcomes

__all__ = [
    "AccountsDay",
    "ArmReport",
    "Flow",
    "Glance",
    "Interval",
    "JourneyCounts",
    "JourneyReport",
    "Lift",
    "Measured",
    "MessageReport",
    "ReportDay",
    "SplitReport",
    "StepReport",
    "TimeToConvert",
    "VoucherReport",
    "as_csv",
    "as_json",
    "glances",
    "journey_counts",
    "journey_days",
    "journey_report",
    "states_and_outcomes",
]
