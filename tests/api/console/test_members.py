"""Staff in the console: who may sign in, and as what."""

import httpx
import pytest

from activities.providers.trusted import trusted
from activities.storage import audit, staff
from activities.storage.staff import Role
from tests.api.conftest import Server
from tests.api.console.conftest import PASSWORD, Browser

LIST = "/console/staff"
NEW = {"login": "Sam", "name": "Sam Sample", "role": "support", "timezone": "Europe/Prague", "password": PASSWORD}


async def _signs_in(api: Server, login: str) -> bool:
    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False) as http:
        answer = await http.post("/console/sign-in", data={"login": login, "password": PASSWORD})
    return answer.status_code == 303


async def test_an_admin_adds_a_member_who_can_sign_in(api: Server, admin: Browser) -> None:
    """A new member signs in with the first password, and it is written down who added them, without it."""
    answer = await admin.submit(LIST, LIST, **NEW)
    assert "Added." in (await admin.get(answer.headers["location"])).text
    assert await _signs_in(api, "sam")
    [entry] = [each for each in api.rows(audit.entries) if each.action == "staff.add"]
    assert (entry.actor_name, entry.details) == ("Robin Admin", {"role": "support"})


@pytest.mark.parametrize(
    ("field", "value"),
    [("login", ""), ("login", "admin"), ("role", "owner"), ("timezone", "Prague"), ("password", "short")],
)
async def test_a_wrong_member_is_refused_at_the_field(api: Server, admin: Browser, field: str, value: str) -> None:
    """What cannot be is said where it stands; a password typed is never sent back."""
    answer = await admin.submit(LIST, LIST, **NEW | {field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert PASSWORD not in answer.text
    assert [each.login for each in api.rows(staff.members)] == ["admin"]


async def test_a_role_is_changed_and_a_member_disabled(api: Server, admin: Browser) -> None:
    """Both take effect at once, can be taken back, and are written down."""
    api.change(lambda session: staff.add_member(session, "sam", "Sam", Role.VIEWER, PASSWORD, api.clocks.now()))
    member = api.rows(lambda session: staff.find(session, "sam"))
    assert member is not None
    path = f"{LIST}/{member.id}"
    assert (await admin.submit(LIST, path, do="role", role="support")).status_code == 303
    assert "Disabled." in (await admin.get((await admin.submit(LIST, path, do="disable")).headers["location"])).text
    assert not await _signs_in(api, "sam")
    await admin.submit(LIST, path, do="enable")
    assert await _signs_in(api, "sam")
    found = api.rows(lambda session: staff.find(session, "sam"))
    assert found is not None
    assert found.role == "support"
    actions = [each.action for each in api.rows(lambda session: audit.entries(session, subject=("staff", member.id)))]
    assert actions[1:] == ["staff.enable", "staff.disable", "staff.role"]


async def test_nobody_locks_themselves_out(api: Server, admin: Browser) -> None:
    """An admin changes neither their own role nor their own access, so there is always one left."""
    own = api.rows(staff.members)[0].id
    for fields in ({"do": "role", "role": "viewer"}, {"do": "disable"}):
        assert (await admin.submit(LIST, f"{LIST}/{own}", **fields)).status_code == 409
    assert (await admin.get(LIST)).status_code == 200


async def test_wrong_actions_are_refused(admin: Browser) -> None:
    """Neither an unknown action, nor an unknown role, nor an unknown member does anything."""
    assert (await admin.submit(LIST, f"{LIST}/stf_none", do="disable")).status_code == 404
    assert (await admin.submit(LIST, f"{LIST}/stf_none", do="role", role="owner")).status_code == 422


async def test_only_admins_look_after_staff(support: Browser) -> None:
    """Support neither sees the page nor a link to it."""
    assert (await support.get(LIST)).status_code == 403
    assert LIST not in (await support.get("/console/customers")).text
    assert (await support.submit("/console/customers", LIST, **NEW)).status_code == 403
