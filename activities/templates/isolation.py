"""What customers typed, made harmless: it cannot turn, break or extend the words around it."""

import unicodedata

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_BIDI_CONTROLS = dict.fromkeys([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_LINK_SIGNS = ("://", "www.")
_UNSENDABLE = frozenset({"Cc", "Cs"})  # control characters, and halves of a pair that UTF-8 cannot encode


def single_line(text: str) -> str:
    """A text on one line, without control characters, every run of white space one space."""
    spaced = " ".join(text.split())
    return spaced if spaced.isprintable() else "".join(c for c in spaced if unicodedata.category(c) not in _UNSENDABLE)


def isolate_plain(value: str, direction: str = "ltr") -> str:
    """A customer's value for plain text and subjects.

    It is set between U+2068 and U+2069 where it could turn the words around it. Where it cannot (a
    left-to-right value in a left-to-right message) it stays bare: some programs draw the marks as boxes.

    Args:
        value: what the customer typed.
        direction: of the message around it, ``ltr`` or ``rtl``.
    """
    clean = _clean(value)
    if direction == "ltr" and not any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in clean):
        return clean
    return f"{_ISOLATE}{clean}{_END}"


def without_isolates(text: str) -> str:
    """A text without the two marks; one of them would double the price of a text message."""
    return text.replace(_ISOLATE, "").replace(_END, "")


def name_to_greet(name: str | None) -> str | None:
    """A first name to address somebody by; None if it is empty or would become a link in a mail program.

    A stranger may register somebody else's address under such a name, to have an advertisement sent there.
    """
    shown = _clean(name or "").casefold()
    return name if shown and not any(sign in shown for sign in _LINK_SIGNS) else None


@pass_context
def isolate(context: Context, value: str) -> str:
    """A customer's value for a body: an element of its own direction, or marks in plain text."""
    if not context.eval_ctx.autoescape:
        return isolate_plain(value, context["dir"])
    return Markup('<span dir="auto">{}</span>').format(_clean(value))


def _clean(value: str) -> str:
    return single_line(value.translate(_BIDI_CONTROLS))
