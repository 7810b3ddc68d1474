"""ISO 8601 durations of a fixed length, parsed by pydantic and held to the standard."""

from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

_PYDANTIC = TypeAdapter(timedelta)


def parse_duration(text: str) -> timedelta:
    """Parse a duration such as `P4D`, `PT36H` or `P1W`.

    Years and months are refused: they have no length of their own, and pydantic would silently take a month
    for 30 days. So are a sign, a `T` with nothing behind it, and forms that are not ISO 8601 (`1:30:00`).

    Raises:
        ValueError: it is none.
    """
    date_part = text.partition("T")[0]
    if not text.startswith("P") or text.endswith("T") or {"Y", "M"} & set(date_part):
        raise ValueError(f"not a duration: {text!r}")
    try:
        return _PYDANTIC.validate_python(text)
    except ValidationError as error:
        raise ValueError(f"not a duration: {text!r}") from error
