"""The words on the cards and lines of a picture."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any

from activities.channels import Channel
from activities.send_window import EVERY_DAY, SendWindow
from workflows.journey import Parameter
from workflows.journey.rules import All, Any_, Not, Setting

_UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def span(length: timedelta) -> str:
    """A duration as people say it: ``3 days``, ``1 day 12 hours``."""
    if length == timedelta(weeks=1):
        return "1 week"
    said = []
    for name, unit in _UNITS.items():
        count, length = divmod(length, unit)
        if count:
            said.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(said) or "no time"


def hours(window: SendWindow) -> str:
    """The hours of a window: ``09–21``, with its days unless it opens every day."""
    times = f"{_clock(window.opens)}–{_clock(window.closes)}"
    return times if window.days == EVERY_DAY else f"{times} {', '.join(WEEKDAYS[day] for day in window.days)}"


def _clock(at: str) -> str:
    return at.removesuffix(":00")


def channel(name: object) -> str:
    """A channel's name inside a sentence: ``email``, ``SMS``."""
    return "SMS" if str(name) == Channel.SMS else str(name)


def value(found: object) -> str:
    """A value as an answer on a line."""
    match found:
        case True:
            return "yes"
        case None | False:
            return "no"
        case Channel():
            return channel(found)
        case Enum():
            return str(found.value)
        case timedelta():
            return span(found)
        case _:
            return spelled(str(found))


def spoken(name: str) -> str:
    """A name in the code as words: ``first_name`` is ``first name``."""
    return " ".join(name.replace("_", " ").split())


def spelled(text: str) -> str:
    """With abbreviations as people write them."""
    return re.sub(r"\bsms\b", "SMS", text)


def capital(text: str) -> str:
    """With a capital first letter, unless it begins with the name of an event."""
    return text if "." in text.partition(" ")[0] else text[:1].upper() + text[1:]


def source(node: ast.expr) -> str:
    """An expression as words, without what only the program needs."""
    text = ast.unparse(node).replace("self.", "").replace("'", "").replace('"', "")
    return spoken(text)


def rule(found: Any, values: Mapping[str, Any] | None = None) -> str:
    """A rule as a person would say it, with the values of its parameters instead of their names.

    Args:
        found: a rule over an event's properties and the profile.
        values: of the journey's parameters, in their JSON form, where the defaults do not count.
    """
    rest = _with_values(found, values or {})
    return "never" if rest is False else "" if rest is True else str(rest.words())


def _with_values(found: Any, values: Mapping[str, Any]) -> Any:
    """The rule with values in the place of parameters; a bool where they alone decide."""
    match found:
        case All(rules) | Any_(rules):
            parts = [_with_values(each, values) for each in rules]
            decides = isinstance(found, Any_)  # True decides an `or`, False an `and`
            if any(part is decides for part in parts):
                return decides
            left = tuple(part for part in parts if not isinstance(part, bool))
            return replace(found, rules=left) if len(left) > 1 else left[0] if left else not decides
        case Not(inner):
            rest = _with_values(inner, values)
            return not rest if isinstance(rest, bool) else Not(rest)
    operand = found.operand.value(values) if isinstance(found.operand, Parameter) else found.operand
    if isinstance(found.subject, Setting):
        return bool(found.compare(found.subject.parameter.value(values), operand))
    return replace(found, operand=_operand(operand))


def _operand(found: object) -> object:
    match found:
        case datetime():
            at_midnight = found.time() == time() and found.utcoffset() == timedelta(0)
            return f"{found:%Y-%m-%d}" if at_midnight else f"{found:%Y-%m-%d %H:%M %Z}"
        case tuple():
            return _listed([str(each) for each in found])
        case _:
            return found


def either(texts: Iterable[str]) -> str:
    """Several texts as one: what differs is joined by `or`, what is common is said once."""
    found = list(dict.fromkeys(texts))
    if len(found) <= 1:
        return "".join(found)
    split = [text.split() for text in found]
    head = _common(split)
    tail = _common([words[head:][::-1] for words in split])
    middles = [" ".join(words[head : len(words) - tail]) for words in split]
    if not all(middles):
        return " or ".join(found)
    words = split[0]
    return " ".join([*words[:head], _listed(middles), *words[len(words) - tail :]])


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _common(lists: list[list[str]]) -> int:
    count = 0
    for words in zip(*lists, strict=False):
        if len(set(words)) > 1:
            break
        count += 1
    return count
