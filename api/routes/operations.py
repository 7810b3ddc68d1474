"""For those who operate the system: health, readiness, a few numbers."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from activities.storage.database import DatabaseBusyError
from api.dependencies import ServicesDep
from api.errors import busy
from api.metrics import exposition, read_figures
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
async def metrics(services: ServicesDep) -> Response:
    """The outbox, the enrollments, the channels and what is stuck, in Prometheus' text format."""
    stuck = await services.count_stuck() if services.count_stuck is not None else None
    now = services.now()
    figures = await services.database.read(lambda session: read_figures(session, services, now, stuck))
    return Response(exposition(figures), media_type=CONTENT_TYPE_PLAIN_0_0_4)
