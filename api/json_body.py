"""JSON that came from outside: parsed strictly, refused by the place that is wrong, whoever brought it.

What Python's parser lets through and a later layer would choke on is refused here (guarantees C5, C6):
NaN, infinities, numbers beyond 64 bits, NUL characters, lone surrogates, keys given twice, deep nesting.
"""

import json
import math
from typing import Any

from api.errors import ApiError, FieldError, pointer, wrong_field

LARGEST_BODY = 64 * 1024
DEEPEST = 32
MOST_KEYS = 1000
LONGEST_TEXT = 8 * 1024
BIGGEST_INTEGER = 2**63 - 1


class _Refused:
    """Stands in a parsed document where something cannot be taken, until its place is known."""

    def __init__(self, detail: str) -> None:
        self.detail = detail


def parse(body: bytes) -> Any:
    """A JSON document, strictly.

    Raises:
        ApiError: 400 where it is not JSON, 422 where a place in it is wrong.
    """
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=lambda _constant: _Refused("not a JSON number"),
            parse_int=_integer,
        )
    except UnicodeDecodeError:
        raise ApiError(400, "The body is not UTF-8.", title="Broken JSON") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ApiError(400, f"The body is not JSON: {where}.", title="Broken JSON") from None
    except RecursionError:
        raise wrong_field("", f"nested deeper than {DEEPEST} levels") from None
    refuse_poison(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen = set()
        for key, _value in pairs:
            if key in seen:
                found[key] = _Refused("given twice")
            seen.add(key)
    return found


def _integer(digits: str) -> int | _Refused:
    if len(digits) > len(str(BIGGEST_INTEGER)) + 1 or abs(number := int(digits)) > BIGGEST_INTEGER:
        return _Refused("this number is too large")
    return number


def refuse_poison(document: Any) -> None:
    """Walk a document without recursion and refuse the first wrong place.

    Raises:
        ApiError: 422, it has something that a later layer would choke on.
    """
    keys = 0
    waiting: list[tuple[str, int, Any]] = [("", 0, document)]
    while waiting:
        place, depth, value = waiting.pop()
        if depth > DEEPEST:
            raise wrong_field("", f"nested deeper than {DEEPEST} levels")
        if detail := _wrong(value):
            raise wrong_field(place, detail)
        if isinstance(value, dict):
            keys += len(value)
            for key in value:
                if _wrong(key):
                    raise wrong_field(place, "a name in this object has characters that cannot be stored")
            waiting += [(pointer(place, key), depth + 1, item) for key, item in value.items()]
        elif isinstance(value, list):
            keys += len(value)
            waiting += [(pointer(place, index), depth + 1, item) for index, item in enumerate(value)]
        if keys > MOST_KEYS:
            raise ApiError(422, f"More than {MOST_KEYS} values.", errors=[FieldError("", "too many values")])


def _wrong(value: Any) -> str:
    if isinstance(value, _Refused):
        return value.detail
    if isinstance(value, float) and not math.isfinite(value):
        return "this number is too large"
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            return f"longer than {LONGEST_TEXT} characters"
        if "\0" in value:
            return "has a NUL character"
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return "has half a character (a lone surrogate)"
    return ""
