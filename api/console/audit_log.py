"""Who of the staff did what, when and why."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from activities.storage import audit, staff
from activities.storage.tables import AuditEntry, StaffMember
from api.console.frame import HOME, ConsoleDep, ViewerDep
from api.values.numbers import whole

router = APIRouter(prefix=f"{HOME}/audit")

PAGE = 100
KINDS = ("customer", "enrollment", "journey", "voucher", "channel", "import", "staff")
PLACES = {
    "customer": f"{HOME}/customers/",
    "journey": f"{HOME}/journeys/",
    "voucher design": f"{HOME}/vouchers/",
    "import": f"{HOME}/imports/",
}


@router.get("")
async def show(
    frame: ConsoleDep, visit: ViewerDep, who: str = "", what: str = "", subject: str = "", before: str = ""
) -> Response:
    """The log, the latest action first."""
    subject = subject.strip()
    cursor = whole(before)

    def transaction(session: Session) -> tuple[list[AuditEntry], list[StaffMember]]:
        found = audit.entries(
            session,
            actor=who or None,
            action=what if what in KINDS else "",
            subject_id=subject,
            before=cursor,
            limit=PAGE + 1,
        )
        return found, staff.members(session)

    entries, members = await frame.services.database.read(transaction)
    query = urlencode({key: value for key, value in {"who": who, "what": what, "subject": subject}.items() if value})
    older = f"{HOME}/audit?{query}&before={entries[PAGE - 1].id}" if len(entries) > PAGE else ""
    return frame.page(
        "audit.html",
        visit,
        entries=entries[:PAGE],
        members=members,
        names={member.id: member.name for member in members},
        kinds=KINDS,
        places=PLACES,
        kept={"who": who, "what": what, "subject": subject},
        filtered=bool(query),
        newest=f"{HOME}/audit?{query}" if cursor else "",
        older=older,
    )
