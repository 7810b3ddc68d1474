"""Whole numbers as people and programs type them."""

import re

WHOLE = re.compile(r"[0-9]{1,18}")


def whole(text: str) -> int | None:
    """A whole number of at most eighteen digits; None for everything else, such as ``²`` or five thousand digits."""
    return int(text) if WHOLE.fullmatch(text) else None
