"""All journeys at a glance."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.console.frame import HOME, ConsoleDep, ViewerDep

router = APIRouter(prefix=HOME)


@router.get("")
async def show(frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The list."""
    return frame.page("journeys.html", visit, journeys=sorted(frame.services.catalogue))
