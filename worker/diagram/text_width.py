"""How wide a text is, in Helvetica and its kin, so that cards fit without a browser."""

# Advance widths in thousandths of the size, from Helvetica's published metrics; bold is wider by a constant here.
_WIDTHS = {
    278: " !,./:;I[]\\ftij|",
    222: "'`l",
    333: "()-r",
    355: '"',
    389: "*",
    500: "ckJsvxyz",
    556: "0123456789abdeghnopqu$#?_L–",
    584: "+<=>~",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
}
_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}
_OTHER = 600
_WIDE = 1000  # scripts of the Far East
_BOLD = 1.07


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in pixels, at a font size in pixels."""
    total = sum(_OF.get(character, _WIDE if ord(character) > 0x2E7F else _OTHER) for character in text)
    return total / 1000 * size * (_BOLD if bold else 1)


def wrap(text: str, size: float, most: float, *, bold: bool = False) -> list[str]:
    """The text in lines of at most so many pixels; a single word that is longer keeps a line to itself."""
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size, bold=bold) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
