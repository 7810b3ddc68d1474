"""Names and custom attributes."""

import re
import unicodedata
from typing import Any

from activities.storage.facts import STANDARD_ATTRIBUTES
from api.values.errors import WrongValueError

LONGEST_NAME = 100
LONGEST_ATTRIBUTE = 1000
ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_TEXTS = 50
STANDARD_NAMES = {
    *STANDARD_ATTRIBUTES,
    *("id", "customer_id", "timezone", "preferred_channel", "attributes", "consents", "source"),
}


def name(text: str) -> str:
    """A first or last name: NFC, outer spaces removed.

    Raises:
        WrongValueError: it is empty, too long or has control characters.
    """
    found = unicodedata.normalize("NFC", text).strip()
    if not found:
        raise WrongValueError("This is empty.", "empty")
    if len(found) > LONGEST_NAME:
        raise WrongValueError(f"Please use at most {LONGEST_NAME} characters.", "too long")
    refuse_control_characters(found)
    return found


def attribute_name(text: str) -> str:
    """The name of a custom attribute.

    Raises:
        WrongValueError: it is not written like ``shoe_size``, or it is the name of a standard one.
    """
    if not ATTRIBUTE_NAME.fullmatch(text):
        raise WrongValueError("Use lower-case letters, digits and underscores, a letter first, at most 64.")
    if text in STANDARD_NAMES:
        raise WrongValueError(f"{text} is a standard attribute: give it outside of attributes.")
    return text


def attribute(value: Any) -> Any:
    """The value of a custom attribute: a JSON scalar, or a list of texts.

    Raises:
        WrongValueError: it is an object or another list, or a text that is too long.
    """
    if isinstance(value, list) and len(value) <= MOST_TEXTS and all(isinstance(text, str) for text in value):
        return [attribute(text) for text in value]
    if isinstance(value, str):
        if len(value) > LONGEST_ATTRIBUTE:
            raise WrongValueError(f"Please use at most {LONGEST_ATTRIBUTE} characters.", "too long")
        return refuse_control_characters(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise WrongValueError("An attribute is a string, a number, true, false, null or a list of strings.")


def refuse_control_characters(text: str) -> str:
    """The text itself (guarantees E7).

    Raises:
        WrongValueError: there is a control character in it, or a line or paragraph separator.
    """
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in text):
        raise WrongValueError("Please take out line breaks and control characters.", "has control characters")
    return text
