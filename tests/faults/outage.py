"""A provider that can be taken off the network: a port which leads to it, or to nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker.processes.ports import free_ports


class Line:
    """A line to a program on this machine.

    Args:
        to: port of the program.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        (self.port,) = free_ports(1)
        self._server: asyncio.Server | None = None

    async def connect(self) -> None:
        """Let calls through."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Let nobody through: connections are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        await asyncio.gather(_copy(reader, back), _copy(there, writer))


@asynccontextmanager
async def cut_line(to: int) -> AsyncIterator[Line]:
    """A line that is cut at first, and in the end."""
    line = Line(to)
    try:
        yield line
    finally:
        await line.cut()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    except ConnectionError:
        pass  # whoever hung up has what they wanted
    finally:
        writer.close()
