"""A real HTTP server that keeps every call and answers with the very bytes that a test asks for."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call, as it came."""

    target: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Its body, read."""
        return json.loads(self.body)


@dataclass
class HttpServer:
    """What the server answers: `answer` whole, or the connection cut where it is None; `silent` says nothing."""

    port: int = 0
    answer: bytes | None = b""
    silent: bool = False
    keep_open: bool = False
    calls: list[Call] = field(default_factory=list)
    connections: int = 0


def an_answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An HTTP answer; underscores in names of headers become dashes."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _read(reader: asyncio.StreamReader) -> Call:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Call(first.split()[1], headers, body)


@asynccontextmanager
async def an_http_server(
    script: HttpServer | None = None, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[HttpServer]:
    """Run a server on a free port of this machine until the block ends."""
    server = script or HttpServer(answer=an_answer(202))
    conversations: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            while True:
                server.calls.append(await _read(reader))
                if server.silent:
                    await asyncio.Event().wait()
                writer.write(server.answer or b"")
                await writer.drain()
                if not server.keep_open:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever called has gone
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(asyncio.ensure_future(serve(reader, writer)))

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        await listener.wait_closed()
