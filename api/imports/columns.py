"""The columns of a table of registrations, whether it is a file's or a database's.

They are the fields of a registration: `attributes.NAME` is a custom attribute, `consents.CHANNEL` or
`consents.topics.TOPIC` a decision. An empty cell says nothing.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from activities.interests import TOPIC_CODES
from api.bodies import CONSENT_CHANNELS, RegistrationBody
from api.json_body import refuse_poison
from api.values import WrongValueError, attribute_name

ATTRIBUTE = "attributes."
CONSENT = "consents."
YES_OR_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
DECISIONS = (*CONSENT_CHANNELS, *(f"topics.{topic}" for topic in TOPIC_CODES))
TRUTHS = frozenset({"loyalty", *(f"{CONSENT}{decision}" for decision in DECISIONS)})
PLAIN = frozenset(RegistrationBody.model_fields) - {"attributes", "consents"}


class WrongColumnsError(Exception):
    """Columns that nothing can be taken from.

    Args:
        detail: what is wrong with them.
        columns: the names at fault.
    """

    def __init__(self, detail: str, columns: Sequence[str]) -> None:
        super().__init__(detail)
        self.columns = tuple(columns)


def is_known(column: str) -> bool:
    """Whether a registration has such a field."""
    if not column.startswith(ATTRIBUTE):
        return column in PLAIN or column in TRUTHS
    try:
        attribute_name(column.removeprefix(ATTRIBUTE))
    except WrongValueError:
        return False
    return True


def require_known(columns: Sequence[str]) -> None:
    """Refuse columns whose values would be lost in silence.

    Raises:
        WrongColumnsError: one is unknown, or there twice.
    """
    unknown = [name for name in columns if not is_known(name)]
    if unknown:
        known = ", ".join([*sorted(PLAIN | TRUTHS), f"{ATTRIBUTE}NAME"])
        raise WrongColumnsError(
            f"unknown column{'s'[: len(unknown) - 1]} {', '.join(map(repr, unknown))}; there are {known}", unknown
        )
    twice = sorted({one for one, next_ in pairwise(sorted(columns)) if one == next_})
    if twice:
        raise WrongColumnsError(f"given twice: {', '.join(map(repr, twice))}", twice)


def document(cells: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A row like the body of a registration.

    Args:
        cells: by their known columns.

    Raises:
        ApiError: 422, a cell has something that a later layer would choke on.
    """
    found: dict[str, Any] = {}
    for column, cell in cells:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        *groups, name = column.split(".")
        within = found
        for group in groups:
            within = within.setdefault(group, {})
        within[name] = YES_OR_NO.get(str(cell).strip().lower(), cell) if column in TRUTHS else cell
    refuse_poison(found)
    return found
