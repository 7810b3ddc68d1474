"""The mailbox in the browser, for development: every message that would have gone out, as it was delivered."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent.parent / "pages" / "templates"
LATEST = 500  # on one page

SHARED_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# A message runs no script and reads nothing of ours; its links open in a tab of their own.
MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


class KeptMessage(Protocol):
    """A message in the mailbox."""

    @property
    def key(self) -> str: ...  # noqa: D102 - as activities/providers/mailbox.py says
    @property
    def channel(self) -> str: ...  # noqa: D102 - as above
    @property
    def at(self) -> datetime: ...  # noqa: D102 - as above
    @property
    def to(self) -> str: ...  # noqa: D102 - as above
    @property
    def subject(self) -> str: ...  # noqa: D102 - as above
    @property
    def text(self) -> str: ...  # noqa: D102 - as above
    @property
    def html(self) -> str: ...  # noqa: D102 - as above


def mailbox_router(messages: Callable[[], Sequence[KeptMessage]], brand: object) -> APIRouter:
    """The pages under `/mailbox`.

    Args:
        messages: reads the mailbox, the oldest message first; may block.
        brand: the shop.
    """
    router = APIRouter(prefix="/mailbox", include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.globals["brand"] = brand

    def page(template: str, status: int = 200, **context: Any) -> HTMLResponse:
        headers = SHARED_HEADERS | {"Content-Security-Policy": PAGE_POLICY}
        return HTMLResponse(templates.get_template(template).render(context), status, headers)

    async def find(key: str) -> KeptMessage | None:
        return next((kept for kept in await asyncio.to_thread(messages) if kept.key == key), None)

    @router.get("")
    async def read_mailbox() -> Response:
        """The list, the newest message first."""
        kept = await asyncio.to_thread(messages)
        return page("mailbox.html", messages=list(reversed(kept[-LATEST:])), count=len(kept))

    @router.get("/mailbox.css")
    async def style_sheet() -> Response:
        """The style sheet of these pages."""
        return Response((TEMPLATES / "mailbox.css").read_text(), media_type="text/css", headers=SHARED_HEADERS)

    @router.get("/{key}")
    async def read_message(key: str) -> Response:
        """One message: what the customer sees, and its text."""
        kept = await find(key)
        return page("mailbox-message.html", 200 if kept else 404, message=kept)

    @router.get("/{key}/html")
    async def read_html(key: str) -> Response:
        """The HTML of an email, shut off from everything."""
        kept = await find(key)
        html = _opening_links_outside(kept.html) if kept else ""
        headers = SHARED_HEADERS | {"Content-Security-Policy": MESSAGE_POLICY}
        return HTMLResponse(html, 200 if html else 404, headers)

    return router


def _opening_links_outside(html: str) -> str:
    """A link must not open inside the frame, which would show the page without its form."""
    return html.replace("<head>", '<head><base target="_blank">', 1)
