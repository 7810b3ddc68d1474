"""Lays out the text part of an email: paragraphs filled, lists hanging, links whole."""

import re
import textwrap

COLUMNS = 78  # RFC 5322, 2.1.1

_SIGNATURE = "-- "  # RFC 3676, 4.3: the trailing space belongs to it
_LIST_ITEM = "* "
_LINK_ALONE = re.compile(r"https?://\S+\Z")


def laid_out(text: str) -> str:
    """The text with its lines joined to paragraphs and wrapped again.

    A line stays by itself if it is a list item (``* ``), is indented (a code), is a link alone or is the
    signature line. Only such a link, or a word that holds one, may be longer than the columns.
    """
    lines: list[str] = []
    paragraph: list[str] = []

    def end_paragraph() -> None:
        if paragraph:
            lines.extend(_wrapped(" ".join(paragraph)))
            paragraph.clear()

    for raw in text.replace("\N{CARRIAGE RETURN}", "").split("\n"):
        line = raw.rstrip(" ")
        if not line:
            end_paragraph()
            if lines and lines[-1]:
                lines.append("")
        elif raw == _SIGNATURE or line.startswith((" ", _LIST_ITEM)) or _LINK_ALONE.match(line):
            end_paragraph()
            lines.extend([raw] if raw == _SIGNATURE else _wrapped(line))
        else:
            paragraph.append(line)
    end_paragraph()
    # Only now: until here the non-breaking spaces kept dates and hours on one line.
    return "\n".join(lines).strip("\n").replace("\N{NO-BREAK SPACE}", " ") + "\n"


def _wrapped(line: str) -> list[str]:
    if len(line) <= COLUMNS:
        return [line]
    body = line.lstrip(" ")
    indent = " " * (len(line) - len(body))
    hanging = indent + " " * len(_LIST_ITEM) if body.startswith(_LIST_ITEM) else indent
    return textwrap.wrap(
        body,
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words="://" not in body,
        break_on_hyphens=False,
    )
