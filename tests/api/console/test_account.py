"""A member's own account in the console."""

from sqlmodel import Session, select

from activities.storage.tables import AuditEntry, StaffMember
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

PAGE = "/console/account"


async def test_a_member_asks_for_the_summary_and_for_none(viewer: Browser, api: Server) -> None:
    """Everybody may have the summary sent to an address of theirs, and end it; the audit log keeps no address."""
    asked = await viewer.submit(PAGE, f"{PAGE}/summary", to="Robin@Example.com")
    assert asked.headers["location"].endswith("?done=on")
    assert "next Monday" in (await viewer.get(asked.headers["location"])).text
    assert api.rows(_address) == "Robin@example.com"
    ended = await viewer.submit(PAGE, f"{PAGE}/summary", to="")
    assert ended.headers["location"].endswith("?done=off")
    assert api.rows(_address) == ""
    written = api.rows(lambda session: session.exec(select(AuditEntry)).all())
    actions = [row.action for row in written if row.action.startswith("staff.summary")]
    assert actions == ["staff.summary-on", "staff.summary-off"]
    assert "example.com" not in str([row.model_dump() for row in written])


async def test_an_address_that_is_none_is_told_at_its_field(viewer: Browser, api: Server) -> None:
    """A slip of the pen is shown where it was made, and changes nothing."""
    answer = await viewer.submit(PAGE, f"{PAGE}/summary", to="robin@")
    assert answer.status_code == 422
    assert 'id="to-error"' in answer.text
    assert 'value="robin@"' in answer.text
    assert api.rows(_address) == ""


def _address(session: Session) -> str:
    return session.exec(select(StaffMember)).one().summary_to
