"""Links to a customer's own pages are keys to them: whoever holds one can act as the customer."""

import re
from typing import get_args

from activities.storage.links import SHORT, Purpose, Trace
from api.console.frame import Visit

_PLACES = (*get_args(Purpose), *get_args(Trace), SHORT)
_OWN = re.compile(rf"(/(?:{'|'.join(_PLACES)})/)[\w.~-]+")  # on whatever host


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
