"""Voucher designs and pools in the console."""

import re
from datetime import timedelta
from typing import Any

import pytest

from activities.storage import audit, vouchers
from activities.storage.designs import standard_design
from activities.storage.tables import Voucher, VoucherDesign
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

LIST, DESIGN = "/console/vouchers", "/console/vouchers/profile-reward"
FORM = {"value": "£5 off", "minimum": "", "short": "", "terms": "", "valid_days": "30", "unit_cost": "450"}


def _load(api: Server, number: int) -> None:
    design = standard_design("profile-reward")
    codes = [f"CODE-{each}" for each in range(number)]
    api.change(lambda session: vouchers.load(session, design, codes))


def _reserve(api: Server, number: int, days: float) -> None:
    """Codes that left the pool during the last days, evenly."""
    now = api.clocks.now()

    def transaction(session: Any) -> None:
        for each in range(number):
            row = session.get_one(Voucher, f"CODE-{each}")
            row.state, row.reserved_at = "reserved", now - timedelta(days=days) * (each + 0.5) / number
            session.add(row)

    api.change(transaction)


@pytest.mark.parametrize(
    ("codes", "used", "words"),
    [
        (0, 0, "None is free"),
        (10, 0, "10 free, none used of late"),
        (30, 14, "16 free, 2 a day: enough until about"),
        (30, 28, "Pool “profile-reward” is low"),
        (14, 14, "Pool “profile-reward” is empty"),
    ],
)
async def test_stock_is_told_in_words(api: Server, viewer: Browser, codes: int, used: int, words: str) -> None:
    """Staff read how many codes are left, how fast they go and until when they last, and are warned in time."""
    _load(api, codes)
    _reserve(api, used, 6.9)
    assert words in (await viewer.get(LIST)).text


async def test_a_pool_reads_alike_wherever_it_is_shown(api: Server, viewer: Browser) -> None:
    """A marketer finds the same words, numbers and colours on the journey's page and on the voucher's."""
    _load(api, 30)
    _reserve(api, 3, 6.9)
    pages = [(await viewer.get(path)).text for path in ("/console/journeys/data-collection-voucher", DESIGN)]
    shown = [re.search(r'<span class="pool">.*?</dl>', page, re.DOTALL) for page in pages]
    assert shown[0] is not None
    assert shown[1] is not None
    assert shown[0][0] == shown[1][0]
    assert [word in shown[0][0] for word in ("Assigned", "Promised", "Free")] == [True] * 3
    assert "Given" not in (await viewer.get(LIST)).text


async def test_an_admin_creates_and_changes_a_design(api: Server, admin: Browser) -> None:
    """A design typed in is stored as it reads, and every change is written down."""
    made = await admin.submit(f"{LIST}/new", f"{LIST}/new", name="summer-thanks", **FORM)
    assert made.headers["location"] == f"{LIST}/summer-thanks?done=created"
    changed = await admin.submit(f"{LIST}/summer-thanks", f"{LIST}/summer-thanks", **FORM | {"value": "£6 off"})
    assert "Changed" in (await admin.get(changed.headers["location"])).text
    design = api.rows(lambda session: session.get_one(VoucherDesign, "summer-thanks"))
    assert (design.value, design.short, design.valid_days, design.unit_cost) == ("£6 off", "£6 off", 30, 450)
    entries = api.rows(lambda session: audit.entries(session, action="voucher"))
    assert [entry.action for entry in entries] == ["voucher.change", "voucher.create"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": "Summer!"}, "name"), ({"value": ""}, "value"), ({"valid_days": "0"}, "valid_days"),
     ({"valid_days": "soon"}, "valid_days"), ({"valid_days": "²"}, "valid_days"),
     ({"valid_days": "9" * 5000}, "valid_days"), ({"unit_cost": "-1"}, "unit_cost"), ({"terms": "x" * 301}, "terms")],
)  # fmt: skip
async def test_a_wrong_design_is_refused_at_its_field(
    api: Server, admin: Browser, fields: dict[str, str], field: str
) -> None:
    """What cannot be is said where it stands, and nothing is stored."""
    answer = await admin.submit(f"{LIST}/new", f"{LIST}/new", **{"name": "summer", **FORM, **fields})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert api.rows(lambda session: session.get(VoucherDesign, "summer")) is None


async def test_a_name_is_taken_once(api: Server, admin: Browser) -> None:
    """Creating never changes a design that is there."""
    _load(api, 1)
    answer = await admin.submit(f"{LIST}/new", f"{LIST}/new", name="profile-reward", **FORM)
    assert answer.status_code == 422
    assert api.rows(lambda session: session.get_one(VoucherDesign, "profile-reward")).value == "£10 off"


async def _send(admin: Browser, content: bytes | str) -> Any:
    page = (await admin.get(DESIGN)).text
    token = page.partition('name="form_token" value="')[2].partition('"')[0]
    files = {"file": ("codes.csv", content)} if isinstance(content, bytes) else {"file": ("", b"")}
    fields = {"form_token": token, "codes": "" if isinstance(content, bytes) else content}
    return await admin.http.post(f"{DESIGN}/codes", data=fields, files=files)


@pytest.mark.parametrize("content", [b"code,worth\nCODE-0,10\nNEW-1,10\nNEW-2,10\n", "CODE-0\nNEW-1\r\nNEW-2"])
async def test_codes_are_loaded_from_a_file_or_typed_in(api: Server, admin: Browser, content: bytes | str) -> None:
    """New codes join the pool, known ones are passed over, and it is written down who loaded how many."""
    _load(api, 1)
    answer = await _send(admin, content)
    assert "2 new codes. 1 were known already." in (await admin.get(answer.headers["location"])).text
    assert api.rows(lambda session: session.get_one(Voucher, "NEW-2")).state == "free"
    assert api.rows(lambda session: audit.entries(session, action="voucher"))[0].details == {"codes": 2}


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"GOOD-1\nBAD CODE\n", "line 2"), (b"", "there are no codes"), (b"\xff\xfe", "not text in UTF-8")],
)
async def test_a_file_that_will_not_do_loads_nothing(api: Server, admin: Browser, content: bytes, words: str) -> None:
    """The line that is wrong is named, and none is loaded."""
    _load(api, 1)
    answer = await _send(admin, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert api.rows(lambda session: session.get(Voucher, "GOOD-1")) is None


async def test_a_code_of_another_design_is_refused(api: Server, admin: Browser) -> None:
    """One code never stands for two promises."""
    _load(api, 1)
    other = VoucherDesign(name="other", value="x")
    api.change(lambda session: vouchers.load(session, other, ["OTHER-1"]))
    answer = await _send(admin, b"NEW-1\nOTHER-1\n")
    assert answer.status_code == 422
    assert "belongs to design other" in answer.text
    assert api.rows(lambda session: session.get(Voucher, "NEW-1")) is None


async def test_only_admins_change_vouchers(api: Server, support: Browser) -> None:
    """Support sees the stock and no form."""
    _load(api, 1)
    page = (await support.get(DESIGN)).text
    assert "Load codes" not in page
    assert f"{LIST}/new" not in (await support.get(LIST)).text
    for path in (f"{LIST}/new", DESIGN, f"{DESIGN}/codes"):
        assert (await support.submit("/console/customers", path, **FORM)).status_code == 403, path


async def test_an_unknown_design_is_said_to_be(viewer: Browser) -> None:
    """A wrong address is a page that says so."""
    assert (await viewer.get(f"{LIST}/none")).status_code == 404
