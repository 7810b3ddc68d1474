"""What a mail server's reply means for the message: the whole table (RFC 5321, RFC 3463).

Reasons carry the reply's codes and never its words: servers like to quote the address, and reasons end in
histories.
"""

import re
from enum import StrEnum

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable, Verdict

LONGEST_ID = 200


class Phase(StrEnum):
    """How far a conversation with a mail server has come."""

    CONNECT = "connecting"
    TLS = "STARTTLS"
    LOGIN = "login"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    DATA = "DATA"
    BODY = "message"  # from its first byte on nobody can take the message back


CONFIGURATION = {
    Phase.CONNECT: "SOJOURN_SMTP_HOST, SOJOURN_SMTP_PORT, SOJOURN_SMTP_TLS",
    Phase.TLS: "SOJOURN_SMTP_TLS",
    Phase.LOGIN: "SOJOURN_SMTP_USERNAME, SOJOURN_SMTP_PASSWORD",
    Phase.SENDER: "SOJOURN_SMTP_SENDER",
}
OURS = {Phase.LOGIN, Phase.SENDER}  # a refusal there would meet every message
BAD_SENDER = {"5.1.7", "5.1.8"}  # the sender's mailbox or domain
BAD_ADDRESS = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
TOO_LONG = {"5.2.3", "5.3.4"}
# The recipient's mailbox takes nothing for the time being: for whatever reason, switched off, full (RFC 3463, 3.3).
MAILBOX_CLOSED = {"4.2.0", "4.2.1", "4.2.2", "5.2.2"}
OVER_QUOTA = 552  # the same without an enhanced code
KNOCK_AGAIN = 1800.0  # seconds; RFC 5321, 4.5.4.1: no sooner than after half an hour
# What a reply to RCPT says about the address when it has no enhanced code: unknown, not local, not allowed.
BAD_ADDRESS_REPLIES = {550, 551, 553}
SERVER_TROUBLE = {500, 502, 503, 504, 521, 530, 535}  # it does not speak as we do, or wants a login


def verdict(phase: Phase, code: int, text: str, key: str) -> Verdict:
    """Read one reply.

    Args:
        phase: what it answers.
        code: the reply code; anything that is none (a garbled line) may be given as -1.
        text: the rest of the reply.
        key: stands in for the server's id where it names none.
    """
    enhanced = _enhanced_code(text)
    reply = " ".join(filter(None, (str(code), enhanced, f"to {phase}")))
    if phase is Phase.BODY and 200 <= code < 300:
        return Accepted(_printable(text) or key)
    mailbox_closed = enhanced in MAILBOX_CLOSED or (code == OVER_QUOTA and enhanced not in TOO_LONG)
    if mailbox_closed and phase not in CONFIGURATION:
        return Unavailable(reply, KNOCK_AGAIN, mailbox=True)
    if 400 <= code < 500:
        return Unavailable(reply)
    if not 500 <= code < 600:
        return Ambiguous("garbled reply to the message") if phase is Phase.BODY else Unavailable(f"unexpected {reply}")
    if phase in OURS or enhanced in BAD_SENDER:
        return Misconfigured(f"{reply}: see {CONFIGURATION[phase if phase in OURS else Phase.SENDER]}")
    if phase in CONFIGURATION:
        return Unavailable(f"{reply}: see {CONFIGURATION[phase]}")
    if enhanced in BAD_ADDRESS or (phase is Phase.RECIPIENT and not enhanced and code in BAD_ADDRESS_REPLIES):
        return Refused(reply, address=True)
    if enhanced in TOO_LONG:
        return Refused(f"{reply}: too long")
    if code in SERVER_TROUBLE or (enhanced.startswith("5.7.") and not (phase is Phase.BODY and enhanced == "5.7.1")):
        # Who we are is not accepted here: a matter of settings or reputation, not of this message. Only 5.7.1
        # after the message is a judgement of its content. One recipient's server is no reason to stop for all.
        return Unavailable(f"{reply}: the server does not accept us; see docs/providers/smtp.md")
    return Refused(reply)


def _enhanced_code(text: str) -> str:
    """The code of RFC 3463 at the start of a reply's text, or nothing."""
    found = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)", text)
    return found.group() if found else ""


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()[:LONGEST_ID]
