"""The local mailbox: every message becomes a file that a person can open. For development and demos."""

import asyncio
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from activities.channels import EMAIL, Channel
from activities.delivery import Accepted, Deduplication, Delivery, Verdict

KEY_HEADER = "X-Sojourn-Message"
CHANNEL_HEADER = "X-Sojourn-Channel"


@dataclass(frozen=True)
class Kept:
    """A message in the mailbox, as it was delivered."""

    key: str
    channel: Channel
    at: datetime
    to: str
    subject: str
    text: str
    html: str


class Mailbox:
    """Keeps messages as `.eml` files, texts too: any mail program and any editor opens them.

    A message's file is named by its time and its key, so the same message delivered twice is one file.

    Args:
        folder: where the files go; made if missing.
    """

    name = "mailbox"
    deduplication = Deduplication.KEY

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Write the file; it is there whole or not at all."""
        return Accepted(await asyncio.to_thread(self._keep, delivery))

    async def look_up(self, key: str) -> Verdict | None:
        """Whether the file is there."""
        found = await asyncio.to_thread(lambda: next(self.folder.glob(f"*-{key}.eml"), None))
        return Accepted(found.name) if found else None

    def messages(self) -> list[Kept]:
        """Everything in the mailbox, the oldest first."""
        return [_as_kept(path) for path in sorted(self.folder.glob("*.eml"))]

    def _keep(self, delivery: Delivery) -> str:
        path = self.folder / f"{delivery.decided_at:%Y%m%dT%H%M%SZ}-{delivery.channel}-{delivery.key}.eml"
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")
        with os.fdopen(descriptor, "wb") as file:
            file.write(_as_email(delivery).as_bytes(policy=policy.SMTP))
        Path(draft).replace(path)
        return path.name


def _as_email(delivery: Delivery) -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["To"] = delivery.to
    message["Date"] = delivery.decided_at
    message["Subject"] = delivery.subject or "(text message)"
    message[KEY_HEADER] = delivery.key
    message[CHANNEL_HEADER] = delivery.channel.value
    for name, value in delivery.headers.items():
        message[name] = value
    message.set_content(delivery.text)
    if delivery.html:
        message.add_alternative(delivery.html, subtype="html")
    return message


def _as_kept(path: Path) -> Kept:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    channel = Channel(message[CHANNEL_HEADER])
    html = message.get_body(("html",))
    text = message.get_body(("plain",))
    return Kept(
        key=message[KEY_HEADER],
        channel=channel,
        at=message["Date"].datetime,
        to=message["To"],
        subject=message["Subject"] if channel is EMAIL else "",
        text=text.get_content().removesuffix("\n") if text else "",
        html=html.get_content() if html else "",
    )
