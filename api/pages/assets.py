"""The one style sheet of the pages, in the shop's colours."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.frame import FrameDep

router = APIRouter(prefix="/assets")


@router.api_route("/pages.css", methods=["GET", "HEAD"])
async def style_sheet(frame: FrameDep) -> Response:
    """The style sheet."""
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(frame.style_sheet, headers=headers, media_type="text/css")
