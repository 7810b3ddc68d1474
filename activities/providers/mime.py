"""A message as the bytes of an email (RFC 5322), the same bytes every time."""

from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Literal

from activities.delivery import Delivery
from activities.providers.header_safety import LONGEST_HEADER

Encoding = Literal["quoted-printable", "8bit"]


class _Policy(EmailPolicy):
    """The standard library's policy, but a plain ASCII header is never broken up.

    The library turns a long link into encoded words, and a mail program that finds `=?utf-8?...` where RFC 8058
    has `<https://` shows no unsubscribe button.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """One header as it goes over the wire."""
        text = f"{name}: {value}"
        if text.isascii() and len(text) <= LONGEST_HEADER and "\n" not in text:
            return text.encode() + self.linesep.encode()
        return super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n")


def compose(
    delivery: Delivery, subject: str, headers: dict[str, str], *, encoding: Encoding, utf8_headers: bool = False
) -> bytes:
    """Write a message.

    Args:
        delivery: what goes out; without HTML it becomes a plain text.
        subject: the email's subject.
        headers: those of the driver (From, Message-ID, ...); those of the delivery follow them.
        encoding: of bodies; "quoted-printable" has 7-bit lines of 76, which every server takes, and "8bit" leaves
            text and links as they are, which every reader takes.
        utf8_headers: whether headers may hold UTF-8 (RFC 6532), as an international address needs.

    Raises:
        ValueError: something in it cannot be written as an email, for instance a lone surrogate.
    """
    message = EmailMessage(policy=POLICY.clone(utf8=utf8_headers))
    for name, value in headers.items():
        message[name] = value
    message["To"] = delivery.to
    message["Date"] = delivery.decided_at
    message["Subject"] = subject
    for name, value in delivery.headers.items():
        message[name] = value
    # A body ends with a line break of its own, so that the reader can tell it from one that the text has.
    message.set_content(delivery.text + "\n", cte=encoding)
    if delivery.html:
        message.add_alternative(delivery.html + "\n", subtype="html", cte=encoding)
        message.set_boundary(f"=_{delivery.key}")  # the default is random; repeated attempts carry the same bytes
    return message.as_bytes()
