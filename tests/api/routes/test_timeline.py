"""A customer's timeline over HTTP."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import Session

from activities.providers.trusted import trusted
from activities.storage.tables import Enrollment, Message, TimelineEntry, Voucher, VoucherDesign
from tests.api.conftest import Server, serving

AT = datetime(2027, 3, 28, 7, 30, tzinfo=UTC)


def lived(session: Session, enrollment_id: str) -> None:
    """Write down what a journey did."""
    row = session.get(Enrollment, enrollment_id)
    assert row is not None
    session.add(VoucherDesign(name="profile-reward", value="£10 off"))
    session.flush()
    session.add(
        Message(
            id="msg_1", enrollment_id=enrollment_id, customer_id=row.customer_id, step="reminder", visit=1,
            channel="email", template="complete-your-account", state="accepted", message_class="marketing",
            first_asked_at=AT, to="ada@example.com", subject="Your account", text="Please complete it.",
        )
    )  # fmt: skip
    session.add(
        Voucher(code="SAVE-1", id="vou_1", design="profile-reward", state="assigned", enrollment_id=enrollment_id)
    )
    lines: list[tuple[str, str, dict[str, Any]]] = [
        ("check", "complete", {"condition": "complete", "result": False}),
        ("wait", "first_wait", {"until": "2027-03-31T07:30:00+00:00", "why": "time to complete it"}),
        ("message", "reminder", {"channel": "email", "template": "complete-your-account", "result": "sent",
                                 "message_id": "msg_1"}),
        ("message", "offer", {"channel": "email", "template": "voucher-offer", "result": "suppressed:opted out"}),
        ("voucher", "reward", {"design": "profile-reward", "voucher_id": "vou_1"}),
        ("outcome", "end", {"outcome": "rewarded by email", "reason": ""}),
    ]  # fmt: skip
    for seq, (kind, step, data) in enumerate(lines):
        session.add(TimelineEntry(enrollment_id=enrollment_id, seq=seq, at=AT, kind=kind, step=step, data=data))


async def test_the_timeline_tells_what_happened(api: Server) -> None:
    """Support reads what the customer got, when on the customer's clock, and why something was not sent."""
    registered = await api.register(id="c1", email="ada@example.com", timezone="Europe/Prague")
    enrollment = registered["enrollments"][0]["id"]
    api.change(lambda session: lived(session, enrollment))
    answer = (await api.http.get("/v1/customers/c1/timeline")).json()

    assert [row["id"] for row in answer["enrollments"]] == [enrollment]
    assert answer["enrollments"][0]["next"] is None
    check, wait, reminder, offer, voucher, outcome = answer["timeline"]
    assert check == {
        "at": "2027-03-28T07:30:00Z", "local": "2027-03-28T09:30:00+02:00", "kind": "check", "step": "complete",
        "condition": "complete", "result": False, "enrollment": enrollment,
        "text": "Checked whether the customer is 'complete': no.",
    }  # fmt: skip
    assert wait["until"] == "2027-03-31T07:30:00Z"
    assert wait["text"] == "Waits until 2027-03-31 09:30, customer's clock: time to complete it."
    assert (reminder["to"], reminder["subject"], reminder["body"]) == (
        "ada@example.com", "Your account", "Please complete it.",
    )  # fmt: skip
    assert (offer["to"], offer["body"]) == (None, None)
    assert offer["text"] == "Did not send the email 'voucher-offer': opted out."
    assert voucher["code"] == "SAVE-1"
    assert "voucher_id" not in voucher
    assert (outcome["outcome"], outcome["text"]) == ("rewarded by email", "The journey ended: rewarded by email.")


async def test_the_timeline_tells_what_comes_next(api: Server, tmp_path: Path) -> None:
    """Support reads what an open journey waits for and until when; if Temporal cannot say, the rest is there."""
    del tmp_path

    async def next_step(_workflow_id: str) -> Mapping[str, Any]:
        return {"what": "waits for the profile", "at": AT}

    await api.register(id="c1", timezone="Europe/Prague")
    services = replace(api.services, next_step=next_step)
    async with (
        serving(services) as url,
        httpx.AsyncClient(base_url=url, headers=api.http.headers, verify=trusted(), trust_env=False) as http,
    ):
        answer = (await http.get("/v1/customers/c1/timeline")).json()
    assert answer["enrollments"][0]["next"] == {
        "what": "waits for the profile", "at": "2027-03-28T07:30:00Z", "local": "2027-03-28T09:30:00+02:00",
    }  # fmt: skip
