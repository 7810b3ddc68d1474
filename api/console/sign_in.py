"""Signing in to the console, and out."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, staff
from activities.storage.audit import Actor
from api.console.frame import COOKIE, HOME, ConsoleDep, ViewerDep
from api.pages.frame import form_of

router = APIRouter(prefix=HOME)


@router.get("/sign-in")
async def show(frame: ConsoleDep, wanted: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """The page to sign in."""
    return frame.page("sign-in.html", None, wanted=_ours(wanted), login="", failed=False)


@router.post("/sign-in")
async def sign_in(request: Request, frame: ConsoleDep) -> Response:
    """Open a session. The answer to a wrong login and to a wrong password is the same."""
    frame.limit_sign_ins(request)
    fields = await form_of(request)
    login, password, wanted = (str(fields.get(name, "")) for name in ("login", "password", "next"))
    database, now = frame.services.database, frame.now
    member = await database.read(lambda session: staff.find(session, login))
    if not await asyncio.to_thread(staff.admits, member, password) or member is None:
        return frame.page("sign-in.html", None, 403, wanted=_ours(wanted), login=login, failed=True)

    def transaction(session: Session) -> str:
        audit.record(session, Actor(member.id, member.name), "staff.sign-in", ("staff", member.id), now)
        return staff.sign_in(session, member.id, now)

    token = await database.write(transaction)
    answer = frame.redirect(_ours(wanted))
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(staff.SESSION_SPAN.total_seconds()),
        path=HOME,
        secure=frame.services.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """Close the session."""
    await frame.form(request, visit)
    await frame.services.database.write(lambda session: staff.sign_out(session, visit.token))
    answer = frame.redirect(f"{HOME}/sign-in")
    answer.delete_cookie(COOKIE, path=HOME)
    return answer


def _ours(wanted: str) -> str:
    """Only a page of the console: never lead people who have just signed in elsewhere."""
    inside = wanted == HOME or wanted.startswith(f"{HOME}/")
    return wanted if inside and "//" not in wanted and "\\" not in wanted else HOME
