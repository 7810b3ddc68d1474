"""How values become the JSON that Temporal keeps, and come back: as the SDK does it, the short way for dataclasses.

The bytes are the SDK's own, and what this module cannot read it leaves to the SDK. It is there for its price: inside
the sandbox every `isinstance` is a call, and the SDK asks thousands of them for one journey.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from enum import EnumType
from typing import Any, get_type_hints
from weakref import WeakKeyDictionary

from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
    JSONTypeConverterUnhandled,
    value_to_type,
)

# Weak, since the sandbox makes the classes of a journey's own file anew for each workflow.
_HINTS = WeakKeyDictionary[type, Mapping[str, Any]]()


class _FieldByField(AdvancedJSONEncoder):
    """Writes a dataclass without copying all that is in it first."""

    def default(self, o: Any) -> Any:
        if hasattr(type(o), "__dataclass_fields__"):
            return {field.name: getattr(o, field.name) for field in fields(o)}
        return super().default(o)


class _KnownHints(JSONTypeConverter):
    """Reads a dataclass with hints that are looked up once a class, and what is an enumeration's by its value."""

    def to_typed_value(self, hint: type, value: Any) -> Any | JSONTypeConverterUnhandled | None:
        """The value as its hint wants it; or a word that the SDK is to do it."""
        if hint is type(value):
            return value
        with suppress(Exception):  # then the SDK tries once more: it knows of more cases, and says what is wrong
            if type(hint) is EnumType and type(value) is str:
                return hint(value)
            if type(hint) is type and type(value) is dict and hasattr(hint, "__dataclass_fields__"):
                hints = _hints_of(hint)
                return hint(**{name: self._read(hints[name], each) for name, each in value.items()})
        return JSONTypeConverter.Unhandled

    def _read(self, hint: Any, value: Any) -> Any:
        return value if hint is Any or hint is type(value) else value_to_type(hint, value, [self])


def _hints_of(cls: type) -> Mapping[str, Any]:
    known = _HINTS.get(cls)
    if known is None:
        known = _HINTS[cls] = get_type_hints(cls)
    return known


class PayloadConverter(CompositePayloadConverter):
    """The SDK's default converter; dataclasses take the short way."""

    def __init__(self) -> None:
        plain = JSONPlainPayloadConverter(encoder=_FieldByField, custom_type_converters=[_KnownHints()])
        usual = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(plain if isinstance(each, JSONPlainPayloadConverter) else each for each in usual))


CONVERTER = DataConverter(payload_converter_class=PayloadConverter)
"""For every client and every rehearsal of ours."""
