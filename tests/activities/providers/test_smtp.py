"""SMTP against real mail servers: what the customer gets, and what we know when something breaks."""

import asyncio
import socket
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict
from activities.providers.smtp import TOO_LATE, SmtpProvider
from tests.activities.providers.conftest import Certificate
from tests.activities.providers.deliveries import HTML, LONG_LINK, TEXT, an_email
from tests.activities.providers.mail_server import (
    Answer,
    Garbles,
    HangsUpBeforeTheMessage,
    MailServer,
    a_mail_server,
    hang_up,
    keep_silent,
    only,
)


def provider(port: int, **settings: Any) -> SmtpProvider:
    """A driver for the server on that port."""
    usual = {"host": "127.0.0.1", "port": port, "tls": "none", "sender": "The Shop <shop@example.com>"}
    everything: dict[str, Any] = usual | settings
    return SmtpProvider(**everything)


def content(envelope: Envelope) -> bytes:
    """An email as the server got it."""
    assert isinstance(envelope.original_content, bytes)
    return envelope.original_content


def read(envelope: Envelope) -> EmailMessage:
    """An email as a mail program sees it."""
    return message_from_bytes(content(envelope), policy=policy.default)


def part(message: EmailMessage, kind: str) -> str:
    """Its text or its HTML."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").removesuffix("\n")


async def test_an_email_arrives_as_it_was_written() -> None:
    """The customer's mail program gets the words, the sender, the date and a working unsubscribe button."""
    async with a_mail_server() as server:
        verdict = await provider(server.port).deliver(an_email())
    assert verdict == Accepted("2.0.0 queued as ABC123")
    [envelope] = server.accepted
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["ada@example.com"])
    message = read(envelope)
    assert message["From"] == "The Shop <shop@example.com>"
    assert message["To"] == "ada@example.com"
    assert message["Subject"] == "Váš účet je skoro hotov 🎉"
    assert message["Date"] == "Thu, 05 Nov 2026 09:00:01 +0000"
    assert message["Message-ID"] == "<msg_0123456789abcdef0123456789abcdef@example.com>"
    assert message.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in message.iter_parts()] == ["text/plain", "text/html"]
    assert (part(message, "plain"), part(message, "html")) == (TEXT, HTML)


async def test_the_unsubscribe_header_is_not_broken_up() -> None:
    """Mail programs find the whole unsubscribe link in its header as RFC 8058 spells it, however long it is."""
    async with a_mail_server() as server:
        await provider(server.port).deliver(an_email())
    lines = content(server.accepted[0]).split(b"\r\n")
    assert f"List-Unsubscribe: <{LONG_LINK}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


async def test_any_server_can_carry_the_message() -> None:
    """A server that knows only the oldest rules carries the message: plain ASCII, short body lines."""
    async with a_mail_server() as server:
        await provider(server.port).deliver(an_email())
    head, _, body = content(server.accepted[0]).partition(b"\r\n\r\n")
    assert head.isascii()
    assert body.isascii()
    assert max(map(len, body.split(b"\r\n"))) <= 78


async def test_two_attempts_are_the_same_bytes() -> None:
    """A message that is tried again carries the same bytes, so that support can tell it is the same one."""
    delivery = an_email()
    async with a_mail_server() as server:
        await provider(server.port).deliver(delivery)
        await provider(server.port).deliver(delivery)
    first, second = server.accepted
    assert content(first) == content(second)
    assert server.connections == 2


async def test_an_email_without_html_is_a_plain_text() -> None:
    """A message with no HTML goes out as plain text, not with an empty page in it."""
    async with a_mail_server() as server:
        await provider(server.port).deliver(an_email(html=""))
    assert read(server.accepted[0]).get_content_type() == "text/plain"


async def test_an_international_address_is_reached() -> None:
    """A customer whose address has letters outside ASCII gets the message where the server can carry it."""
    async with a_mail_server() as server:
        verdicts = [
            await provider(server.port).deliver(an_email(to="žofie@example.com")),
            await provider(server.port).deliver(an_email(to="ada@müller.example.com")),
        ]
    assert all(isinstance(verdict, Accepted) for verdict in verdicts)
    local, domain = server.accepted
    assert (local.rcpt_tos, domain.rcpt_tos) == (["žofie@example.com"], ["ada@xn--mller-kva.example.com"])
    assert read(local)["Subject"] == an_email().subject
    async with a_mail_server(MailServer(options={"enable_SMTPUTF8": False})) as old:
        refused = await provider(old.port).deliver(an_email(to="žofie@example.com"))
    assert refused == Refused("the mail server takes no international addresses")


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_credentials_and_messages_travel_encrypted(tls: str, certificate: Certificate) -> None:
    """The password and the message go over an encrypted connection to a server whose certificate is trusted."""
    script = MailServer(options={"authenticator": only("shop", "s3cret")})
    if tls == "starttls":
        script.options |= {"tls_context": certificate.server(), "require_starttls": True, "auth_required": True}
    else:
        script.options["auth_require_tls"] = False  # the server does not see that its socket is encrypted
    async with a_mail_server(script, implicit_tls=certificate.server() if tls == "tls" else None) as server:
        settings = {"tls": tls, "tls_context": certificate.client(), "username": "shop"}
        sent = await provider(server.port, **settings, password="s3cret").deliver(an_email())
        refused = await provider(server.port, **settings, password="wrong").deliver(an_email())
    assert isinstance(sent, Accepted)
    assert refused == Misconfigured("535 5.7.8 to login: see SOJOURN_SMTP_USERNAME, SOJOURN_SMTP_PASSWORD")


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_an_untrusted_server_gets_nothing(tls: str, certificate: Certificate) -> None:
    """A server with a certificate that nobody vouches for sees neither password nor message; the message is kept."""
    script = MailServer(options={"tls_context": certificate.server()} if tls == "starttls" else {})
    async with a_mail_server(script, implicit_tls=certificate.server() if tls == "tls" else None) as server:
        verdict = await provider(server.port, tls=tls).deliver(an_email())
    assert isinstance(verdict, Unavailable)
    assert "SOJOURN_SMTP_TLS" in verdict.reason
    assert server.accepted == []


async def test_a_server_without_encryption_gets_nothing() -> None:
    """Where STARTTLS is asked for and not offered, nothing goes in the clear."""
    async with a_mail_server() as server:
        verdict = await provider(server.port, tls="starttls").deliver(an_email())
    assert verdict == Unavailable("SMTPException at STARTTLS: see SOJOURN_SMTP_TLS")
    assert server.accepted == []


def mailbox_closed(reason: str) -> Unavailable:
    """That one mailbox takes nothing: it is asked again after half an hour, and the server is thought to be well."""
    return Unavailable(reason, 1800, mailbox=True)


REPLIES = [
    pytest.param("recipient", "550 5.1.1 ada@example.com: no such user", Refused("550 5.1.1 to RCPT TO", address=True)),
    pytest.param("recipient", "550 no such user here", Refused("550 to RCPT TO", address=True)),
    pytest.param("recipient", "553 mailbox name not allowed", Refused("553 to RCPT TO", address=True)),
    pytest.param("recipient", "550 5.2.1 disabled", Refused("550 5.2.1 to RCPT TO", address=True)),
    pytest.param("recipient", "451 4.7.1 greylisted", Unavailable("451 4.7.1 to RCPT TO")),
    pytest.param("recipient", "452 4.2.2 full", mailbox_closed("452 4.2.2 to RCPT TO")),
    pytest.param("recipient", "552 5.2.2 full", mailbox_closed("552 5.2.2 to RCPT TO")),
    pytest.param("recipient", "550 5.2.2 full", mailbox_closed("550 5.2.2 to RCPT TO")),
    pytest.param("recipient", "552 no room", mailbox_closed("552 to RCPT TO")),
    pytest.param("recipient", "450 4.2.1 disabled for now", mailbox_closed("450 4.2.1 to RCPT TO")),
    pytest.param("recipient", "450 busy", Unavailable("450 to RCPT TO")),
    pytest.param("data", "452 4.2.2 full", mailbox_closed("452 4.2.2 to message")),
    pytest.param("recipient", "554 no", Refused("554 to RCPT TO")),
    pytest.param("data", "451 4.3.0 later", Unavailable("451 4.3.0 to message")),
    pytest.param("data", "421 4.3.2 closing", Unavailable("421 4.3.2 to message")),
    pytest.param("data", "554 5.6.0 bad content", Refused("554 5.6.0 to message")),
    pytest.param("data", "554 5.7.1 spam", Refused("554 5.7.1 to message")),
    pytest.param("data", "550 not wanted", Refused("550 to message")),
    pytest.param("data", "552 5.3.4 too big", Refused("552 5.3.4 to message: too long")),
    pytest.param("data", "550 5.1.1 no such user", Refused("550 5.1.1 to message", address=True)),
    pytest.param("data", "354 go on", Ambiguous("garbled reply to the message")),
]


@pytest.mark.parametrize(("point", "reply", "expected"), REPLIES)
async def test_each_reply_has_its_meaning(point: str, reply: str, expected: Verdict) -> None:
    """A bad address is not written to again, a full mailbox or a busy server is, and no reason quotes the address."""
    script = MailServer()
    setattr(script, point, reply)
    async with a_mail_server(script) as server:
        assert await provider(server.port).deliver(an_email()) == expected
    assert server.accepted == []


@pytest.mark.parametrize(
    ("point", "reply", "kind", "names"),
    [
        ("sender", "550 5.1.8 no such domain", Misconfigured, "SOJOURN_SMTP_SENDER"),
        ("sender", "552 5.2.2 your own mailbox is full", Misconfigured, "SOJOURN_SMTP_SENDER"),
        ("sender", "530 5.7.0 authentication required", Misconfigured, "SOJOURN_SMTP_SENDER"),
        ("recipient", "550 5.1.7 bad sender", Misconfigured, "SOJOURN_SMTP_SENDER"),
        ("recipient", "554 5.7.1 relay access denied", Unavailable, "docs/providers/smtp.md"),
        ("data", "550 5.7.26 unauthenticated mail", Unavailable, "docs/providers/smtp.md"),
        ("recipient", "503 5.5.1 bad sequence", Unavailable, "docs/providers/smtp.md"),
    ],
)
async def test_a_wrong_setting_keeps_the_message(
    point: str, reply: str, kind: type[Misconfigured | Unavailable], names: str
) -> None:
    """A fault of ours (sender, relay rights, signatures) keeps the message and tells staff where to look."""
    script = MailServer()
    setattr(script, point, reply)
    async with a_mail_server(script) as server:
        verdict = await provider(server.port).deliver(an_email())
    assert isinstance(verdict, kind)
    assert names in verdict.reason


@pytest.mark.parametrize("point", ["sender", "recipient"])
@pytest.mark.parametrize("trouble", [hang_up, keep_silent])
async def test_trouble_before_the_message_loses_nothing(point: str, trouble: Answer) -> None:
    """A server that breaks off or falls silent before it was given the message will be tried again."""
    script = MailServer()
    setattr(script, point, trouble)
    started = time.monotonic()
    async with a_mail_server(script) as server:
        verdict = await provider(server.port, timeout=0.3).deliver(an_email())
    assert isinstance(verdict, Unavailable)
    assert time.monotonic() - started < 5


async def test_a_break_between_data_and_message_loses_nothing() -> None:
    """A server that is gone when the message is announced has not got it."""
    async with a_mail_server(MailServer(protocol=HangsUpBeforeTheMessage)) as server:
        verdict = await provider(server.port).deliver(an_email())
    assert verdict == Unavailable("SMTPServerDisconnected at DATA")


@pytest.mark.parametrize("tls", ["none", "starttls", "tls"])
async def test_a_break_after_the_final_dot_is_not_guessed_at(tls: str, certificate: Certificate) -> None:
    """A connection that breaks after the message was handed over: nobody can say whether the customer gets it."""
    script = MailServer(data=hang_up, options={"tls_context": certificate.server()} if tls == "starttls" else {})
    async with a_mail_server(script, implicit_tls=certificate.server() if tls == "tls" else None) as server:
        verdict = await provider(server.port, tls=tls, tls_context=certificate.client()).deliver(an_email())
    assert verdict == Ambiguous("SMTPServerDisconnected after the message was begun")


async def test_noise_after_the_final_dot_is_not_guessed_at() -> None:
    """An answer to the message that is no reply says nothing about the message."""
    async with a_mail_server(MailServer(protocol=Garbles)) as server:
        verdict = await provider(server.port).deliver(an_email())
    assert verdict == Ambiguous("SMTPResponseException after the message was begun")


async def test_silence_after_the_final_dot_ends_with_the_servers_own_time() -> None:
    """A server that never answers holds the journey no longer than the setting says."""
    started = time.monotonic()
    async with a_mail_server(MailServer(data=keep_silent)) as server:
        verdict = await provider(server.port, timeout=0.5).deliver(an_email())
    assert isinstance(verdict, Ambiguous)
    assert 0.4 < time.monotonic() - started < 5


async def test_a_slow_answer_after_the_final_dot_is_waited_for() -> None:
    """The deadline bounds the writing; a server that thinks past it has taken the message all the same."""

    async def think(_: Any) -> str:
        await asyncio.sleep(1)
        return "250 2.0.0 taken"

    async with a_mail_server(MailServer(data=think)) as server:
        verdict = await provider(server.port).deliver(an_email(seconds=0.5))
    assert isinstance(verdict, Accepted)


async def test_a_message_that_is_too_late_is_not_written() -> None:
    """Once the customer's window has closed, not even an open connection carries the message."""
    async with a_mail_server() as server:
        late = await provider(server.port).deliver(an_email(seconds=-1))

        async def work_on(_: Any) -> str:
            time.sleep(0.4)  # noqa: ASYNC251 # the whole process stands still, as when it is stopped and continued
            return "250 2.1.5 fine"

        server.recipient = work_on
        woken = await provider(server.port).deliver(an_email(seconds=0.3))
    assert late == Unavailable(TOO_LATE)
    assert isinstance(woken, Unavailable)
    assert server.accepted == []


async def test_a_server_that_is_down_is_tried_later() -> None:
    """Where nothing listens, the message is kept and the reason names the settings to look at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        verdict = await provider(free.getsockname()[1]).deliver(an_email())
    assert isinstance(verdict, Unavailable)
    assert "SOJOURN_SMTP_HOST" in verdict.reason


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\0", "\t", "\x0b", "\x85", "\u2028", "\ud800"])
@pytest.mark.parametrize("field", ["to", "subject", "header", "key"])
async def test_no_customer_can_write_headers(field: str, sign: str) -> None:
    """What a customer types as a name or an address never becomes a header or a second recipient."""
    evil = f"x{sign}Bcc: everyone@example.com"
    changes: dict[str, Any] = {"headers": {"List-Unsubscribe": evil}} if field == "header" else {field: evil}
    async with a_mail_server() as server:
        verdict = await provider(server.port).deliver(an_email(**changes))
    assert isinstance(verdict, Refused)
    assert "everyone" not in verdict.reason
    assert not verdict.address
    assert server.connections == 0


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b", "a@example.com, b@example.com", "<a@example.com>", "a b@example.com"]
)
async def test_only_one_real_address_is_written_to(to: str) -> None:
    """What is no single address is refused before anyone is asked, and the customer's next channel is used."""
    async with a_mail_server() as server:
        verdict = await provider(server.port).deliver(an_email(to=to))
    assert verdict == Refused("not an email address", address=True)
    assert server.connections == 0


async def test_a_text_that_is_no_text_is_refused() -> None:
    """A text that cannot be written in any encoding stops its own message and nothing else."""
    verdict = await provider(1).deliver(an_email(text="\ud800"))
    assert verdict == Refused("cannot be written as an email: UnicodeEncodeError")


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"sender": "the shop"}, "SOJOURN_SMTP_SENDER"),
        ({"sender": "obchod@žába"}, "SOJOURN_SMTP_SENDER"),
        ({"sender": "žába@example.com"}, "SOJOURN_SMTP_SENDER"),
        ({"username": "shop", "password": "s3cret"}, "SOJOURN_SMTP_TLS"),
    ],
)
def test_a_wrong_setting_stops_the_start(settings: dict[str, str], names: str) -> None:
    """A setting that cannot work is named when the program starts, not when the first customer waits."""
    with pytest.raises(ValueError, match=names):
        provider(25, **settings)
