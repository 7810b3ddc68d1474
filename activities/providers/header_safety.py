"""What may stand in a header: no driver writes a control character into an email or an HTTP request.

The standard library refuses line breaks in headers but lets NUL pass (guarantees E7), and a service that takes
our JSON may refuse nothing at all. So every driver asks here first.
"""

import re
import unicodedata

from activities.delivery import Delivery

LONGEST_HEADER = 990  # RFC 5322 section 2.1.1 ends a line at 998 characters; a few are for the line break
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAKING = {"Cc", "Cs", "Zl", "Zp"}  # control characters, lone surrogates, line and paragraph separators
_OURS = re.compile(
    r"(?i)(from|to|cc|bcc|sender|reply-to|return-path|subject|date|message-id|mime-version|content-.*|x-sojourn-.*"
    r"|host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)"
)


def has_control_characters(text: str) -> bool:
    """Whether a text holds anything that could end a header or that cannot be written as UTF-8."""
    return any(unicodedata.category(sign) in _BREAKING for sign in text)


def header_problem(delivery: Delivery) -> str | None:
    """Why a message's headers must not be written.

    Returns:
        The field and what is wrong with it, never its value: reasons end in histories. None where all is well.
    """
    for field, value in (("key", delivery.key), ("to", delivery.to), ("subject", delivery.subject)):
        if has_control_characters(value):
            return f"control character in {field}"
    for name, value in delivery.headers.items():
        if not _TOKEN.fullmatch(name):
            return "a header's name is not a token"
        if _OURS.fullmatch(name):
            return f"header {name} is not the message's to set"
        if has_control_characters(value):
            return f"control character in {name}"
        if len(name) + len(value) > LONGEST_HEADER:
            return f"header {name} is too long"
    return None
