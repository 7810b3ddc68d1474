"""The local mailbox: every message becomes a file that a person can open. For development and demos."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from activities.channels import SMS, Channel
from activities.delivery import Accepted, Deduplication, Delivery, Refused, Unavailable, Verdict
from activities.providers.header_safety import header_problem
from activities.providers.mime import compose

KEY_HEADER = "X-Sojourn-Message"
CHANNEL_HEADER = "X-Sojourn-Channel"
TOO_LATE = "the deadline passed before the message was kept"


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

    Raises:
        OSError: the folder cannot be made, or not be written to; the message names it.
    """

    name = "mailbox"
    deduplication = Deduplication.KEY

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(f"the mailbox cannot use {folder}: {error.strerror}") from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(f"the mailbox cannot write to {folder}")

    async def deliver(self, delivery: Delivery) -> Verdict:
        """Write the file; it is there whole or not at all."""
        problem = header_problem(delivery)
        if problem:
            return Refused(problem)
        try:
            name = await asyncio.to_thread(self._keep, delivery)
            return Unavailable(TOO_LATE) if name is None else Accepted(name)
        except OSError as error:
            return Unavailable(f"the mailbox cannot write to {self.folder}: {error.strerror}")
        except ValueError as error:
            return Refused(f"cannot be written as an email: {type(error).__name__}")

    async def look_up(self, key: str) -> Verdict | None:
        """Whether the file is there."""
        found = await asyncio.to_thread(self._path, key)
        return Accepted(found.name) if found else None

    def messages(self) -> list[Kept]:
        """Everything in the mailbox, the oldest first."""
        return [_as_kept(path) for path in self._paths()]

    def newest(self, limit: int) -> list[Kept]:
        """The last messages, the newest first.

        Args:
            limit: how many at most; only so many files are read.
        """
        return [_as_kept(path) for path in self._paths()[::-1][: max(limit, 0)]]

    def message(self, key: str) -> Kept | None:
        """One message, or None where the mailbox has none under that key.

        Args:
            key: of the delivery. May come from an address line: it is compared, never used as a path.
        """
        path = self._path(key)
        return _as_kept(path) if path else None

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("*-*-*.eml"))

    def _path(self, key: str) -> Path | None:
        return next((path for path in self._paths() if path.stem.split("-", 2)[2] == key), None)

    def _keep(self, delivery: Delivery) -> str | None:
        """Write a file and return its name; None where that would be too late."""
        path = self.folder / f"{delivery.decided_at:%Y%m%dT%H%M%SZ}-{delivery.channel}-{delivery.key}.eml"
        headers = {KEY_HEADER: delivery.key, CHANNEL_HEADER: delivery.channel.value}
        content = compose(delivery, delivery.subject or "(text message)", headers, encoding="8bit")
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            if time.monotonic() >= delivery.deadline:
                Path(draft).unlink()
                return None
            Path(draft).replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(draft).unlink()
            raise
        return path.name


def forget(folder: Path, keys: Collection[str]) -> None:
    """Remove messages and calls of journeys from a mailbox; there may be neither them nor a folder.

    Args:
        folder: of the mailbox.
        keys: under which they were delivered.
    """
    for path in folder.glob("*-*-*"):
        if path.stem.split("-", 2)[2] in keys:
            path.unlink(missing_ok=True)


def _as_kept(path: Path) -> Kept:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    channel = Channel(message[CHANNEL_HEADER])
    return Kept(
        key=message[KEY_HEADER],
        channel=channel,
        at=message["Date"].datetime,
        to=message["To"],
        subject=message["Subject"] if channel is not SMS else "",
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    """The text or the HTML as it was delivered: on its way into the file it got CRLF and one more line break."""
    body = message.get_body((kind,))
    return body.get_content().replace("\r\n", "\n").removesuffix("\n") if body else ""
