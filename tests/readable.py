"""What somebody who reads an address, a log or a row can make of it."""

import base64
import re

ENCODED = re.compile(r"[A-Za-z0-9_-]{8,}")


def readable(text: str) -> str:
    """A text and, decoded, what is base64 in it; in small letters.

    Look for something longer than a name in it: three letters in a row come by chance.
    """
    decoded = [
        base64.urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in ENCODED.findall(text) if len(each) % 4 != 1
    ]
    return "\n".join([text, *(each.decode("latin-1") for each in decoded)]).lower()
