"""For those who operate the system: health, readiness, a few numbers."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from activities.storage.database import DatabaseBusyError
from activities.storage.outbox import BULK
from activities.storage.tables import Enrollment, OutboxItem
from api.dependencies import ServicesDep
from api.errors import busy
from api.problems import problem

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(services: ServicesDep) -> JSONResponse:
    """Requests can be taken: without Temporal, too, which hears of them when it is back."""
    try:
        await services.database.read(lambda session: session.connection().execute(text("SELECT 1")).scalar())
    except (SQLAlchemyError, DatabaseBusyError):
        return problem(busy())
    temporal = services.temporal_reachable is not None and await services.temporal_reachable()
    return JSONResponse({"database": "ok", "temporal": "ok" if temporal else "away"})


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(services: ServicesDep) -> PlainTextResponse:
    """The outbox and the enrollments in Prometheus' text format."""
    now = services.now()

    def transaction(session: Session) -> list[str]:
        live = OutboxItem.priority < BULK  # who came in bulk waits on purpose
        size, oldest = session.exec(select(func.count(), func.min(OutboxItem.created_at)).where(live)).one()
        paced = session.exec(select(func.count()).where(col(OutboxItem.priority) >= BULK)).one()
        age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        counts = session.exec(
            select(Enrollment.journey, Enrollment.state, func.count()).group_by(
                col(Enrollment.journey), col(Enrollment.state)
            )
        ).all()
        return [
            "# HELP sojourn_outbox_items What Temporal has not heard of yet, without those starts.",
            "# TYPE sojourn_outbox_items gauge",
            f"sojourn_outbox_items {size}",
            "# HELP sojourn_import_starts Journeys of imported customers that wait for their turn to start.",
            "# TYPE sojourn_import_starts gauge",
            f"sojourn_import_starts {paced}",
            "# HELP sojourn_outbox_oldest_seconds Age of the oldest item that does not wait for its turn.",
            "# TYPE sojourn_outbox_oldest_seconds gauge",
            f"sojourn_outbox_oldest_seconds {age:.3f}",
            "# HELP sojourn_enrollments Enrollments by journey and state.",
            "# TYPE sojourn_enrollments gauge",
            *(
                f'sojourn_enrollments{{journey="{journey}",state="{state}"}} {count}'
                for journey, state, count in sorted(counts)
            ),
        ]

    lines = await services.database.read(transaction)
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")
