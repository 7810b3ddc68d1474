"""What a parameter's value must keep to when somebody sets it, beyond its type.

Not asked of the values that journeys carry already: a journey that is under way must never be stopped by a rule.
"""

import re
from datetime import timedelta
from enum import Enum
from typing import Any

LONGEST = timedelta(days=3650)
MOST = 10**9
LONGEST_TEXT = 1000  # characters
ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,63}")
DESIGN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")  # a voucher design: its name stands in addresses, too
NOT_OURS = frozenset({"first_name", "last_name", "email", "phone", "date_of_birth", "country", "locale", "timezone"})


def names_design(parameter: str) -> bool:
    """Whether a parameter of that name holds the name of a voucher design."""
    return parameter == "voucher" or parameter.endswith("_voucher")


def require_sensible(name: str, value: Any) -> None:
    """Refuse what no journey could go by.

    Args:
        name: of the parameter. One named ``voucher`` or ``..._voucher`` holds a design, and ``..._field`` a number of
            the profile.
        value: of the parameter's type.

    Raises:
        ValueError: it is too long, too large, or no name of such a thing.
    """
    match value:
        case Enum():
            return
        case timedelta() if value > LONGEST:
            raise ValueError(f"must not be longer than {LONGEST.days} days")
        case int() | float() if value > MOST:
            raise ValueError(f"must not be more than {MOST:,}")
        case tuple():
            _require_names(value)
        case str():
            _require_text(name, value)


def _require_names(names: tuple[str, ...]) -> None:
    for name in names:
        if not ATTRIBUTE.fullmatch(name):
            raise ValueError(f"an attribute is named like shoe_size, not {name!r}")
    if len(set(names)) < len(names):
        raise ValueError("a name is given twice")


def _require_text(name: str, text: str) -> None:
    if not text.strip():
        raise ValueError("must not be blank")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"must have at most {LONGEST_TEXT} characters")
    if not text.isprintable():
        raise ValueError("must not have line breaks or control characters")
    if names_design(name) and not DESIGN.fullmatch(text):
        raise ValueError(f"a voucher design is named like summer-thanks, not {text!r}")
    if name.endswith("_field") and (text in NOT_OURS or not ATTRIBUTE.fullmatch(text)):
        raise ValueError(f"a number in the profile is named like loyalty, not {text!r}")
