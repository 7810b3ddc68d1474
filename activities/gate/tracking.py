"""Pixels and click links in emails: off unless the shop turns them on, and never in a link a customer acts with."""

import html
import re
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from activities.link_targets import is_safe_target
from activities.storage.ids import new_id
from activities.storage.links import Links
from activities.storage.tables import Message, TrackedLink

HREF = re.compile(r'(<a\s[^>]*?\bhref=")([^"]+)(")', re.IGNORECASE)
END_OF_BODY = re.compile(r"</body\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Tracking:
    """What is traced of emails.

    Attributes:
        links: signs the traces; what leads to our own pages (confirm, profile, preferences, unsubscribe) is never
            wrapped.
        opens: whether emails carry a pixel.
        clicks: whether their links go through us.
    """

    links: Links
    opens: bool = False
    clicks: bool = False

    def traced(self, session: Session, message: Message, body: str, now: datetime) -> str:
        """The HTML of an email with its traces.

        Args:
            session: a writing transaction; where each link leads is stored in it.
            message: the email's row.
            body: its HTML.
            now: journey instant.
        """
        if self.clicks:
            body = self._wrapped(session, message, body, now)
        if self.opens:
            pixel = f'<img src="{self.links.trace_url("o", message.id)}" width="1" height="1" alt="">'
            end = END_OF_BODY.search(body)
            body = f"{body[: end.start()]}{pixel}{body[end.start() :]}" if end else body + pixel
        return body

    def _wrapped(self, session: Session, message: Message, body: str, now: datetime) -> str:
        known: dict[str, str] = {}

        def wrap(found: re.Match[str]) -> str:
            target = html.unescape(found[2])
            if not is_safe_target(target) or self._is_ours(target):
                return found[0]
            if target not in known:
                link = TrackedLink(
                    id=new_id("lnk"),
                    message_id=message.id,
                    customer_id=message.customer_id,
                    target=target,
                    created_at=now,
                )
                session.add(link)
                known[target] = self.links.trace_url("c", link.id)
            return f"{found[1]}{known[target]}{found[3]}"

        return HREF.sub(wrap, body)

    def _is_ours(self, target: str) -> bool:
        return target.startswith((f"{self.links.public_url}/", f"{self.links.short_url}/"))
