"""A message as the gate hands it to a provider."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from activities.channels import EMAIL, PUSH, SMS
from activities.delivery import Delivery

LONG_LINK = "https://shop.example.com/unsubscribe/" + "Ab1-_" * 40
TEXT = "Zdravíme, Ado.\n\n.A line that begins with a dot\nhttps://shop.example.com/profile?a=1&b=" + "x" * 120
HTML = '<p style="color: #112233">Zdravíme, <b>Ado</b> &amp; spol.</p>' + "<!-- one long line -->" * 60


def an_email(*, seconds: float = 10, **changes: Any) -> Delivery:
    """An email that may take so many seconds."""
    delivery = Delivery(
        key="msg_0123456789abcdef0123456789abcdef",
        channel=EMAIL,
        to="ada@example.com",
        subject="Váš účet je skoro hotov 🎉",
        html=HTML,
        text=TEXT,
        decided_at=datetime(2026, 11, 5, 9, 0, 1, tzinfo=UTC),
        deadline=time.monotonic() + seconds,
        headers={"List-Unsubscribe": f"<{LONG_LINK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )
    return replace(delivery, **changes)


def a_text(**changes: Any) -> Delivery:
    """A text message."""
    return replace(
        an_email(), **{"channel": SMS, "to": "+447700900123", "subject": "", "html": "", "headers": {}} | changes
    )


def a_push(**changes: Any) -> Delivery:
    """A push to an app."""
    return replace(
        an_email(),
        **{
            "channel": PUSH,
            "to": "a-token-of-the-app:APA91b",
            "subject": "Almost there",
            "html": "",
            "text": "Your account is nearly complete.",
            "headers": {},
        }
        | changes,
    )
