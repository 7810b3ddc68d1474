"""The process: evidence first, then whatever the script says."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from activities.providers.trusted import trusted
from tests.fake_providers import FakeProviders, fake_providers
from tests.system import until

KEY = "msg_1"


async def send(fakes: FakeProviders, key: str = KEY, **more: Any) -> httpx.Response:
    """One email by Resend's API."""
    settings = await fakes.settings("resend")
    return await fakes.client.post(
        "/resend/emails",
        json={
            "from": "shop@shop.example.com",
            "to": ["ada@example.com"],
            "subject": "Hello",
            "tags": [{"name": "sojourn_message", "value": key}],
        }
        | more,
        headers={"authorization": f"Bearer {settings['SOJOURN_RESEND_API_KEY']}", "idempotency-key": key},
    )


async def test_a_request_is_evidence_in_the_file_and_over_http(fakes: FakeProviders) -> None:
    """A tester finds every request with its key and its recipient, on the disk and over HTTP."""
    assert (await send(fakes)).status_code == 200
    [entry] = await fakes.journal("resend")
    assert json.loads(fakes.journal_file.read_text().splitlines()[-1]) == entry
    assert (entry["key"], entry["recipient"], entry["path"]) == (KEY, "ada@example.com", "/emails")
    assert json.loads(entry["body"])["subject"] == "Hello"
    [sent] = await fakes.sent("resend")
    assert sent["request"] == entry["id"]


async def test_a_key_delivers_once(fakes: FakeProviders) -> None:
    """Where the real provider keeps keys, a repeated request is answered as before and delivers nothing."""
    first, again = await send(fakes), await send(fakes)
    assert first.json() == again.json()
    assert (await send(fakes, subject="Another")).status_code == 409
    assert len(await fakes.sent()) == 1
    assert len(await fakes.journal()) == 3


async def test_rules_are_used_up_in_their_order(fakes: FakeProviders) -> None:
    """A tester says what the first, the second and the third request meet, and the fourth is well again."""
    await fakes.script(
        "resend",
        {"do": "answer", "status": 429, "retry_after": "7", "times": 2},
        {"do": "answer", "status": 500, "body": {"message": "no"}, "processed": True},
    )
    answers = [await send(fakes, f"msg_{each}") for each in range(4)]
    assert [each.status_code for each in answers] == [429, 429, 500, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert [each["sending"]["key"] for each in await fakes.sent()] == ["msg_2", "msg_3"]


@pytest.mark.parametrize("processed", [True, False])
@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"do": "reset"}, httpx.ReadError),
        ({"do": "garbage"}, httpx.RemoteProtocolError),
        ({"do": "hang", "seconds": 30}, httpx.ReadTimeout),
    ],
)
async def test_a_connection_can_fail_as_networks_do(
    rule: dict[str, Any], error: type[Exception], processed: bool, fakes: FakeProviders
) -> None:
    """A tester gets a real reset, real noise and real silence, each before or after the message was taken."""
    await fakes.script("resend", {**rule, "processed": processed})
    settings = await fakes.settings("resend")
    async with httpx.AsyncClient(timeout=httpx.Timeout(5, read=0.5), verify=trusted(), trust_env=False) as client:
        with pytest.raises(error):
            await client.post(
                f"{settings['SOJOURN_RESEND_URL']}/emails",
                json={"from": "a@example.com", "to": "b@example.com", "subject": "c"},
                headers={"authorization": f"Bearer {settings['SOJOURN_RESEND_API_KEY']}"},
            )
    assert len(await fakes.sent()) == processed
    assert len(await fakes.journal()) == 1


async def test_chance_is_the_same_for_the_same_seed(fakes: FakeProviders) -> None:
    """A failing run can be run again: under one seed the nth request always meets the same fate."""

    async def fates(seed: int) -> list[int]:
        rules = [{"do": "answer", "status": 503}, {"do": "answer", "status": 429}]
        await fakes.script("resend", chaos={"seed": seed, "probability": 0.5, "rules": rules})
        return [(await send(fakes, f"msg_{seed}_{each}")).status_code for each in range(20)]

    first = await fates(1)
    assert set(first) == {200, 429, 503}
    assert await fates(1) == first
    assert await fates(2) != first


async def test_callbacks_come_first_late_and_twice(tmp_path: Path) -> None:
    """A tester makes a provider tell before it answers, later, and the same thing twice."""
    arrived: list[tuple[str, bytes, dict[str, str]]] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        arrived.append((first.split()[1], await reader.readexactly(int(headers["content-length"])), headers))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/hooks"
    try:
        async with fake_providers(tmp_path, callbacks=address) as fakes:
            later = {"event": "delivered", "after": 0.2, "times": 2}
            await fakes.script("resend", callbacks=[{"event": "opened", "first": True}, later])
            await send(fakes)
            assert [json.loads(body)["type"] for _, body, _ in arrived] == ["email.opened"]

            async def all_posted() -> bool:
                return len(await fakes.callbacks()) == 3

            await until(all_posted, what="the callbacks")
    finally:
        server.close()
        await server.wait_closed()
    assert [path for path, _, _ in arrived] == ["/v1/hooks/resend"] * 3
    assert arrived[1] == arrived[2]
    assert arrived[1][2]["svix-id"] != arrived[0][2]["svix-id"]


async def test_a_rule_can_be_for_one_recipient(fakes: FakeProviders) -> None:
    """A tester refuses one customer's address for good while the others get their messages."""
    await fakes.script("resend", {"do": "answer", "status": 422, "times": 0, "recipient": "bob@example.com"})
    bob = [(await send(fakes, f"msg_{each}", to=["bob@example.com"])).status_code for each in range(2)]
    assert [*bob, (await send(fakes, "msg_ada")).status_code] == [422, 422, 200]
