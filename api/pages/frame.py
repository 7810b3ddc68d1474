"""What all pages share: templates, headers, signed links, nonces and the reading of forms."""

import hashlib
import hmac
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Message

from activities.storage import customers
from activities.storage.links import Claim, DeadLinkError, Purpose
from activities.storage.tables import Customer
from api.errors import ApiError
from api.rate_limit import RateLimit
from api.request_bodies import read_limited
from api.services import Services

TEMPLATES = Path(__file__).parent / "templates"
MOST_FIELDS = 100
NONCE_LENGTH = 32
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}


class DeadLinkPage(Exception):  # noqa: N818 - it is a page, not a fault
    """One neutral page for every link we would not sign again, and for customers who are gone."""


class Frame:
    """Renders pages and reads what comes back from them.

    Args:
        services: what the application works with.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["brand"] = services.brand
        self.style_sheet = self._templates.get_template("pages.css").render()
        self.icon = self._templates.get_template("icon.svg").render()
        per_minute = services.settings.page_requests_per_minute
        self._limit = RateLimit(per_minute / 60, burst=per_minute)

    @property
    def journey_now(self) -> datetime:
        """The journey instant."""
        return self.services.clock.at(self.services.now())

    def open(self, request: Request, purpose: Purpose, token: str) -> Claim:
        """What the token of a page says.

        Raises:
            DeadLinkPage: nothing we would sign again.
            ApiError: 429, too many requests from one address.
        """
        self.limit(request)
        try:
            return self.services.links.read(purpose, token, self.journey_now)
        except DeadLinkError:
            raise DeadLinkPage from None

    def limit(self, request: Request) -> None:
        """Count a request.

        Raises:
            ApiError: 429, too many from one address.
        """
        self._limit.check(request.client.host if request.client else "")

    def customer(self, session: Session, claim: Claim, *, locked: bool = False) -> Customer:
        """Whose page it is.

        Args:
            session: any transaction; a writing one to lock.
            claim: what the link says.
            locked: keep the row as it is until the transaction ends.

        Raises:
            DeadLinkPage: they were erased.
        """
        customer = customers.find(session, claim.customer_id, locked=locked)
        if customer is None:
            raise DeadLinkPage
        return customer

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a page.

        Args:
            template: its file.
            status: HTTP status.
            **context: what the template names.
        """
        return HTMLResponse(self.text(template, **context), status, HEADERS)

    def text(self, template: str, **context: Any) -> str:
        """A page as HTML. Arguments as for `page`."""
        return self._templates.get_template(template).render(context)

    def redirect(self, path: str) -> RedirectResponse:
        """To another page of ours, to be read with GET."""
        return RedirectResponse(path, 303, HEADERS)

    async def dead_link(self, _request: Request, _error: Exception) -> Response:
        """The neutral page. 404 for every kind of dead link, so that none tells more than another."""
        return self.page("expired-link.html", 404)

    def failed(self, error: ApiError) -> HTMLResponse:
        """The page where something went wrong that is not the link's fault."""
        return self.page("failed.html", error.status, detail=error.detail)

    def nonce(self, token: str, customer: Customer) -> str:
        """Good for one change: it dies with the customer's version."""
        message = f"{token}|{customer.id}|{customer.version}".encode()
        return hmac.new(self.services.settings.secret.encode(), message, hashlib.sha256).hexdigest()[:NONCE_LENGTH]

    def fresh(self, nonce: str, token: str, customer: Customer) -> bool:
        """Whether a form was filled in on the customer as they are now."""
        return hmac.compare_digest(nonce.encode("utf-8", "replace"), self.nonce(token, customer).encode())


async def form_of(request: Request) -> FormData:
    """The fields of a form, urlencoded or multipart; none where the body is something else.

    Raises:
        ApiError: 413, 400.
    """
    body = await read_limited(request)

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        return await Request(request.scope, receive).form(max_files=0, max_fields=MOST_FIELDS)
    except (HTTPException, MultiPartException):
        raise ApiError(400, "The form cannot be read.") from None


def frame_of(request: Request) -> Frame:
    """The frame of the application's pages."""
    found: Frame = request.app.state.frame
    return found


def text_of(form: FormData, name: str) -> str:
    """One field of a form as text; empty if it is missing."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


FrameDep = Annotated[Frame, Depends(frame_of)]
FormDep = Annotated[FormData, Depends(form_of)]
