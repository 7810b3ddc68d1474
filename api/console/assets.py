"""The console's own style sheet and scripts; nothing comes from another host."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from api.console.frame import HOME

FOLDER = Path(__file__).parent / "static"
router = APIRouter(prefix=f"{HOME}/assets")


@router.get("/{name}")
async def asset(name: str) -> FileResponse:
    """One file of the folder."""
    found = {each.name: each for each in FOLDER.iterdir()}.get(name)
    if found is None:
        raise HTTPException(404)
    return FileResponse(found, headers={"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"})
