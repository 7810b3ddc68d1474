"""A member's own account: who they are here, and whether a summary reaches them each week."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, summaries
from api import values
from api.commits import commit
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, ViewerDep, Visit
from api.pages.frame import text_of

router = APIRouter(prefix=f"{HOME}/account")

DONE = {
    "on": "The summary reaches you from next Monday on, at eight on your clock.",
    "off": "No summary reaches you any more.",
}


@router.get("")
async def show(frame: ConsoleDep, visit: ViewerDep, done: str = "") -> Response:
    """The page."""
    return _page(frame, visit, visit.member.summary_to, done=DONE.get(done, ""))


@router.post("/summary")
async def wish(request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """Ask for the weekly summary, or for none."""
    typed = text_of(await frame.form(request, visit), "to").strip()
    try:
        to = values.email(typed) if typed else ""
    except values.WrongValueError as error:
        return _page(frame, visit, typed, wrong=str(error))
    now, wanted = frame.now, "on" if to else "off"

    def transaction(session: Session) -> None:
        summaries.wish(session, visit.member.id, to)
        audit.record(session, visit.actor, f"staff.summary-{wanted}", ("staff", visit.member.id), now)

    await commit(frame.services.database, transaction)
    return frame.redirect(f"{HOME}/account?done={wanted}")


def _page(frame: ConsoleFrame, visit: Visit, to: str, *, done: str = "", wrong: str = "") -> Response:
    return frame.page("account.html", visit, 422 if wrong else 200, to=to, done=done, wrong=wrong)
