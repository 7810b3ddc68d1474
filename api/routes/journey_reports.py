"""The report of a journey: did it work? As JSON, and as CSV for spreadsheets."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from activities.storage.reports import as_csv, as_json, journey_report
from api.course import course_of
from api.dependencies import KeyDep, ServicesDep
from api.errors import not_found, wrong_field
from api.openapi import problems

router = APIRouter(prefix="/v1/journeys", tags=["journeys"])

FORMATS = ("json", "csv")
CSV: dict[int | str, Any] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

SAID = "a day such as 2027-03-01, or an instant such as 2027-03-01T00:00:00Z"


class ReportAnswer(BaseModel):
    """A report. `docs/measurement.md` says what each number means; lengths of time are in seconds."""

    journey: str
    goal: str
    conversion_window_seconds: float
    since: date | None
    until: date | None
    enrolled: int
    converted: int
    arms: list[dict[str, Any]]
    lift: dict[str, Any] | None
    time_to_convert: dict[str, float | None]
    outcomes: dict[str, int]
    steps: list[dict[str, Any]]
    flows: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    vouchers: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    days: list[dict[str, Any]]
    accounts: list[dict[str, Any]]


@router.get("/{name}/report", responses={**problems(404, 422), **CSV}, response_model=ReportAnswer)
async def read_report(
    name: str,
    services: ServicesDep,
    _key_id: KeyDep,
    since: Annotated[str | None, Query(alias="from", description=SAID)] = None,
    until: Annotated[str | None, Query(alias="to", description=SAID)] = None,
    format: Annotated[str, Query(description="json or csv")] = "json",  # noqa: A002 - the parameter's name outside
) -> Response:
    """What became of those who entered on some days, both included: UTC, on the journey clock."""
    journey = services.catalogue.get(name)
    if journey is None:
        raise not_found("journey")
    if format not in FORMATS:
        raise wrong_field("/format", "json or csv")
    first, last = day_in(since, "/from"), day_in(until, "/to", last=True)
    if first is not None and last is not None and last < first:
        raise wrong_field("/to", "before the first day")
    course = await course_of(services, name)
    report = await services.database.read(lambda session: journey_report(session, journey, first, last, course))
    if format == "csv":
        named = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(as_csv(report), headers=named, media_type="text/csv; charset=utf-8")
    return JSONResponse(as_json(report))


def day_in(text: str | None, pointer: str, *, last: bool = False) -> date | None:
    """The day that a text names, or an instant in it; None where there is none.

    Args:
        text: an ISO date, or an ISO instant; UTC where it has no offset.
        pointer: names the field in an error.
        last: the text is an end: midnight is the end of the day before.

    Raises:
        ApiError: 422, it is neither.
    """
    if text is None:
        return None
    try:
        if len(text) <= len("2027-03-01"):
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        return (at - (timedelta.resolution if last else timedelta())).date()
    except (ValueError, OverflowError):
        raise wrong_field(pointer, f"not {SAID}") from None
