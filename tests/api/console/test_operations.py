"""What stands in the way, in the console: stuck journeys, and providers."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from activities.storage import audit, provider_states
from api.console.frame import ConsoleFrame
from tests.api.conftest import Server
from tests.api.console.conftest import Browser

STUCK, PROVIDERS = "/console/stuck", "/console/providers"


Change = Callable[..., None]


@pytest.fixture
def change(api: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    """Gives the console other services, for this test."""
    original, frames = ConsoleFrame.visit, list[ConsoleFrame]()

    def changed(**services: Any) -> None:
        async def visit(frame: ConsoleFrame, request: Any) -> Any:
            frames.append(frame)
            frame.services = dataclasses.replace(api.services, **services)
            return await original(frame, request)

        monkeypatch.setattr(ConsoleFrame, "visit", visit)

    yield changed
    for frame in frames:
        frame.services = api.services


@pytest.fixture
def temporal(change: Change) -> list[Any]:
    """What Temporal would say is stuck; None in the list stands for its absence."""
    says: list[Any] = []

    async def stuck() -> Sequence[Mapping[str, Any]] | None:
        return None if None in says else says

    change(stuck=stuck)
    return says


async def test_what_is_stuck_is_grouped_by_reason(api: Server, viewer: Browser, temporal: list[Any]) -> None:
    """Staff see who stands still since when and why, with links to the customer and to the Temporal UI."""
    answer = await api.register(first_name="Ada", email="ada@example.com")
    entered = answer["enrollments"][0]
    temporal.append(
        {"id": entered["id"], "journey": entered["journey"], "workflow_id": entered["workflow_id"],
         "since": "2026-11-22T10:00:00Z", "attempts": 7, "reason": "KeyError: 'voucher'"}
    )  # fmt: skip
    page = (await viewer.get(STUCK)).text
    assert "1 in data-collection-voucher" in page
    assert "KeyError: &#39;voucher&#39;" in page
    assert f"/console/customers/{answer['customer_id']}" in page
    assert "http://127.0.0.1:8233/namespaces/default/workflows/" in page
    assert "Sun 22 Nov 2026, 10:00" in page


async def test_nothing_stuck_and_nobody_to_ask(viewer: Browser, temporal: list[Any]) -> None:
    """That nothing is stuck is not mistaken for that nobody knows."""
    assert "Nothing is stuck" in (await viewer.get(STUCK)).text
    temporal.append(None)
    assert "Temporal does not answer" in (await viewer.get(STUCK)).text


async def test_an_admin_pauses_and_resumes_a_channel(api: Server, admin: Browser) -> None:
    """A paused channel says since when and why; both actions are written down."""
    paused = await admin.submit(PROVIDERS, PROVIDERS, channel="sms", do="pause", reason="their key expired")
    page = (await admin.get(paused.headers["location"])).text
    assert "Paused since" in page
    assert "their key expired" in page
    assert api.rows(provider_states.all_states)["carrier"].paused_since is not None
    await admin.submit(PROVIDERS, PROVIDERS, channel="sms", do="resume")
    assert api.rows(provider_states.all_states)["carrier"].paused_since is None
    entries = api.rows(lambda session: audit.entries(session, action="channel"))
    assert [(entry.action, entry.subject_id, entry.why) for entry in entries] == [
        ("channel.resume", "sms", ""),
        ("channel.pause", "sms", "their key expired"),
    ]


async def test_channels_of_one_provider_stand_together(admin: Browser, change: Change) -> None:
    """Who delivers emails and texts is paused once, and what waits there is told once."""
    change(providers={"email": "post", "sms": "post", "push": "app"})
    page = (await admin.get(PROVIDERS)).text
    assert page.count('<section class="panel"') == 2
    assert "Email, Text</h2>" in page


async def test_a_pause_needs_a_reason_and_a_channel(api: Server, admin: Browser) -> None:
    """Without a reason, or for a channel that is none, nothing happens."""
    answer = await admin.submit(PROVIDERS, PROVIDERS, channel="sms", do="pause", reason="")
    assert answer.status_code == 422
    assert "Please say why" in answer.text
    assert (await admin.submit(PROVIDERS, PROVIDERS, channel="fax", do="pause", reason="x")).status_code == 404
    assert (await admin.submit(PROVIDERS, PROVIDERS, channel="sms", do="break", reason="x")).status_code == 422
    assert api.rows(provider_states.all_states) == {}


async def test_support_reads_how_providers_stand(support: Browser) -> None:
    """Support sees the channels and no buttons, and is refused."""
    page = (await support.get(PROVIDERS)).text
    assert "Messages go out over carrier" in page
    assert 'name="do"' not in page
    assert (await support.submit(PROVIDERS, PROVIDERS, channel="sms", do="pause", reason="x")).status_code == 403
