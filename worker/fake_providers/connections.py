"""Answers that are none: a connection that is reset, bytes that are no HTTP."""

import asyncio
import socket
import struct
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_NO_LINGERING = struct.pack("ii", 1, 0)  # close() then sends RST, not FIN
_open: dict[tuple[str, int], asyncio.Transport] = {}


class ReachableConnection(H11Protocol):
    """uvicorn's own protocol; an answer can reach below HTTP."""

    def connection_made(self, transport: Any) -> None:
        """Note the connection by its other end, which is all that an application is told of it."""
        super().connection_made(transport)
        _open[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _open.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


class Cut(Response):
    """No answer: the connection ends.

    Args:
        last_words: bytes that are written before, as they are. With none the connection is reset.
    """

    def __init__(self, last_words: bytes = b"") -> None:
        super().__init__()
        self._last_words = last_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 # ASGI's signature
        """End the connection, and wait until uvicorn knows."""
        transport = _open.get(tuple(scope["client"]))
        if transport is None:  # whoever called has gone
            return
        if self._last_words:
            transport.write(self._last_words)
            transport.close()
        else:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
            transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
