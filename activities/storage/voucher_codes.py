"""Files of voucher codes: one code a line, or a CSV file with the codes first."""

import re

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,23}", re.ASCII)  # fits the box in the email, and one text
HEADINGS = {"code", "codes", "voucher", "voucher_code"}


def read_codes(text: str) -> list[str]:
    """The codes of a file, each once, in their order.

    Args:
        text: of the file.

    Raises:
        ValueError: there are none, or one will not do; the line is named.
    """
    codes: dict[str, None] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        code = line.partition(",")[0].strip().strip('"')
        if not line.strip() or (number == 1 and code.lower() in HEADINGS):
            continue
        if not CODE.fullmatch(code):
            raise ValueError(
                f"line {number}: {code!r} is no code; 1 to 24 letters, digits, dots, hyphens or underscores"
            )
        codes[code] = None
    if not codes:
        raise ValueError("there are no codes in it")
    return list(codes)
