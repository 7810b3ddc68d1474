"""Links to a customer's own pages are keys to them: whoever holds one can act as the customer."""

import re

from api.console.frame import Visit

# The pages of `activities/storage/links.py` and what follows a click or an opened message, on whatever host.
_OWN = re.compile(r"(/(?:profile|preferences|confirm|unsubscribe|c|o|l)/)[\w.~-]+")


def without_keys(text: str) -> str:
    """A stored text in which no link opens a customer's page any more.

    Args:
        text: plain, HTML or JSON.
    """
    return _OWN.sub(r"\1…", text)


def as_seen_by(visit: Visit, text: str) -> str:
    """A stored text for a member: those who may not change anything see no links that can.

    Args:
        visit: whose.
        text: plain, HTML or JSON.
    """
    return text if visit.may("support") else without_keys(text)
