"""Staff: who may sign in, as what, and since when no more."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, staff
from activities.storage.staff import Role
from activities.storage.tables import StaffMember
from api.commits import commit
from api.console.frame import HOME, AdminDep, ConsoleDep, ConsoleFrame, RefusedError, Visit
from api.pages.frame import text_of

router = APIRouter(prefix=f"{HOME}/staff")

FIELDS = ("login", "name", "role", "timezone")
LONGEST = 100
DONE = {
    "added": "Added. Tell them their password on another way than by email.",
    "role": "The role is changed, from their next click on.",
    "disable": "Disabled. They are signed out everywhere.",
    "enable": "They may sign in again.",
}


@router.get("")
async def show(frame: ConsoleDep, visit: AdminDep, done: str = "") -> Response:
    """All members."""
    return await _page(frame, visit, told=DONE.get(done, ""))


@router.post("")
async def add(request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Add a member."""
    form = await frame.form(request, visit)
    typed = {name: text_of(form, name).strip() for name in FIELDS}
    password, now = text_of(form, "password"), frame.now
    wrong = _wrong(typed, password)
    if wrong:
        return await _page(frame, visit, typed=typed, wrong=wrong)
    role = Role.named(typed["role"])
    password_hash = await asyncio.to_thread(staff.hashed, password)  # slow on purpose

    def transaction(session: Session) -> bool:
        if staff.find(session, typed["login"]) is not None:
            return False
        member = staff.store_member(
            session, typed["login"], typed["name"], role, password_hash, now, typed["timezone"] or "UTC"
        )
        details = {"role": role.label}
        audit.record(session, visit.actor, "staff.add", ("staff", member.id), now, details=details)
        return True

    if not await commit(frame.services.database, transaction):
        return await _page(frame, visit, typed=typed, wrong={"login": "There is a member of this login already."})
    return frame.redirect(f"{HOME}/staff?done=added")


@router.post("/{member_id}")
async def change(member_id: str, request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Give a member another role, disable them, or let them in again."""
    form = await frame.form(request, visit)
    action, role, now = text_of(form, "do"), text_of(form, "role"), frame.now
    if member_id == visit.member.id:
        raise RefusedError("Nobody changes what they may do themselves: ask another admin.", 409)
    if action not in {"role", "disable", "enable"} or (action == "role" and role not in _roles()):
        raise RefusedError("There is no such action.", 422)

    def transaction(session: Session) -> None:
        member = session.get(StaffMember, member_id)
        if member is None:
            raise RefusedError("There is no such member.", 404)
        details = {}
        if action == "role":
            details = {"from": member.role, "to": role}
            member.role = role
        elif action == "disable":
            staff.disable(session, member.login, now)
        else:
            member.disabled_at = None
        session.add(member)
        audit.record(session, visit.actor, f"staff.{action}", ("staff", member.id), now, details=details)

    await commit(frame.services.database, transaction)
    return frame.redirect(f"{HOME}/staff?done={action}")


def _roles() -> list[str]:
    return [role.label for role in Role]


def _wrong(typed: Mapping[str, str], password: str) -> dict[str, str]:
    wrong = {name: f"Please use at most {LONGEST} characters." for name in FIELDS if len(typed[name]) > LONGEST}
    if not typed["login"]:
        wrong["login"] = "They need a login."
    if typed["role"] not in _roles():
        wrong["role"] = "Choose a role."
    if typed["timezone"] and typed["timezone"] not in available_timezones():
        wrong["timezone"] = "Use an IANA name such as Europe/London."
    if len(password) < staff.PASSWORD_LENGTH:
        wrong["password"] = f"At least {staff.PASSWORD_LENGTH} characters."
    return wrong


async def _page(
    frame: ConsoleFrame,
    visit: Visit,
    told: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    members = await frame.services.database.read(staff.members)
    return frame.page(
        "staff.html",
        visit,
        422 if wrong else 200,
        members=members,
        done=told,
        roles=_roles(),
        typed=defaultdict(str, typed or {"role": "viewer", "timezone": visit.member.timezone}),
        wrong=defaultdict(str, wrong or {}),
    )
