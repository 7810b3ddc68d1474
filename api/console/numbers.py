"""How the console writes numbers and times."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ABBREVIATION = re.compile(r"\b(sms|url)\b")


def count(number: int) -> str:
    """``15786`` as ``15,786``."""
    return f"{number:,}"


def percent(share: float | None) -> str:
    """``0.46`` as ``46.0 %``; a dash where there is nothing to divide by."""
    return "–" if share is None else f"{100 * share:.1f} %"


def times(ratio: float | None) -> str:
    """``2.541`` as ``×2.54``; a dash where there is none."""
    return "–" if ratio is None else f"×{ratio:.2f}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """An instant on somebody's clock: ``Mon 8 Mar 2027, 13:39``."""
    here = at.astimezone(zone)
    return f"{here:%a} {here.day} {here:%b %Y, %H:%M}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """A day on somebody's clock: ``8 Mar``."""
    here = at.astimezone(zone)
    return f"{here.day} {here:%b}"


def span(length: timedelta | None) -> str:
    """``timedelta(days=5, hours=4)`` as ``5 d 4 h``; its two largest units."""
    if length is None:
        return "–"
    minutes = round(length.total_seconds() / 60)
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    shown = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(shown[:2]) or "0 min"


def points(share: float, signed: bool = True) -> str:
    """``0.279`` as ``+27.9 points``; without its sign only the number."""
    return f"{100 * share:+.1f} points".replace("-", "−") if signed else f"{100 * share:.1f}".replace("-", "−")


def sentence(words: str) -> str:
    """``complete at entry`` as ``Complete at entry``, and abbreviations as people write them."""
    return spelled(words[:1].upper() + words[1:])


def spelled(words: str) -> str:
    """Abbreviations as people write them: ``rewarded by sms`` as ``rewarded by SMS``."""
    return ABBREVIATION.sub(lambda found: found[0].upper(), words)


FILTERS: dict[str, Callable[..., Any]] = {
    "count": count,
    "percent": percent,
    "times": times,
    "moment": moment,
    "day": day,
    "span": span,
    "points": points,
    "sentence": sentence,
    "zone": ZoneInfo,
}
