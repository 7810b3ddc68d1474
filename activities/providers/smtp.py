"""SMTP: emails go to a mail server of the client's choice, one connection and one recipient a message.

SMTP has no keys: a server that is sent a message twice delivers it twice (RFC 1047). So the driver keeps track
of how far it has come: what breaks before the message's first byte certainly did not go, and what breaks after it
may have (guarantees A8, B13). A fresh connection for each message keeps stale ones out of that second class.
"""

import asyncio
import re
import ssl
import time
from typing import Literal

import aiosmtplib
from email_validator import ValidatedEmail

from activities.delivery import Ambiguous, Deduplication, Delivery, Refused, Unavailable, Verdict
from activities.providers.email_addresses import checked_recipient, parsed_sender
from activities.providers.mime import compose
from activities.providers.smtp_replies import CONFIGURATION, Phase, verdict

START_INPUT = 354  # RFC 5321 section 4.2.3: the server waits for the message
TOO_LATE = "the deadline passed before the message was written"


class SmtpProvider:
    """Delivers emails over SMTP.

    Args:
        host: of the mail server; also the name that its certificate must carry.
        port: usually 587 with "starttls", 465 with "tls".
        sender: From, as `shop@example.com` or `The Shop <shop@example.com>`.
        tls: "starttls" upgrades a plain connection and goes no further where that fails, "tls" encrypts from the
            first byte, "none" is for a server on the same machine.
        username: who logs in; nobody if empty.
        password: with which password.
        timeout: seconds to wait for one reply; before the message is written, its deadline may be nearer.
        tls_context: which certificates are trusted; those of the system (or of `SSL_CERT_FILE`) if not given.

    Raises:
        ValueError: the settings cannot work; the message names them.
    """

    name = "smtp"
    deduplication = Deduplication.NONE

    def __init__(
        self,
        *,
        host: str,
        port: int,
        sender: str,
        tls: Literal["starttls", "tls", "none"] = "starttls",
        username: str = "",
        password: str = "",
        timeout: float = 60,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        if tls == "none" and username:
            raise ValueError("SOJOURN_SMTP_USERNAME needs SOJOURN_SMTP_TLS=starttls or tls: passwords go encrypted")
        self._host, self._port, self._tls = host, port, tls
        self._sender = parsed_sender(sender, "SOJOURN_SMTP_SENDER")
        self._username, self._password = username, password
        self._timeout = timeout
        self._tls_context = tls_context or (None if tls == "none" else ssl.create_default_context())

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Send one email; docs/providers/smtp.md says what each reply becomes."""
        recipient = checked_recipient(delivery)
        if isinstance(recipient, Refused):
            return recipient
        try:
            message = self._compose(delivery, recipient)
        except ValueError as error:
            return Refused(f"cannot be written as an email: {type(error).__name__}")
        if time.monotonic() >= delivery.deadline:
            return Unavailable(TOO_LATE)
        conversation = _Conversation(self._client(), self._sender.addr_spec, delivery, self._timeout)
        try:
            async with asyncio.timeout(delivery.deadline - time.monotonic()) as limit:
                await conversation.open(starttls=self._tls == "starttls")
                if self._username:
                    await conversation.log_in(self._username, self._password)
                return await conversation.send(recipient, message, limit)
        except Exception as error:  # noqa: BLE001 # a driver never raises: how far it came says what broke
            return conversation.broken(error)
        finally:
            conversation.end()

    async def look_up(self, key: str) -> Verdict | None:  # noqa: ARG002 # the contract's signature
        """Nothing: a mail server cannot be asked about a message."""
        return None

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls == "tls",
            start_tls=False,  # the conversation upgrades by itself, so that a failure has its phase
            local_hostname=self._sender.domain,  # the default asks DNS for this machine's name, and may wait for it
            timeout=self._timeout,
            tls_context=self._tls_context,
        )

    def _compose(self, delivery: Delivery, recipient: ValidatedEmail) -> bytes:
        headers = {"From": str(self._sender), "Message-ID": f"<{delivery.key}@{self._sender.domain}>"}
        return compose(
            delivery, delivery.subject, headers, encoding="quoted-printable", utf8_headers=recipient.smtputf8
        )


class _Conversation:
    """One connection, one message, and how far it has come."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str, delivery: Delivery, answer_within: float) -> None:
        self._client = client
        self._answer_within = answer_within
        self._sender = sender
        self._key = delivery.key
        self._deadline = delivery.deadline
        self._phase = Phase.CONNECT
        self._expects_command = True  # whether the server would read what comes next as a command

    async def open(self, *, starttls: bool) -> None:
        """Connect and, where asked, encrypt; without encryption where it was asked there is no conversation."""
        await self._client.connect()
        if starttls:
            self._phase = Phase.TLS
            await self._client.starttls()

    async def log_in(self, username: str, password: str) -> None:
        self._phase = Phase.LOGIN
        await self._client.login(username, password)

    async def send(self, recipient: ValidatedEmail, message: bytes, limit: asyncio.Timeout) -> Verdict:
        client = self._client
        self._phase = Phase.SENDER
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        if not recipient.smtputf8:
            await client.mail(self._sender)
        elif client.supports_extension("smtputf8"):
            await client.mail(self._sender, options=["SMTPUTF8"], encoding="utf-8")
        else:
            return Refused("the mail server takes no international addresses")
        self._phase = Phase.RECIPIENT
        await client.rcpt(recipient.ascii_email or recipient.normalized, encoding="utf-8")
        self._phase = Phase.DATA
        reply = await client.execute_command(b"DATA")
        if reply.code != START_INPUT:
            return verdict(self._phase, reply.code, reply.message, self._key)
        self._expects_command = False
        if time.monotonic() >= self._deadline:  # a worker that slept here must not send (guarantees A9)
            return Unavailable(TOO_LATE)
        # From here on the deadline has been met; a server may take its time to answer (RFC 5321, 4.5.3.2.6).
        limit.reschedule(asyncio.get_running_loop().time() + self._answer_within)
        return await self._write(message)

    async def _write(self, message: bytes) -> Verdict:
        """The message and the dot that hands it over.

        `aiosmtplib.SMTP.data` does DATA and message in one, and its errors do not tell before from after.
        """
        protocol = self._client.protocol
        if protocol is None:
            return Unavailable("connection lost before the message was written")
        self._phase = Phase.BODY
        protocol.write(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
        reply = await protocol.read_response(self._client.timeout)
        self._expects_command = True
        return verdict(self._phase, reply.code, reply.message, self._key)

    def broken(self, error: Exception) -> Verdict:
        """What an error means; its own words may quote the address and stay here."""
        if self._phase is Phase.BODY:
            return Ambiguous(f"{type(error).__name__} after the message was begun")
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return verdict(self._phase, error.code, error.message, self._key)
        if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return Unavailable("no trusted encryption: see SOJOURN_SMTP_HOST, SOJOURN_SMTP_TLS and its certificate")
        reason = f"{type(error).__name__} at {self._phase}"
        settings = CONFIGURATION.get(self._phase)
        return Unavailable(f"{reason}: see {settings}" if settings else reason)

    def end(self) -> None:
        """Hang up without waiting for an answer: the verdict is known, and nothing may delay or lose it."""
        protocol, transport = self._client.protocol, self._client.transport
        if self._expects_command and protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        elif isinstance(transport, asyncio.WriteTransport):
            transport.abort()  # closing would first write what is still buffered, deadline or not
        self._client.close()
