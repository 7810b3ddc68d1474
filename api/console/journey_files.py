"""What one takes along from a journey's page: its report as CSV and JSON, its picture as SVG and PNG."""

import asyncio
import re
import subprocess
import sys
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from activities.storage.reports import as_csv, as_json
from api.console import ranges
from api.console.frame import HOME, TEMPLATES, ConsoleDep, ConsoleFrame, RefusedError, ViewerDep
from api.console.journey import draw, read
from api.console.journeys import known

router = APIRouter(prefix=f"{HOME}/journeys")

STATIC = Path(TEMPLATES).parent / "static"
TOKEN = re.compile(r"--([a-z0-9-]+): ([^;]+);")
USE = re.compile(r"var\(--([a-z0-9-]+)\)")
PAINTER = Path(__file__).with_name("painter.py")
PAINTED_WITHIN = 20.0  # seconds; it takes a third of one


@router.get("/{name}/report.csv")
async def report_as_csv(name: str, request: Request, frame: ConsoleDep, _visit: ViewerDep) -> Response:
    """For a spreadsheet."""
    days = _days(frame, name, request)
    report = (await read(frame, name, days)).report
    return Response(as_csv(report), media_type="text/csv; charset=utf-8", headers=_named(name, days, "csv"))


@router.get("/{name}/report.json")
async def report_as_json(name: str, request: Request, frame: ConsoleDep, _visit: ViewerDep) -> Response:
    """For another program; as `GET /v1/journeys/{name}/report` gives it."""
    days = _days(frame, name, request)
    report = (await read(frame, name, days)).report
    return JSONResponse(as_json(report), headers=_named(name, days, "json"))


@router.get("/{name}/picture.svg")
async def picture_as_svg(name: str, request: Request, frame: ConsoleDep, _visit: ViewerDep) -> Response:
    """The picture with its numbers, in its own colours, light and dark."""
    days = _days(frame, name, request)
    light, dark = _styles()
    text = await _svg(frame, name, days, f"{light}@media (prefers-color-scheme: dark) {{{dark}}}")
    return Response(text, media_type="image/svg+xml", headers=_named(name, days, "svg"))


@router.get("/{name}/picture.png")
async def picture_as_png(name: str, request: Request, frame: ConsoleDep, _visit: ViewerDep) -> Response:
    """The same for a slide."""
    days = _days(frame, name, request)
    text = await _svg(frame, name, days, _styles()[0])
    tag = f'"{sha256(text.encode()).hexdigest()}"'
    headers = {**_named(name, days, "png"), "Cache-Control": "private, no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(await _painted(text), media_type="image/png", headers=headers)


async def _painted(svg: str) -> bytes:
    """A picture dot by dot, by a program of its own: the painter lets nothing else of its process run meanwhile."""
    if find_spec("resvg_py") is None:
        raise RefusedError("PNG needs the extra `pictures`: pip install 'sojourn[pictures]'.", 501)
    command = [sys.executable, "-I", str(PAINTER)]
    done = await asyncio.to_thread(
        subprocess.run, command, input=svg.encode(), stdout=subprocess.PIPE, timeout=PAINTED_WITHIN, check=True
    )
    return done.stdout


def _days(frame: ConsoleFrame, name: str, request: Request) -> ranges.Days:
    known(frame, name)
    return ranges.chosen(request.query_params, frame.journey_now.date())


def _named(name: str, days: ranges.Days, kind: str) -> dict[str, str]:
    file = f"{name}_{days.first}_{days.last}.{kind}"
    return {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}


async def _svg(frame: ConsoleFrame, name: str, days: ranges.Days, style: str) -> str:
    picture = await draw(frame, name, await read(frame, name, days), every_way=False)
    if picture is None:
        raise RefusedError("This journey's code cannot be followed, so there is no picture of it.", 404)
    return frame.text("picture.html", drawing=picture.drawing, style=style)


@cache
def _styles() -> tuple[str, str]:
    """The rules of the picture with the console's colours written out: light, and dark.

    Whoever shows the file has no style sheet of ours, and not every program knows variables of CSS.
    """
    rules = re.sub(r"/\*.*?\*/", "", (STATIC / "diagram.css").read_text(encoding="utf-8")).strip()
    light, dark = (STATIC / "console.css").read_text(encoding="utf-8").split("prefers-color-scheme: dark", 1)
    colours = dict(TOKEN.findall(light))
    darker = colours | dict(TOKEN.findall(dark.partition("}\n}")[0]))
    return tuple(USE.sub(lambda found, of=each: of[found[1]], rules) for each in (colours, darker))  # type: ignore[return-value,misc] # two of them
