"""What a text message costs: its length and its segments, as 3GPP TS 23.038 and 23.040 count them."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # an escape stands before each, so they count twice

_SEPTETS_ALONE, _SEPTETS_JOINED = 160, 153
_UNITS_ALONE, _UNITS_JOINED = 70, 67


def is_gsm7(text: str) -> bool:
    """Whether every character is in the GSM 7-bit default alphabet or its extension table."""
    return all(letter in _BASIC or letter in _EXTENSION for letter in text)


def length(text: str) -> int:
    """Length as the network counts it: septets in GSM-7, else UTF-16 units of UCS-2."""
    return sum(_sizes(text))


def segments(text: str) -> int:
    """How many messages the network makes of a text, which is what a provider bills.

    A character of two units is never split between segments, so the last unit of a segment may stay empty.

    Returns:
        0 for an empty text, 1 for up to 160 septets (70 units in UCS-2), then one per 153 (67).
    """
    alone, joined = (_SEPTETS_ALONE, _SEPTETS_JOINED) if is_gsm7(text) else (_UNITS_ALONE, _UNITS_JOINED)
    sizes = _sizes(text)
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    count, used = 1, 0
    for size in sizes:
        if used + size > joined:
            count, used = count + 1, 0
        used += size
    return count


def _sizes(text: str) -> list[int]:
    if is_gsm7(text):
        return [2 if letter in _EXTENSION else 1 for letter in text]
    return [2 if ord(letter) > 0xFFFF else 1 for letter in text]
