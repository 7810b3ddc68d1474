"""How well two colours can be told apart, as WCAG 2.2 measures it, and how to make a colour readable."""

import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}\Z")


def is_hex_colour(colour: str) -> bool:
    """Whether a text is a colour of the form ``#RRGGBB``, the only one every mail program understands."""
    return _HEX.match(colour) is not None


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#RRGGBB`` colours, from 1.0 (the same) to 21.0 (black on white).

    Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, on: tuple[str, ...], towards: str, least: float) -> str:
    """The colour, moved towards another one until it can be read on all the given grounds.

    Args:
        colour: the colour wanted, ``#RRGGBB``.
        on: grounds it will stand on.
        towards: a colour that is readable on all of them; the last resort.
        least: contrast ratio it must have with each ground.
    """
    for step in range(21):
        candidate = _mixed(colour, towards, step / 20)
        if all(contrast(candidate, ground) >= least for ground in on):
            return candidate
    return towards


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
