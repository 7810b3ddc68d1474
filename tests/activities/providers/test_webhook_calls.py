"""The calls of journeys against a real HTTP server: what each answer means, and where they may not go."""

import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.http_calls import TOO_LATE
from activities.providers.webhook_calls import WebhookCalls
from activities.webhooks import Call
from tests.activities.providers.http_server import HttpServer, an_answer, an_http_server
from tests.activities.storage.rows import NOON

OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "A" * 32


def a_call(url: str, **changes: Any) -> Call:
    """A call that may go."""
    usual: dict[str, Any] = {"headers": {"X-Shop": "hearth"}, "body": '{"name":"Zoë"}'.encode(), "signing_secret": ""}
    return Call(key="msg_1", url=url, decided_at=NOON, **{"deadline": time.monotonic() + 10, **usual, **changes})


async def made(call: Call, mailbox: Path | None = None, *, allow_private: bool = True) -> Verdict:
    """What becomes of a call."""
    calls = WebhookCalls(mailbox, allow_private=allow_private)
    try:
        return await calls.call(call)
    finally:
        await calls.aclose()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (an_answer(200), Accepted("msg_1")),
        (an_answer(202, b'{"id": "p-7"}'), Accepted("p-7")),
        (an_answer(422, b'{"error": "address"}'), Refused("422")),
        (an_answer(429, Retry_After="7"), Unavailable("429", 7.0)),
        (an_answer(500), Ambiguous("500")),
        (None, Ambiguous("RemoteProtocolError after the call was begun")),
    ],
)
async def test_each_answer_has_its_meaning(answer: bytes | None, expected: Verdict) -> None:
    """The service's word counts: taken, refused, later, or nobody knows."""
    async with an_http_server(HttpServer(answer=answer)) as server:
        assert await made(a_call(f"http://127.0.0.1:{server.port}/push?x=1")) == expected
    (call,) = server.calls
    assert (call.target, call.headers["x-shop"], call.json()) == ("/push?x=1", "hearth", {"name": "Zoë"})


@pytest.mark.parametrize("status", [301, 401, 403, 404, 410])
async def test_a_wrong_setting_is_tried_again_and_named(status: int) -> None:
    """A wrong token loses no call: staff read where to look, and nothing is followed elsewhere."""
    async with an_http_server(HttpServer(answer=an_answer(status, Location="http://127.0.0.1:1/"))) as server:
        verdict = await made(a_call(f"http://127.0.0.1:{server.port}/"))
    assert isinstance(verdict, Misconfigured if status in {401, 403, 410} else Unavailable)
    assert "the journey's webhook" in verdict.reason


async def test_a_signing_secret_can_be_replaced_without_a_gap() -> None:
    """While a secret is replaced, calls can be checked with either."""
    async with an_http_server() as server:
        await made(a_call(f"http://127.0.0.1:{server.port}/", signing_secret=f"{OLD} {NEW}"))
    (call,) = server.calls
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(call.body, call.headers) == {"name": "Zoë"}


@pytest.mark.parametrize(
    ("url", "more", "reason"),
    [
        ("http://example.com/", {}, "must begin with https://"),
        ("https://127.0.0.1/", {}, "address is not allowed"),
        ("https://user@example.com/", {}, "no user name"),
        ("https://127.0.0.1/", {"signing_secret": "short"}, "24 to 64 bytes"),
        ("https://127.0.0.1/", {"deadline": 0.0}, TOO_LATE),
        ("mailbox:push", {}, "no mailbox"),
    ],
)
async def test_what_must_not_be_called_is_not(url: str, more: dict[str, Any], reason: str) -> None:
    """A call into one's own network, without a proper signature or too late never leaves the machine."""
    verdict = await made(a_call(url, **more), allow_private=False)
    assert isinstance(verdict, Unavailable)
    assert reason in verdict.reason


async def test_a_call_tells_nothing_where_it_is_printed() -> None:
    """A call in a log or a traceback shows neither headers nor body nor the signing secret."""
    assert "Zoë" not in repr(a_call("mailbox:push", signing_secret=OLD))
    assert OLD not in repr(a_call("mailbox:push", signing_secret=OLD))


async def test_a_call_kept_twice_is_one_file(tmp_path: Path) -> None:
    """A repeated call shows once in the mailbox; a mailbox that cannot be written to is named."""
    for _ in range(2):
        assert isinstance(await made(a_call("mailbox:push"), tmp_path / "mail"), Accepted)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{NOON:%Y%m%dT%H%M%SZ}-webhook-msg_1.json"]
    (tmp_path / "file").write_text("")
    verdict = await made(a_call("mailbox:push"), tmp_path / "file")
    assert isinstance(verdict, Unavailable)
    assert str(tmp_path / "file") in verdict.reason
