"""JSON read strictly, with every refusal naming the place by its path (`then[2].after`)."""

import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from worker.rehearsal.durations import parse_duration


class ShapeError(ValueError):
    """The document is not what was asked for; the message begins with the path of the offending key."""


class _Repeated(dict[str, object]):
    """An object of which a key was given twice."""

    key = ""


@dataclass(frozen=True)
class _Constant:
    """NaN or an infinity, which Python reads and JSON does not have."""

    name: str


@dataclass(frozen=True)
class Node:
    """A value in a document and the path that leads to it; empty at the top."""

    value: object
    path: str = ""

    def refuse(self, why: str, *, show: bool = True) -> ShapeError:
        """The error that says what is wrong here, and shows the value's beginning unless told not to."""
        shown = f": {repr(self.value)[:80]}" if show else ""
        return ShapeError(f"{self.path or 'scenario'}: {why}{shown}")

    def keys(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, "Node"]:
        """The members of an object: all the required keys, and none but those and the optional ones."""
        members = self.members()
        for name, member in members.items():
            if name not in required and name not in optional:
                raise member.refuse("unknown key", show=False)
        for name in required:
            if name not in members:
                raise self.child(name).refuse("missing", show=False)
        return members

    def members(self) -> dict[str, "Node"]:
        """The members of an object."""
        if not _is_object(self.value):
            raise self.refuse("not an object")
        return {name: self.child(name, value) for name, value in self.value.items()}

    def items(self) -> Iterator["Node"]:
        """The items of an array."""
        if not isinstance(self.value, list):
            raise self.refuse("not an array")
        return (Node(value, f"{self.path}[{index}]") for index, value in enumerate(self.value))

    def child(self, name: str, value: object = None) -> "Node":
        """A member by its name."""
        return Node(value, f"{self.path}.{name}" if self.path else name)

    def text(self) -> str:
        """A string that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.refuse("not a text")
        return self.value

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.refuse("neither true nor false")
        return self.value

    def whole(self) -> int:
        """A whole number."""
        if type(self.value) is not int:
            raise self.refuse("not a whole number")
        return self.value

    def mapping(self) -> Mapping[str, object]:
        """An object of anything."""
        return {name: member.value for name, member in self.members().items()}

    def one_of(self, names: Collection[str]) -> str:
        """One of some names."""
        if not isinstance(self.value, str) or self.value not in names:
            raise self.refuse(f"not one of {', '.join(names)}")
        return self.value

    def instant(self) -> datetime:
        """An ISO 8601 instant with its offset from UTC; comes back in UTC."""
        try:
            instant = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self.refuse("not an instant") from error
        if instant.tzinfo is None:
            raise self.refuse("an instant needs its offset from UTC, as in 2027-03-27T08:30:00Z")
        try:
            return instant.astimezone(UTC)
        except OverflowError as error:
            raise self.refuse("beyond the calendar") from error

    def duration(self) -> timedelta:
        """An ISO 8601 duration of a fixed length."""
        try:
            return parse_duration(self.text())
        except ValueError as error:
            raise self.refuse("not a duration") from error


def load(text: str | bytes) -> Node:
    """Read a document.

    Raises:
        ShapeError: it is not JSON as the standard has it: a key twice in an object, NaN, an infinite number,
            half a surrogate pair.
        RecursionError: it is nested too deeply.
    """
    try:
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_Constant)
    except ValueError as error:  # also a UnicodeDecodeError, and a whole number of thousands of digits
        raise ShapeError(f"scenario: not JSON: {error}") from error
    _check(Node(document))
    return Node(document)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    seen = dict(pairs)
    if len(seen) == len(pairs):
        return seen
    names = [name for name, _ in pairs]
    repeated = _Repeated(seen)
    repeated.key = next(name for name in names if names.count(name) > 1)
    return repeated


def _check(node: Node) -> None:
    match node.value:
        case _Repeated(key=key):
            raise node.child(key).refuse("given twice", show=False)
        case dict():
            for name, member in node.members().items():
                _check(Node(name, member.path))
                _check(member)
        case list():
            for item in node.items():
                _check(item)
        case _Constant(name=name):
            raise node.refuse(f"not JSON: {name}", show=False)
        case float() as number if math.isinf(number):
            raise node.refuse("too large a number", show=False)
        case str() as string if any("\ud800" <= character <= "\udfff" for character in string):
            raise node.refuse("half a surrogate pair")


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)
