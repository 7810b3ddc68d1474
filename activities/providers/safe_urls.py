"""Calls to addresses that somebody configured, and to nowhere else (SSRF; guarantees E9, E10).

A name is resolved once, every answer is checked, and the connection goes to a checked address: whoever controls
the name cannot say one thing to the check and another to the connection. The TLS certificate and the Host header
are still those of the name.
"""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Iterable

import httpcore
import httpx

PORTS = {443, 8443}
# What an operator may own, and allow. `is_global` is no help: it takes several of the others for public.
PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7")
)
# Link-local holds the cloud's own credentials service; 64:ff9b::/96, 2002::/16 and 2001::/32 wrap IPv4 addresses.
NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/128", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"),
        *("fe80::/10", "fec0::/10", "ff00::/8"),
    )
)


class ForbiddenAddressError(httpcore.ConnectError):
    """A name leads where calls must not go. Nothing was sent."""


def checked_url(url: str, *, allow_private: bool = False) -> httpx.URL:
    """An address that may be called, as far as its text tells; the rest is checked when connecting.

    Args:
        url: absolute, https on port 443 or 8443, without a user name.
        allow_private: accept http and any port too, for a service in one's own network.

    Raises:
        ValueError: it may not be called; the message says why.
    """
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"not a URL: {error}") from None
    if found.scheme != "https" and not (allow_private and found.scheme == "http"):
        raise ValueError("the URL must begin with https://")
    if not found.host or found.userinfo or found.fragment:
        raise ValueError("the URL must have a host, and no user name or fragment")
    if not allow_private and (found.port or 443) not in PORTS:
        raise ValueError("the URL's port must be 443 or 8443")
    return found


def is_allowed(address: str, *, allow_private: bool = False) -> bool:
    """Whether a resolved IP address may be connected to."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if any(ip in net for net in PRIVATE):
        return allow_private
    return not any(ip in net for net in NEVER)


def guarded_client(
    *, allow_private: bool = False, timeout: float = 15, ssl_context: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """An HTTP client that connects to checked addresses only, follows nothing and repeats nothing.

    Redirects are off (httpx's default), and so are proxies and `.netrc`, which httpx would take from the environment.

    Args:
        allow_private: whether one's own network may be called.
        timeout: seconds for connecting, and for each read and write.
        ssl_context: which certificates are trusted; those of certifi, or of `SSL_CERT_FILE`, if not given.
    """
    context = ssl_context or httpx.create_ssl_context()
    transport = _CheckedTransport(context, CheckedBackend(allow_private=allow_private))
    return httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False)


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for httpcore.

    Args:
        allow_private: whether one's own network may be called.
    """

    def __init__(self, *, allow_private: bool = False) -> None:
        self._allow_private = allow_private
        self._connections = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check every answer, connect to the first that takes the connection.

        Raises:
            ForbiddenAddressError: at least one answer must not be connected to.
            httpcore.ConnectError: the name cannot be resolved, or nothing listens.
            httpcore.ConnectTimeout: nobody answered in time.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name cannot be resolved") from error
        addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
        if not addresses or not all(is_allowed(address, allow_private=self._allow_private) for address in addresses):
            raise ForbiddenAddressError("the name leads to an address that must not be called")
        for address in addresses[:-1]:
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._connections.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._connections.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over a connection pool that uses our backend; httpx has no argument for it."""

    def __init__(self, context: ssl.SSLContext, backend: CheckedBackend) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=context, network_backend=backend, retries=0)
