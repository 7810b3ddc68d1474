"""Links short enough for a text; each leads to one signed page."""

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from activities.storage.links import SHORT_CODE_ALPHABET, SHORT_CODE_LENGTH
from activities.storage.tables import ShortLink
from api.pages.frame import DeadLinkPage, FrameDep

router = APIRouter(prefix="/l")

CODE = re.compile(f"[{SHORT_CODE_ALPHABET}]{{{SHORT_CODE_LENGTH}}}")


@router.api_route("/{code}", methods=["GET", "HEAD"])
async def follow(code: str, request: Request, frame: FrameDep) -> Response:
    """On to the page it stands for."""
    frame.limit(request)
    if not CODE.fullmatch(code):
        raise DeadLinkPage
    link = await frame.services.database.read(lambda session: session.get(ShortLink, code))
    if link is None:
        raise DeadLinkPage
    return frame.redirect(link.path)
