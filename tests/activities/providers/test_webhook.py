"""The webhook against a real HTTP server: what the service is told, and what each of its answers means."""

import asyncio
import gzip
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.http_calls import TOO_LATE, seconds_to_wait
from activities.providers.webhook import WebhookProvider
from tests.activities.providers.deliveries import HTML, LONG_LINK, TEXT, a_text, an_email
from tests.activities.providers.http_server import HttpServer, an_answer, an_http_server

# The example of Standard Webhooks 1.0.0, which its own libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
KEY = an_email().key


@asynccontextmanager
async def provider(port: int, **settings: Any) -> AsyncIterator[WebhookProvider]:
    """A driver for the server on that port."""
    usual = {"url": f"http://127.0.0.1:{port}/messages?shop=1", "secret": SECRET, "allow_private": True}
    everything: dict[str, Any] = usual | settings
    made = WebhookProvider(**everything)
    try:
        yield made
    finally:
        await made.aclose()


async def answered(answer: bytes | None, **changes: Any) -> Verdict:
    """What comes of an email when the service answers so."""
    async with an_http_server(HttpServer(answer=answer)) as server, provider(server.port) as webhook:
        verdict = await webhook.deliver(an_email(**changes))
    assert len(server.calls) == 1, "a driver makes one attempt"
    return verdict


async def test_the_service_gets_the_whole_message() -> None:
    """The client's service is told everything it needs to send the message, under a key that it can keep."""
    async with an_http_server() as server, provider(server.port) as webhook:
        assert await webhook.deliver(an_email()) == Accepted(KEY)
    [call] = server.calls
    assert call.target == "/messages?shop=1"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-id"] == call.headers["idempotency-key"] == KEY
    assert call.json() == {
        "type": "message.send",
        "timestamp": "2026-11-05T09:00:01Z",
        "data": {
            "channel": "email",
            "to": "ada@example.com",
            "subject": "Váš účet je skoro hotov 🎉",
            "text": TEXT,
            "html": HTML,
            "headers": {"List-Unsubscribe": f"<{LONG_LINK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        },
    }


async def test_a_text_message_goes_the_same_way() -> None:
    """A text goes to the same service, with the number and the words."""
    async with an_http_server() as server, provider(server.port) as webhook:
        await webhook.deliver(a_text(text="Hello 👋"))
    data = server.calls[0].json()["data"]
    assert (data["channel"], data["to"], data["text"]) == ("sms", "+447700900123", "Hello 👋")
    assert (data["subject"], data["html"], data["headers"]) == ("", "", {})


async def test_the_service_can_tell_that_it_is_us() -> None:
    """The signature is one that any Standard Webhooks library accepts, and only over these bytes."""
    async with an_http_server() as server, provider(server.port) as webhook:
        await webhook.deliver(an_email())
    [call] = server.calls
    assert Webhook(SECRET).verify(call.body, call.headers) == call.json()
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(call.body.replace(b"ada@", b"eve@"), call.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(call.body, call.headers)


async def test_a_secret_can_be_replaced_without_a_gap() -> None:
    """While the client changes the secret, calls can be checked with the old one and with the new one."""
    async with an_http_server() as server, provider(server.port, secret=f"{SECRET} {OTHER}") as webhook:
        await webhook.deliver(an_email())
    [call] = server.calls
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(call.body, call.headers)


def test_the_signature_is_the_published_one() -> None:
    """We sign as the specification's own example does."""
    [signer] = WebhookProvider(url="https://example.com", secret=SECRET)._signers
    at = datetime.fromtimestamp(1614265330, UTC)
    signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_repeated_calls_carry_the_same_body() -> None:
    """A service that compares bodies under one key finds the same bytes at every attempt."""
    script = HttpServer(answer=an_answer(202), keep_open=True)
    async with an_http_server(script) as server, provider(server.port) as webhook:
        delivery = an_email()
        await webhook.deliver(delivery)
        await webhook.deliver(replace(delivery, deadline=delivery.deadline + 1))
    first, second = server.calls
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


ANSWERS = [
    pytest.param(an_answer(200, b'{"id": "m-1"}'), Accepted("m-1"), id="200 with its id"),
    pytest.param(an_answer(202, b"queued"), Accepted(KEY), id="202 in its own words"),
    pytest.param(an_answer(204), Accepted(KEY), id="204"),
    pytest.param(an_answer(200, b'{"id": 17}'), Accepted(KEY), id="an id that is no text"),
    pytest.param(an_answer(200, b'{"id": "a\\u0000b"}'), Accepted(KEY), id="an id with a control character"),
    pytest.param(an_answer(200, b'["id"]'), Accepted(KEY), id="JSON, but no object"),
    pytest.param(an_answer(200, b"[" * 100_000), Accepted(KEY), id="JSON too deep to read"),
    pytest.param(an_answer(200, b'{"id": "m-1"}')[:-5], Accepted(KEY), id="200, then cut"),
    pytest.param(an_answer(400), Refused("400"), id="400"),
    pytest.param(an_answer(413), Refused("413"), id="413"),
    pytest.param(an_answer(422, b'{"error": "text too long"}'), Refused("422"), id="422"),
    pytest.param(an_answer(422, b'{"error": "address"}'), Refused("422", address=True), id="422 for the address"),
    pytest.param(an_answer(429), Unavailable("429"), id="429"),
    pytest.param(an_answer(429, Retry_After="30"), Unavailable("429", 30), id="429 with seconds"),
    pytest.param(an_answer(429, Retry_After="86400"), Unavailable("429", 3600), id="429 until tomorrow"),
    pytest.param(an_answer(503, Retry_After="7"), Unavailable("503", 7), id="503 with seconds"),
    pytest.param(an_answer(503, Retry_After="soon"), Unavailable("503"), id="503 with nonsense"),
    pytest.param(an_answer(408), Ambiguous("408"), id="408"),
    pytest.param(an_answer(409), Ambiguous("409"), id="409"),
    pytest.param(an_answer(500), Ambiguous("500"), id="500"),
    pytest.param(an_answer(502, b"<html>"), Ambiguous("502"), id="502 as a page"),
    pytest.param(an_answer(503), Ambiguous("503"), id="503 alone"),
    pytest.param(an_answer(999), Ambiguous("999"), id="no status of HTTP"),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
async def test_each_answer_has_its_meaning(answer: bytes, expected: Verdict) -> None:
    """A message goes once: taken is taken, refused is refused, and only what may help is tried again."""
    assert await answered(answer) == expected


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 402, 403, 404, 405, 410])
async def test_a_wrong_setting_keeps_the_message(status: int) -> None:
    """A wrong address or secret keeps the message, follows no redirect, and tells staff which setting to look at."""
    async with an_http_server() as elsewhere:
        verdict = await answered(an_answer(status, Location=f"http://127.0.0.1:{elsewhere.port}/"))
    assert isinstance(verdict, Misconfigured if status in {401, 402, 403, 410} else Unavailable)
    assert "SOJOURN_WEBHOOK_URL" in verdict.reason
    assert elsewhere.calls == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="cut before the answer"),
        pytest.param(b"HTTP/1.1 20", id="cut in the status"),
        pytest.param(b"SSH-2.0-nonsense\r\n\r\n", id="another protocol"),
    ],
)
async def test_no_answer_is_not_guessed_at(answer: bytes | None) -> None:
    """Where the call went out and no answer came back, nobody claims to know whether the message went."""
    assert isinstance(await answered(answer), Ambiguous)


async def test_silence_ends_with_the_deadline() -> None:
    """A service that never answers holds the journey no longer than the message's deadline."""
    started = time.monotonic()
    async with an_http_server(HttpServer(silent=True)) as server, provider(server.port) as webhook:
        assert isinstance(await webhook.deliver(an_email(seconds=0.4)), Ambiguous)
    async with an_http_server(HttpServer(silent=True)) as server, provider(server.port, timeout=0.2) as webhook:
        assert await webhook.deliver(an_email()) == Ambiguous("ReadTimeout after the call was begun")
    assert time.monotonic() - started < 5


async def test_a_service_that_is_down_is_tried_later() -> None:
    """Where nothing listens, the message certainly did not go."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        async with provider(free.getsockname()[1]) as webhook:
            assert await webhook.deliver(an_email()) == Unavailable("no connection to the service: ConnectError")


async def test_a_service_that_takes_no_connection_is_tried_later() -> None:
    """A deadline that passes while the connection is still being made leaves no doubt: the message did not go."""
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the connection and never speaks TLS
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        async with provider(0, url=url) as webhook:
            verdict = await webhook.deliver(an_email(seconds=0.4))
    assert verdict == Unavailable("no connection to the service: TimeoutError")


class Stopped(httpx.AsyncHTTPTransport):
    """A process that stands still just before it writes, as when it is stopped and continued."""

    seconds = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Stand still, then go on as if nothing had happened."""
        time.sleep(self.seconds)  # noqa: ASYNC251 # the whole process, not this call
        return await super().handle_async_request(request)


async def test_a_call_that_is_too_late_is_not_written() -> None:
    """Once the customer's window has closed, not even an open connection carries the message."""
    script = HttpServer(answer=an_answer(202), keep_open=True)
    transport = Stopped()
    async with (
        an_http_server(script) as server,
        httpx.AsyncClient(transport=transport) as client,
        provider(server.port, client=client) as webhook,
    ):
        assert await webhook.deliver(an_email()) == Accepted(KEY)
        late = await webhook.deliver(an_email(seconds=-1))
        transport.seconds = 0.3
        overslept = await webhook.deliver(an_email(seconds=0.2))
    assert late == Unavailable(TOO_LATE)
    assert isinstance(overslept, Unavailable)
    assert (len(server.calls), server.connections) == (1, 1)


async def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    """A service that hangs up between two messages leaves neither of them in doubt."""
    async with an_http_server() as server, provider(server.port) as webhook:
        verdicts = [await webhook.deliver(an_email(key=f"msg_{n}")) for n in range(3)]
    assert verdicts == [Accepted("msg_0"), Accepted("msg_1"), Accepted("msg_2")]
    assert server.connections == 3


async def test_a_huge_or_packed_answer_does_no_harm() -> None:
    """A service that answers with gigabytes, or with a bomb, is believed its status and read no further."""
    bomb = gzip.compress(b" " * 50_000_000)
    assert await answered(an_answer(200, bomb, Content_Encoding="gzip")) == Accepted(KEY)
    endless = b"HTTP/1.1 422 No\r\nContent-Length: 999999999\r\n\r\n" + b" " * 3_000_000
    assert await answered(endless) == Refused("422")


async def test_an_answer_that_trickles_is_not_waited_for() -> None:
    """A status decides at once; a body that does not come holds nothing up beyond the deadline."""
    started = time.monotonic()
    script = HttpServer(answer=b"HTTP/1.1 202 Fine\r\nContent-Length: 10\r\n\r\n{", keep_open=True)
    async with an_http_server(script) as server, provider(server.port) as webhook:
        assert await webhook.deliver(an_email(seconds=0.5)) == Accepted(KEY)
    assert time.monotonic() - started < 5


async def test_messages_can_go_side_by_side() -> None:
    """A slow call to the service holds up no other customer's message."""
    async with an_http_server() as server, provider(server.port) as webhook:
        verdicts = await asyncio.gather(*(webhook.deliver(an_email(key=f"msg_{n}")) for n in range(30)))
    assert [verdict.provider_id for verdict in verdicts if isinstance(verdict, Accepted)] == [
        f"msg_{n}" for n in range(30)
    ]


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\0", "\x85", "\u2028", "\ud800"])
@pytest.mark.parametrize("field", ["to", "subject", "header", "key"])
async def test_no_customer_can_write_headers(field: str, sign: str) -> None:
    """What a customer types never becomes a header, not in our call and not in the email the service builds."""
    evil = f"x{sign}Bcc: everyone@example.com"
    changes: dict[str, Any] = {"headers": {"List-Unsubscribe": evil}} if field == "header" else {field: evil}
    async with an_http_server() as server, provider(server.port) as webhook:
        assert isinstance(await webhook.deliver(an_email(**changes)), Refused)
    assert server.connections == 0


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Transfer-Encoding", "Bcc", "From", "X y", "X:", "", "Ž"])
async def test_a_message_sets_no_header_of_ours(name: str) -> None:
    """No template can replace the headers that a message's own way depends on."""
    async with provider(1) as webhook:
        assert isinstance(await webhook.deliver(an_email(headers={name: "x"})), Refused)


async def test_a_text_that_is_no_text_is_refused() -> None:
    """A text that cannot be written in any encoding stops its own message and nothing else."""
    async with provider(1) as webhook:
        verdict = await webhook.deliver(an_email(text="\ud800"))
    assert verdict == Refused("cannot be written as a call: UnicodeEncodeError")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 5 ", 5),
        ("0", None),
        ("-5", None),
        ("99999999999999999999", 3600),
        ("1.5", None),
        ("²", None),
        ("", None),
        ("Thu, 99 Foo", None),
    ],
)
def test_a_busy_service_says_when_to_come_back(header: str | None, seconds: float | None) -> None:
    """A service that asks for time gets it, for an hour at most, and nonsense is ignored."""
    assert seconds_to_wait(header, datetime.now(UTC)) == seconds


def test_a_busy_service_may_name_an_instant() -> None:
    """The time to come back may be a date; one in the past asks for nothing."""
    now = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
    assert seconds_to_wait(format_datetime(now + timedelta(minutes=2), usegmt=True), now) == 120
    assert seconds_to_wait("Thu, 05 Nov 2026 09:02:00 -0000", now) == 120
    assert seconds_to_wait(format_datetime(now + timedelta(days=2), usegmt=True), now) == 3600
    assert seconds_to_wait(format_datetime(now - timedelta(minutes=2), usegmt=True), now) is None


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"url": "http://example.com"}, "SOJOURN_WEBHOOK_URL"),
        ({"url": "https://"}, "SOJOURN_WEBHOOK_URL"),
        ({"secret": ""}, "SOJOURN_WEBHOOK_SECRET"),
        ({"secret": "whsec_c2hvcnQ="}, "SOJOURN_WEBHOOK_SECRET"),
        ({"secret": "whsec_%%%%"}, "SOJOURN_WEBHOOK_SECRET"),
    ],
)
def test_a_wrong_setting_stops_the_start(settings: dict[str, str], names: str) -> None:
    """A setting that cannot work is named when the program starts, and a secret is never repeated."""
    everything: dict[str, Any] = {"url": "https://example.com", "secret": SECRET} | settings
    with pytest.raises(ValueError, match=names) as stopped:
        WebhookProvider(**everything)
    assert not settings.get("secret") or settings["secret"] not in str(stopped.value)


async def test_a_reason_never_repeats_what_the_service_said() -> None:
    """A customer's address that a service quotes back stays out of histories and logs."""
    for status in (302, 400, 404, 422, 429, 500, 503):
        verdict = await answered(an_answer(status, json.dumps({"error": "ada@example.com is bad"}).encode()))
        assert "ada@" not in repr(verdict)
