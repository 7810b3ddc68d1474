"""Calls go where somebody configured them to go, and never into the machine's own network by surprise."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from activities.delivery import Unavailable
from activities.providers.safe_urls import checked_url, guarded_client, is_allowed
from activities.providers.webhook import WebhookProvider
from tests.activities.providers.conftest import Certificate
from tests.activities.providers.deliveries import an_email
from tests.activities.providers.http_server import HttpServer, an_answer, an_http_server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PRIVATE = ["127.0.0.1", "127.255.0.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"]
PRIVATE += ["::1", "fc00::1", "fdff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"]
NEVER = ["0.0.0.1", "169.254.169.254", "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"]
NEVER += ["255.255.255.255", "::", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "fe80::1"]
NEVER += ["fe80::1%eth0", "ff02::1", "::ffff:169.254.169.254"]
PUBLIC = ["93.184.216.34", "172.15.255.255", "172.32.0.1", "100.128.0.1", "2606:2800:220:1::1", "::ffff:93.184.216.34"]
# Spellings that the system's resolver takes for the loopback.
LOOPBACK = ["localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("address", PRIVATE)
def test_ones_own_network_is_called_only_where_allowed(address: str) -> None:
    """A private address is called where the operator said so, and nowhere else."""
    assert not is_allowed(address)
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called(address: str) -> None:
    """The cloud's credentials service, multicast and addresses that wrap others stay closed whatever is set."""
    assert not is_allowed(address)
    assert not is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_open(address: str) -> None:
    """A service on the internet can be called."""
    assert is_allowed(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "//example.com/", "example.com", "https://", "", "https:///x"),
        *("https://user@example.com/", "https://user:pass@example.com/", "https://example.com:8080/"),
        *("https://example.com/#x", "https://example.com:99999/", "https://[::1/", "\0"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_at_the_start(url: str) -> None:
    """A URL that is not https on a usual port is refused when it is configured."""
    with pytest.raises(ValueError, match=r"."):
        checked_url(url)


def test_ones_own_network_may_speak_http() -> None:
    """In a private network a service may speak http on any port."""
    assert checked_url("http://127.0.0.1:8080/x", allow_private=True).port == 8080
    assert checked_url("https://example.com:8443/x").port == 8443


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_spelling_reaches_the_loopback(host: str) -> None:
    """However the loopback is spelled, nothing connects to it."""
    async with an_http_server() as server:
        async with guarded_client() as client:
            with pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
                await client.get(f"http://{host}:{server.port}/")
        assert server.connections == 0


class Names:
    """A resolver that says what a test wants it to say, one answer a question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def getaddrinfo(self, _host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        """The next answer."""
        self.asked += 1
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in (self.answers.pop(0) if self.answers else ["127.0.0.1"])
        ]


async def test_a_name_cannot_change_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when checked and private when asked again is asked once, and not asked again."""
    names = Names(["203.0.114.1"])
    called: list[str] = []

    async def connect_tcp(_self: object, host: str, *_: object) -> None:
        called.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr("httpcore.AnyIOBackend.connect_tcp", connect_tcp)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names.getaddrinfo)
    async with guarded_client() as client:
        with pytest.raises(ConnectionRefusedError):
            await client.get("https://service.example/")
    assert (called, names.asked) == (["203.0.114.1"], 1)


async def test_one_bad_answer_spoils_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to a public and to a private address is not called; the reason names the setting."""
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", Names(["203.0.114.1", "127.0.0.1"]).getaddrinfo)
    webhook = WebhookProvider(url="https://service.example/", secret=SECRET)
    verdict = await webhook.deliver(an_email())
    await webhook.aclose()
    assert isinstance(verdict, Unavailable)
    assert "SOJOURN_WEBHOOK_ALLOW_PRIVATE" in verdict.reason


async def test_a_name_that_cannot_be_resolved_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the resolver fails, nothing is called and the message is kept."""

    async def fails(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fails)
    webhook = WebhookProvider(url="https://service.example/", secret=SECRET)
    assert await webhook.deliver(an_email()) == Unavailable("no connection to the service: ConnectError")
    await webhook.aclose()


async def test_the_second_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service with two addresses is reached while one of them is down."""
    async with an_http_server() as server:
        names = Names(["127.0.0.2", "127.0.0.1"])
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names.getaddrinfo)
        async with guarded_client(allow_private=True) as client:
            answer = await client.get(f"http://service.example:{server.port}/")
    assert answer.status_code == 202
    assert server.calls[0].headers["host"] == f"service.example:{server.port}"


async def test_the_certificate_is_that_of_the_name(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> None:
    """We connect to a checked address, and still insist on the certificate of the name that was configured."""
    async with an_http_server(tls=certificate.server()) as server:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", Names().getaddrinfo)
        async with guarded_client(allow_private=True, ssl_context=certificate.client()) as client:
            assert (await client.get(f"https://localhost:{server.port}/")).status_code == 202
            with pytest.raises(httpx.ConnectError, match="certificate"):
                await client.get(f"https://other.example:{server.port}/")


async def test_the_environment_redirects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment sees no message, and a redirect leads nowhere."""
    async with an_http_server() as proxy, an_http_server(HttpServer(answer=an_answer(302, Location="/x"))) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with guarded_client(allow_private=True) as client:
            assert (await client.get(f"http://127.0.0.1:{server.port}/")).status_code == 302
    assert (proxy.connections, len(server.calls)) == (0, 1)
