"""A report as JSON and as CSV, for spreadsheets and other programs."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from typing import Any

from activities.storage.reports.model import AccountsDay, ArmReport, JourneyReport

HEADING = ("section", "item", "measure", "value")
# What tells the items of a section apart, one column of the CSV after another.
ITEMS = ("name", "arm", "against", "step", "source", "target", "outcome", "design", "day")


def as_json(report: JourneyReport) -> dict[str, Any]:
    """The report as a JSON document: days as ISO dates, lengths of time in seconds under ``..._seconds``."""
    found: dict[str, Any] = _plain(report)
    return found


def as_csv(report: JourneyReport) -> str:
    """The report as a table, one number a line: section, item, measure and value, in the terms of the JSON."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADING)
    for name, value in as_json(report).items():
        if isinstance(value, list):
            for member in value:
                writer.writerows((name, *line) for line in _lines(member))
        elif isinstance(value, dict):
            writer.writerows((name, *line) for line in _lines(value))
        else:
            writer.writerow(("report", report.journey, name, value))
    return file.getvalue()


def _plain(value: Any) -> Any:
    match value:
        case ArmReport():
            return _members(value) | {"exposed": value.exposed}
        case AccountsDay():
            return _members(value) | {"share": value.share}
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case timedelta():
            return value.total_seconds()
        case date():
            return value.isoformat()
        case _:
            return _members(value) if is_dataclass(value) else value


def _members(value: Any) -> dict[str, Any]:
    return {
        f"{field.name}_seconds" if "timedelta" in str(field.type) else field.name: _plain(getattr(value, field.name))
        for field in fields(value)
    }


def _lines(member: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str, Any]]:
    """The numbers of one item, those of its parts included."""
    item = " / ".join(part for part in (within, *(str(member[key]) for key in ITEMS if member.get(key))) if part)
    for name, value in member.items():
        if isinstance(value, list):
            for part in value:
                yield from _lines(part, item)
        elif isinstance(value, dict):
            yield from ((item, f"{name}.{key}", number) for key, number in value.items())
        elif name not in ITEMS:
            yield item, name, value
