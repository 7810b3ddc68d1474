"""The one style sheet of the pages, in the shop's colours, and its mark for tabs and bookmarks."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.frame import FrameDep

router = APIRouter()

HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}


@router.api_route("/assets/pages.css", methods=["GET", "HEAD"])
async def style_sheet(frame: FrameDep) -> Response:
    """The style sheet."""
    return Response(frame.style_sheet, headers=HEADERS, media_type="text/css")


@router.api_route("/assets/icon.svg", methods=["GET", "HEAD"])
@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
async def icon(frame: FrameDep) -> Response:
    """The shop's mark; browsers ask for the second address of their own accord."""
    return Response(frame.icon, headers=HEADERS, media_type="image/svg+xml")
