"""What the sample customers receive: the mailbox's files, read as they come."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from activities.channels import SMS, Channel
from activities.providers.mailbox import CHANNEL_HEADER

LOOK = 0.05  # seconds between two looks into the folder


@dataclass(frozen=True)
class Received:
    """A message as the customer's phone or mail program has it.

    Attributes:
        at: journey instant at which the gate let it go.
        channel: email or text.
        to: address.
        subject: of an email; empty for a text.
        text: what it says.
        unsubscribe: where a mail program's 'unsubscribe' goes; empty if it has none.
    """

    at: datetime
    channel: Channel
    to: str
    subject: str
    text: str
    unsubscribe: str


class Inbox:
    """The messages of all customers.

    Args:
        folder: of the mailbox.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[Path] = set()
        self._messages: list[Received] = []
        self._came = asyncio.Condition()

    async def watch(self) -> None:
        """Read what comes until cancelled."""
        while True:
            new = sorted(set(self._folder.glob("*.eml")) - self._read)
            if new:
                async with self._came:
                    self._read.update(new)
                    self._messages += [_received(path) for path in new]
                    self._came.notify_all()
            await asyncio.sleep(LOOK)

    async def message(self, to: str, channel: Channel, number: int) -> Received:
        """The first, second, ... message to an address, as soon as it is there."""

        def found() -> list[Received]:
            return [each for each in self._messages if each.to == to and each.channel is channel]

        async with self._came:
            await self._came.wait_for(lambda: len(found()) >= number)
            return found()[number - 1]

    async def after(self, number: int) -> list[Received]:
        """All messages but the first so many, once there are more."""
        async with self._came:
            await self._came.wait_for(lambda: len(self._messages) > number)
            return self._messages[number:]

    def __len__(self) -> int:
        return len(self._messages)


def _received(path: Path) -> Received:
    message: EmailMessage = message_from_bytes(path.read_bytes(), policy=policy.default)
    channel = Channel(message[CHANNEL_HEADER])
    text = message.get_body(("plain",))
    return Received(
        at=message["Date"].datetime,
        channel=channel,
        to=message["To"],
        subject=message["Subject"] if channel is not SMS else "",
        text=text.get_content().strip() if text else "",
        unsubscribe=str(message.get("List-Unsubscribe", "")).strip("<>"),
    )
