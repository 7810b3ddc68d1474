"""The shop as its customers see it: name, colours, addresses."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from activities.templates.contrast import contrast, is_hex_colour, readable

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3 (AA) for text of normal size


@dataclass(frozen=True)
class Palette:
    """The colours of one scheme that are the same for every shop.

    Attributes:
        ground: behind the card.
        surface: the card.
        ink: text.
        muted: small print.
        line: thin rules.
        tint: behind an offer.
    """

    ground: str
    surface: str
    ink: str
    muted: str
    line: str
    tint: str

    @property
    def grounds(self) -> tuple[str, ...]:
        """Everything that coloured words may stand on."""
        return self.ground, self.surface, self.tint


LIGHT = Palette("#EDF1EF", "#FFFFFF", "#17211E", "#52605A", "#D3DBD7", "#E4EFEA")
DARK = Palette("#0F1513", "#19221F", "#EDF3F0", "#A9B8B1", "#35433D", "#21332D")


@dataclass(frozen=True)
class Brand:
    """What makes a message a message of this shop. The defaults are an invented one.

    Attributes:
        name: the shop's name in sentences and at the head of every text message.
        logo_mark: one or two letters inside the coloured square.
        colour: brand colour of the light scheme, ``#RRGGBB``.
        on_colour: words on it.
        dark: brand colour of the dark scheme.
        dark_on: words on it.
        legal_name: the company that sends.
        postal_address: where it can be reached by post; the law asks for it in marketing emails.
        help_email: where customers get help.
        shop_url: the shop's front page.
        privacy_url: its privacy notice.
        lang: BCP 47 tag of the language the templates are written in.
        dir: ``ltr`` or ``rtl``.
        link: readable shade of `colour` for words on the light grounds; computed.
        dark_link: the same of `dark` for the dark grounds; computed.

    Raises:
        ValueError: a field is wrong; the message names it.
    """

    name: str = "Hearthmoor"
    logo_mark: str = "H"
    colour: str = "#1D5C4D"
    on_colour: str = "#FFFFFF"
    dark: str = "#8FD6C1"
    dark_on: str = "#08231C"
    legal_name: str = "Hearthmoor Ltd"
    postal_address: str = "4 Old Kiln Yard, Millbridge MB1\N{NO-BREAK SPACE}2QF, United Kingdom"
    help_email: str = "help@hearthmoor.example"
    shop_url: str = "https://www.hearthmoor.example/"
    privacy_url: str = "https://www.hearthmoor.example/privacy"
    lang: str = "en-GB"
    dir: str = "ltr"
    link: str = field(init=False)
    dark_link: str = field(init=False)

    def __post_init__(self) -> None:
        for name in ("name", "logo_mark", "legal_name", "postal_address", "help_email", "lang"):
            if not getattr(self, name).strip():
                raise ValueError(f"brand {name} must not be empty")
        for name in ("shop_url", "privacy_url"):
            _require_web_address(name, getattr(self, name))
        if self.dir not in {"ltr", "rtl"}:
            raise ValueError(f"brand dir must be ltr or rtl, not {self.dir!r}")
        for colour, on in (("colour", "on_colour"), ("dark", "dark_on")):
            _require_readable_pair(colour, getattr(self, colour), on, getattr(self, on))
        light = readable(self.colour, LIGHT.grounds, LIGHT.ink, LEAST_CONTRAST)
        dark = readable(self.dark, DARK.grounds, DARK.ink, LEAST_CONTRAST)
        object.__setattr__(self, "link", light)  # the documented way to compute a field of a frozen dataclass
        object.__setattr__(self, "dark_link", dark)

    @property
    def start(self) -> str:
        """The side lines begin at, as ``align`` wants it (mail programs know no logical sides)."""
        return "right" if self.dir == "rtl" else "left"

    @property
    def end(self) -> str:
        """The side lines end at."""
        return "left" if self.dir == "rtl" else "right"


def _require_web_address(name: str, url: str) -> None:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname == "127.0.0.1"
    if not (local or (parts.scheme == "https" and parts.hostname)):
        raise ValueError(f"brand {name} must be an absolute https address, not {url!r}")


def _require_readable_pair(name: str, colour: str, on_name: str, on: str) -> None:
    for field_name, value in ((name, colour), (on_name, on)):
        if not is_hex_colour(value):
            raise ValueError(f"brand {field_name} must look like #1D5C4D, not {value!r}")
    ratio = contrast(colour, on)
    if ratio < LEAST_CONTRAST:
        raise ValueError(
            f"brand {on_name} {on} cannot be read on {name} {colour}: contrast {ratio:.2f}, "
            f"at least {LEAST_CONTRAST} is needed"
        )
