"""What breaks between us and a provider means the same for all that speak HTTP (guarantees A8, A9, A10)."""

import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.delivery import Accepted, Ambiguous, Deduplication, Misconfigured, Refused, Unavailable
from activities.providers import http_calls
from activities.providers.http_calls import Answer, HttpApi, by_class
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.email_drivers import DRIVERS, EmailDriver, driver
from tests.activities.providers.http_server import HttpServer, an_answer, an_http_server
from tests.fake_providers import FakeProviders

every_driver = pytest.mark.parametrize("name", DRIVERS)


@dataclass(frozen=True)
class Broken:
    """A fault, and whether the provider has the message all the same."""

    rule: dict[str, Any]
    processed: bool


BROKEN = {
    "reset before it was taken": Broken({"do": "reset"}, processed=False),
    "reset after it was taken": Broken({"do": "reset", "processed": True}, processed=True),
    "noise": Broken({"do": "garbage", "processed": True}, processed=True),
    "500 before it was taken": Broken({"do": "answer", "status": 500}, processed=False),
    "500 after it was taken": Broken({"do": "answer", "status": 500, "processed": True}, processed=True),
    "502 with a page": Broken({"do": "answer", "status": 502, "body": "<html>Bad gateway</html>"}, processed=False),
    "503": Broken({"do": "answer", "status": 503}, processed=False),
    "408": Broken({"do": "answer", "status": 408}, processed=False),
}


@every_driver
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN.keys())
async def test_a_break_after_the_call_began_is_ambiguous(name: str, fault: Broken, fakes: FakeProviders) -> None:
    """Whatever breaks once the message may have arrived is never taken for a message that did not go."""
    async with driver(name, fakes) as provider:
        await fakes.script(name, fault.rule)
        assert isinstance(await provider.deliver(an_email()), Ambiguous)
    assert len(await fakes.sent(name)) == fault.processed
    assert len(await fakes.journal(name)) == 1, "a driver makes one attempt"


@every_driver
async def test_silence_is_ambiguous_at_the_deadline(name: str, fakes: FakeProviders) -> None:
    """A provider that does not answer is waited for until the message's deadline and no longer."""
    async with driver(name, fakes) as provider:
        await fakes.script(name, {"do": "hang", "seconds": 60, "processed": True})
        began = time.monotonic()
        assert isinstance(await provider.deliver(an_email(seconds=1)), Ambiguous)
        assert time.monotonic() - began < 10


@every_driver
async def test_nothing_goes_after_the_deadline(name: str, fakes: FakeProviders) -> None:
    """A worker that slept past the customer's window calls nobody."""
    async with driver(name, fakes) as provider:
        assert isinstance(await provider.deliver(an_email(seconds=-1)), Unavailable)
    assert await fakes.journal(name) == []


@every_driver
@pytest.mark.parametrize("where", ["nobody listens", "no such name"])
async def test_nothing_went_where_nobody_was_reached(name: str, where: str, fakes: FakeProviders) -> None:
    """A provider that cannot be reached certainly has no message, so it is tried again later."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        url = f"http://127.0.0.1:{port}" if where == "nobody listens" else "https://provider.invalid"
        async with driver(name, fakes, url=url) as provider:
            assert isinstance(await provider.deliver(an_email()), Unavailable)


@every_driver
async def test_a_redirect_is_not_followed(name: str) -> None:
    """Messages and keys go to the configured address and to nowhere else."""
    async with an_http_server() as elsewhere:
        moved = an_answer(307, Location=f"http://127.0.0.1:{elsewhere.port}/")
        async with (
            an_http_server(HttpServer(answer=moved)) as server,
            driver(name, None, url=f"http://127.0.0.1:{server.port}") as provider,
        ):
            assert isinstance(await provider.deliver(an_email()), Misconfigured)
    assert elsewhere.calls == []


@every_driver
async def test_a_connection_that_has_gone_stale_is_not_used(name: str) -> None:
    """A provider that closes idle connections costs nobody a message: only one with keys sees a connection twice."""
    async with (
        an_http_server(HttpServer(answer=an_answer(503), keep_open=True)) as server,
        driver(name, None, url=f"http://127.0.0.1:{server.port}") as provider,
    ):
        await provider.deliver(an_email())
        await provider.deliver(an_email())
    assert len(server.calls) == 2
    assert server.connections == (1 if provider.deduplication is Deduplication.KEY else 2)


@every_driver
async def test_a_bad_address_reaches_nobody(name: str, fakes: FakeProviders) -> None:
    """An address that would be two for the provider, or a header in disguise, is refused before it is called."""
    async with driver(name, fakes) as provider:
        for address in ("ada@example.com, eve@example.com", "ada@example.com\r\nBcc: eve@example.com", "ada"):
            assert isinstance(await provider.deliver(an_email(to=address)), Refused)
    assert await fakes.journal(name) == []


@every_driver
async def test_a_text_that_cannot_be_written_is_refused(name: str, fakes: FakeProviders) -> None:
    """A broken character in a profile refuses this one message and stops no journey."""
    async with driver(name, fakes) as provider:
        assert isinstance(await provider.deliver(an_email(text="\ud800")), Refused)
    assert await fakes.journal(name) == []


@every_driver
async def test_a_message_says_nothing_of_the_customer_but_what_it_must(name: str, fakes: FakeProviders) -> None:
    """What a provider keeps for ever beside the message, such as tags, holds our opaque id alone (guarantees B11)."""
    async with driver(name, fakes) as provider:
        await provider.deliver(an_email(to="canary-7731@example.com"))
    [entry] = await fakes.journal(name)
    [sent] = await fakes.sent(name)
    assert sent["sending"]["key"] == entry["key"] == an_email().key
    assert entry["recipient"] == "canary-7731@example.com"
    assert (entry["body"] + entry["path"]).count("canary-7731") == 1


@every_driver
async def test_customers_read_what_was_written(name: str, fakes: FakeProviders) -> None:
    """Subject, text and HTML arrive letter by letter, the list headers with them."""
    email = an_email()
    async with driver(name, fakes) as provider:
        assert isinstance(await provider.deliver(email), Accepted)
    [sent] = await fakes.sent(name)
    content = sent["sending"]["content"]
    assert (content["subject"], content["text"], content["html"]) == (email.subject, email.text, email.html)
    [entry] = await fakes.journal(name)
    assert "List-Unsubscribe-Post" in entry["body"]


@every_driver
@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), (None, None), ("soon", None), ("99999", 3600.0), ("date", pytest.approx(120, abs=3))],
)
async def test_too_many_requests_wait_as_long_as_asked(
    name: str, header: str | None, seconds: float | None, fakes: FakeProviders
) -> None:
    """A provider that says when to come back is not asked before, and an hour later at the latest."""
    if header == "date":
        header = (datetime.now(UTC) + timedelta(minutes=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    async with driver(name, fakes) as provider:
        await fakes.script(name, {"do": "answer", "status": 429, "retry_after": header or ""})
        verdict = await provider.deliver(an_email())
    assert isinstance(verdict, Unavailable)
    assert verdict.retry_after == seconds


@pytest.mark.parametrize("url", ["http://api.example.com", "ftp://127.0.0.1", "not a url", ""])
def test_keys_are_never_sent_in_clear(url: str) -> None:
    """A provider's address without encryption stops the start, with the name of the setting."""
    with pytest.raises(ValueError, match="SOJOURN_RESEND_URL"):
        HttpApi(url, setting="SOJOURN_RESEND_URL")


@every_driver
def test_a_bad_sender_stops_the_start(name: str) -> None:
    """A From address that cannot work is named before anything runs."""
    make: type[EmailDriver] = DRIVERS[name].driver
    with pytest.raises(ValueError, match="SOJOURN_EMAIL_SENDER"):
        make(**{**DRIVERS[name].arguments, "sender": "the shop"})


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        *((status, Misconfigured) for status in (301, 302, 307, 401, 402, 403, 404, 405, 410)),
        *((status, Refused) for status in (400, 413, 415, 422)),
        (429, Unavailable),
        *((status, Ambiguous) for status in (408, 500, 501, 502, 503, 504, 520, 599)),
    ],
)
def test_a_status_that_nobody_documents_means_what_its_class_says(status: int, verdict: type[Any]) -> None:
    """A code that a provider invents tomorrow neither loses a message nor sends one twice."""
    assert isinstance(by_class(Answer(status, {}, b""), see="THE_SETTING"), verdict)


async def test_an_idle_connection_is_not_used_when_the_server_may_hang_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call never races a server that closes an idle connection: its fate would be unclear for nothing."""
    assert http_calls.KEPT_OPEN < 5  # uvicorn, and others, hang up then
    async with an_http_server(HttpServer(answer=an_answer(202), keep_open=True)) as server:
        for seconds, connections in ((60.0, 1), (0.0, 3)):
            monkeypatch.setattr(http_calls, "KEPT_OPEN", seconds)
            api = HttpApi(f"http://127.0.0.1:{server.port}", setting="URL", keep_alive=True)
            for _ in range(2):
                assert isinstance(await api.call("POST", "/", deadline=time.monotonic() + 10), Answer)
            await api.aclose()
            assert server.connections == connections
