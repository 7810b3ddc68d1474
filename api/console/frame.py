"""What all console pages share: templates, headers, who is looking, and the reading of forms."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData

from activities.storage import staff
from activities.storage.audit import Actor
from activities.storage.staff import Role
from activities.storage.tables import StaffMember
from api.console import numbers
from api.console.signals import Watch
from api.errors import ApiError
from api.pages.frame import form_of
from api.rate_limit import RateLimit
from api.services import Services

HOME = "/console"
COOKIE = "sojourn_console"
TEMPLATES = Path(__file__).parent / "templates"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


class SignedOutError(Exception):
    """Nobody is signed in in this browser; `path` is where they wanted to go."""

    def __init__(self, path: str) -> None:
        super().__init__("sign in first")
        self.path = path


class RefusedError(Exception):
    """What was asked must not be done; `detail` says why, for people."""

    def __init__(self, detail: str, status: int = 403) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


@dataclass(frozen=True)
class Visit:
    """A signed-in member looking at a page.

    Attributes:
        member: who.
        token: their cookie.
        form_token: stands in each form, so that no other site can send one in their name.
    """

    member: StaffMember
    token: str
    form_token: str

    @property
    def role(self) -> Role:
        """What they may do."""
        return Role.named(self.member.role)

    @property
    def actor(self) -> Actor:
        """As the audit log names them."""
        return Actor(self.member.id, self.member.name)

    @property
    def zone(self) -> ZoneInfo:
        """In which they read times."""
        return ZoneInfo(self.member.timezone)

    def may(self, role: str) -> bool:
        """Whether their role includes that one; for templates."""
        return self.role >= Role.named(role)


class ConsoleFrame:
    """Renders pages and knows who looks at them.

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
        self._templates.filters.update(numbers.FILTERS)
        self.watch = Watch(services)
        a_minute = services.settings.sign_ins_per_minute
        self._sign_ins = RateLimit(a_minute / 60, burst=a_minute)

    @property
    def now(self) -> datetime:
        """The wall-clock instant, UTC."""
        return self.services.now()

    @property
    def journey_now(self) -> datetime:
        """The journey instant, UTC."""
        return self.services.clock.at(self.services.now())

    def limit_sign_ins(self, request: Request) -> None:
        """Count a try to sign in.

        Raises:
            ApiError: 429, too many from one address.
        """
        self._sign_ins.check(request.client.host if request.client else "")

    def form_token(self, token: str) -> str:
        """What a form of that session carries."""
        secret = self.services.settings.secret.encode()
        return hmac.new(secret, f"console|{token}".encode(), hashlib.sha256).hexdigest()

    async def visit(self, request: Request) -> Visit:
        """Who is looking.

        Raises:
            SignedOutError: nobody is signed in.
        """
        token = request.cookies.get(COOKIE, "")
        now = self.now
        member = (
            await self.services.database.read(lambda session: staff.signed_in(session, token, now)) if token else None
        )
        if member is None:
            wanted = request.url.path if request.method == "GET" else HOME
            raise SignedOutError(wanted)
        await self.watch.look()
        return Visit(member, token, self.form_token(token))

    async def form(self, request: Request, visit: Visit) -> FormData:
        """The fields of a form of ours.

        Raises:
            RefusedError: it did not come from one of our pages.
            ApiError: 413, 400.
        """
        fields = await form_of(request)
        self.require_own(fields, visit)
        return fields

    def require_own(self, fields: FormData, visit: Visit) -> None:
        """Take only what a page of ours has sent.

        Raises:
            RefusedError: it did not come from one.
        """
        sent = str(fields.get("form_token", ""))
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), visit.form_token.encode()):
            raise RefusedError(
                "This form is too old, or did not come from the console. Go back, reload, and try again."
            )

    def page(self, template: str, visit: Visit | None, status: int = 200, **context: Any) -> HTMLResponse:
        """Render a page.

        Args:
            template: its file.
            visit: who looks; None on the page to sign in.
            status: HTTP status.
            **context: what the template names.
        """
        text = self._templates.get_template(template).render(
            visit=visit, now=self.now, signals=self.watch.signals, **context
        )
        return HTMLResponse(text, status, HEADERS)

    def text(self, template: str, **context: Any) -> str:
        """Render what is no page of ours, for somebody to take along."""
        return self._templates.get_template(template).render(**context)

    def redirect(self, path: str) -> RedirectResponse:
        """To another page of ours, to be read with GET."""
        return RedirectResponse(path, 303, HEADERS)

    async def signed_out(self, _request: Request, error: Exception) -> Response:
        """To the page where one signs in, and back from there."""
        wanted = error.path if isinstance(error, SignedOutError) else HOME
        return self.redirect(f"{HOME}/sign-in?next={quote(wanted)}")

    async def refused(self, _request: Request, error: Exception) -> Response:
        """A page that says why."""
        if not isinstance(error, RefusedError):
            raise error
        return self._told(error.status, error.detail)

    def failed(self, error: ApiError) -> Response:
        """The same for what no page of ours has refused: a wrong address, a broken form, a bug."""
        return self._told(error.status, error.detail)

    def _told(self, status: int, detail: str) -> Response:
        heading = {404: "Not found", 500: "That did not work"}.get(status, "Not done")
        return self.page("refused.html", None, status, heading=heading, detail=detail)


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """An instant on somebody's clock."""
    return at.astimezone(UTC).astimezone(zone)


def _frame(request: Request) -> ConsoleFrame:
    frame: ConsoleFrame = request.app.state.console
    return frame


ConsoleDep = Annotated[ConsoleFrame, Depends(_frame)]


async def _viewer(request: Request, frame: ConsoleDep) -> Visit:
    return await frame.visit(request)


def _at_least(role: Role) -> Callable[[Visit], Visit]:
    def allowed(visit: Annotated[Visit, Depends(_viewer)]) -> Visit:
        if visit.role < role:
            raise RefusedError(f"This needs the role {role.label}; yours is {visit.role.label}.")
        return visit

    return allowed


ViewerDep = Annotated[Visit, Depends(_viewer)]
SupportDep = Annotated[Visit, Depends(_at_least(Role.SUPPORT))]
AdminDep = Annotated[Visit, Depends(_at_least(Role.ADMIN))]
