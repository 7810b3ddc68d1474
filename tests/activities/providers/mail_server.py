"""A real mail server (aiosmtpd) that does what a test asks for at each point of the conversation."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

Answer = str | Callable[[SMTP], Awaitable[str]]


@dataclass
class MailServer:
    """What the server answers, and what it was handed."""

    port: int = 0
    sender: Answer = "250 2.1.0 fine"
    recipient: Answer = "250 2.1.5 fine"
    data: Answer = "250 2.0.0 queued as ABC123"
    options: dict[str, Any] = field(default_factory=dict)
    protocol: type[SMTP] = SMTP
    accepted: list[Envelope] = field(default_factory=list)
    connections: int = 0

    async def handle_MAIL(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await _answer(self.sender, server)

    async def handle_RCPT(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await _answer(self.recipient, server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        answer = await _answer(self.data, server)
        if answer.startswith("2"):
            self.accepted.append(envelope)
        return answer


async def _answer(answer: Answer, server: SMTP) -> str:
    return answer if isinstance(answer, str) else await answer(server)


def _cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


async def hang_up(server: SMTP) -> str:
    """Break the connection instead of answering."""
    _cut(server)
    return "250 nobody hears this"


async def keep_silent(_server: SMTP) -> str:
    """Answer nothing, ever."""
    await asyncio.Event().wait()
    return "250 never"


class HangsUpBeforeTheMessage(SMTP):
    """Takes sender and recipient, and is gone when the message is announced."""

    async def smtp_DATA(self, _arg: str) -> None:  # noqa: N802 # aiosmtpd's name
        """Break the connection."""
        _cut(self)


class Garbles(SMTP):
    """Answers the message with something that is no reply."""

    async def smtp_DATA(self, _arg: str) -> None:  # noqa: N802 # aiosmtpd's name
        """Read the message, answer with noise."""
        await self.push("354 go on")
        while (await self._reader.readline()) != b".\r\n":
            pass
        await self.push("what a nice message")


def only(username: str, password: str) -> Callable[..., AuthResult]:
    """An authenticator that knows one user."""

    def authenticate(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        known = (data.login, data.password) == (username.encode(), password.encode())
        return AuthResult(success=known, handled=known)

    return authenticate


@asynccontextmanager
async def a_mail_server(
    script: MailServer | None = None, *, implicit_tls: ssl.SSLContext | None = None
) -> AsyncIterator[MailServer]:
    """Run a server on a free port of this machine until the block ends."""
    server = script or MailServer()
    protocols: list[SMTP] = []

    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        server.connections += 1
        options: dict[str, Any] = {
            "hostname": "mail.example.com",
            "enable_SMTPUTF8": True,
            "loop": loop,
        } | server.options
        protocols.append(server.protocol(server, **options))
        return protocols[-1]

    listener = await loop.create_server(connected, "127.0.0.1", 0, ssl=implicit_tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for each in protocols:
            _cut(each)
        conversations = [each._handler_coroutine for each in protocols if each._handler_coroutine is not None]
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        await listener.wait_closed()
