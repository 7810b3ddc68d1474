"""What a document out of Temporal gives away about a customer."""

import base64
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from activities.storage.designs import sample_codes
from tests.scenarios import Branch
from worker.rehearsal.happenings import POOL_SIZE
from worker.rehearsal.scenario import ProfileChange

# A journey may know these: when the customer's day begins, and what they agreed to.
HARMLESS = {"timezone", "country", "locale", "source", "preferred_channel", "consents", "loyalty"}
DESIGNS = ("profile-reward", "loyalty-discount")


def canaries(branch: Branch) -> set[str]:
    """Values of a branch that only our own database may know: of the customer, and codes of vouchers."""
    changes = [each.what.changes for each in branch.scenario.then if isinstance(each.what, ProfileChange)]
    found = {value for document in (branch.scenario.customer, *changes) for value in _values(document)}
    codes = {code for pool in branch.scenario.vouchers.values() for code in pool}
    found = {value for value in found if len(value) > 2 or not value.isdigit()}  # "42" stands in every timestamp
    return found | codes | {code for design in DESIGNS for code in islice(sample_codes(design), POOL_SIZE)}


def given_away(document: Any, secrets: set[str]) -> set[str]:
    """Those secrets that a document tells, in clear or inside a payload.

    Args:
        document: JSON as the Temporal SDK writes it, or a text.
        secrets: values that must not be in it.
    """
    text = "\n".join(_texts(document))
    return {secret for secret in secrets if re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)}


def _values(document: Any) -> Iterator[str]:
    for key, value in document.items():
        if key == "attributes":
            yield from _values(value)
        elif key not in HARMLESS and value is not None and not isinstance(value, bool):
            yield str(value)


def _texts(document: Any) -> Iterator[str]:
    match document:
        case {"metadata": dict(), "data": str(data)}:  # a payload
            yield base64.b64decode(data).decode()
        case dict():
            for key, value in document.items():
                yield key
                yield from _texts(value)
        case list():
            for value in document:
                yield from _texts(value)
        case _:
            yield str(document)


def as_json(document: Any) -> Any:
    """A document of the SDK's as JSON."""
    return json.loads(json.dumps(document, default=str))
