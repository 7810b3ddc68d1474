"""Messages as they looked, each on a path of its own: shut off from everything, and without links that work."""

import html
import re

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException

from activities.storage.tables import Message
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, ViewerDep
from api.console.private_links import as_seen_by

router = APIRouter(prefix=f"{HOME}/messages/{{message_id}}")

# No script, no picture from elsewhere (a picture would count as opened), no form, no way out of the frame.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
}
BY_NIGHT = re.compile(r"\(prefers-color-scheme:\s*dark\)")
EITHER = re.compile(r"(?<=[:\"])light dark\b")
BUBBLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Message</title><style>
body { margin: 0; padding: 16px; background: #f4f4f2; color: #1d1d1f; font: 15px/1.45 system-ui, sans-serif; }
p { margin: 0; padding: 8px 12px; max-width: 88%; border-radius: 16px 16px 16px 4px; background: #e3e5e8;
white-space: pre-line; overflow-wrap: anywhere; width: fit-content; }
</style></head><body><p>TEXT</p></body></html>"""


@router.get("/html")
async def as_html(message_id: str, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The HTML of an email."""
    message = await _message(frame, message_id)
    return HTMLResponse(as_seen_by(visit, as_shown(message.html, message.text)), headers=HEADERS)


@router.get("/bubble")
async def as_bubble(message_id: str, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """A text or a push message, as a phone shows it."""
    text = as_seen_by(visit, (await _message(frame, message_id)).text)
    return HTMLResponse(_bubble(text), headers=HEADERS)


@router.get("/text")
async def as_text(message_id: str, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The text of a message, or the body of a call."""
    text = as_seen_by(visit, (await _message(frame, message_id)).text)
    return PlainTextResponse(text, headers=HEADERS)


async def _message(frame: ConsoleFrame, message_id: str) -> Message:
    found = await frame.services.database.read(lambda session: session.get(Message, message_id))
    if found is None:
        raise HTTPException(404)
    return found


def as_shown(html_: str, text: str) -> str:
    """A document for a frame: an email without links that work, or a text in its bubble."""
    return _shown(html_) or _bubble(text)


def _shown(text: str) -> str:
    """As it looks by day, whatever the reader's theme; every link asks for a new window, which the sandbox refuses."""
    text = EITHER.sub("light", BY_NIGHT.sub("not all", text))
    return text.replace("<head>", '<head><base target="_blank">', 1)


def _bubble(text: str) -> str:
    return BUBBLE.replace("TEXT", html.escape(text or "Nothing is left of this message."))
