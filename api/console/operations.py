"""What stands in the way: journeys that are stuck, and providers that take no messages."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from activities.storage import audit, provider_states
from activities.storage.channel_states import ChannelState, channel_states
from activities.storage.tables import Enrollment
from api.answers import ui_link
from api.commits import commit
from api.console import wording
from api.console.frame import HOME, AdminDep, ConsoleDep, ConsoleFrame, RefusedError, ViewerDep, Visit
from api.console.reasons import reason_in
from api.pages.frame import text_of

router = APIRouter(prefix=HOME)

Act = Callable[[Session, str, str, datetime], bool]

ACTIONS: dict[str, Act] = {
    "pause": provider_states.pause,
    "resume": lambda session, provider, _reason, now: provider_states.resume(session, provider, now),
}
DONE = {
    "pause": "Paused. Messages wait, none is lost.",
    "resume": "Resumed. What waited follows within half an hour, inside its customers’ hours.",
}


@router.get("/stuck")
async def show_stuck(frame: ConsoleDep, visit: ViewerDep) -> Response:
    """Journeys that only a fix can help, those with the same reason together."""
    services = frame.services
    found = await services.stuck() if services.stuck is not None else None
    rows = found or []

    def transaction(session: Session) -> dict[str, str]:
        ids = [each["id"] for each in rows]
        statement = select(Enrollment.id, Enrollment.customer_id).where(col(Enrollment.id).in_(ids))
        return dict(session.exec(statement).all())

    customers = await services.database.read(transaction) if rows else {}
    together: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in rows:
        since = datetime.fromisoformat(each["since"]) if each["since"] else None
        row = {**each, "since": since, "ui": ui_link(services.settings, each["workflow_id"])}
        together.setdefault((each["journey"], each["reason"]), []).append(row)
    groups = sorted(together.items(), key=lambda group: -len(group[1]))
    return frame.page(
        "stuck.html", visit, known=found is not None, groups=groups, number=len(rows), customers=customers
    )


@router.get("/providers")
async def show_providers(frame: ConsoleDep, visit: ViewerDep, done: str = "") -> Response:
    """Who delivers, whether they may, and what waits."""
    return await _providers(frame, visit, told=DONE.get(done, ""))


@router.post("/providers")
async def act(request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Pause or resume a channel, and with it all others that go over the same provider."""
    form = await frame.form(request, visit)
    channel, name = text_of(form, "channel"), text_of(form, "do")
    action = ACTIONS.get(name)
    if action is None:
        raise RefusedError("There is no such action.", 422)
    reason, wrong = reason_in(form, required=name == "pause")
    if wrong:
        return await _providers(frame, visit, wrong={channel: wrong})
    services, now = frame.services, frame.now

    def transaction(session: Session) -> None:
        known = {each.channel: each for each in channel_states(session, services.providers, now)}
        if channel not in known:
            raise RefusedError("There is no such channel.", 404)
        if action(session, known[channel].provider, reason, now):
            audit.record(session, visit.actor, f"channel.{name}", ("channel", channel), now, why=reason)

    await commit(services.database, transaction)
    return frame.redirect(f"{HOME}/providers?done={name}")


async def _providers(
    frame: ConsoleFrame, visit: Visit, told: str = "", wrong: Mapping[str, str] | None = None
) -> Response:
    services, now = frame.services, frame.now
    found: Sequence[ChannelState] = await services.database.read(
        lambda session: channel_states(session, services.providers, now)
    )
    together: dict[str, list[ChannelState]] = {}
    for each in found:
        together.setdefault(each.provider, []).append(each)
    return frame.page(
        "providers.html",
        visit,
        422 if wrong else 200,
        together=together.values(),
        channels=services.providers,
        done=told,
        wrong=wrong or {},
        words=wording,
    )
