"""Countries, time zones and languages."""

import re
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from api.values.errors import WrongValueError

# The shape of a BCP 47 tag: language, then script, region, variants and extensions.
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{1,8})*", re.ASCII)
LONGEST_LOCALE = 35  # RFC 5646, section 4.4.1
NO_PLACE = {"Factory", "localtime", "posixrules"}

# As customers call them; the rest is as in tzdata's list.
COUNTRY_NAMES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BG": "Bulgaria", "BR": "Brazil", "CA": "Canada",
    "CH": "Switzerland", "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia",
    "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "HR": "Croatia",
    "HU": "Hungary", "IE": "Ireland", "IN": "India", "IS": "Iceland", "IT": "Italy", "JP": "Japan",
    "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "MT": "Malta", "NL": "Netherlands",
    "NO": "Norway", "NZ": "New Zealand", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SE": "Sweden",
    "SI": "Slovenia", "SK": "Slovakia", "UA": "Ukraine", "US": "United States", "ZA": "South Africa",
}  # fmt: skip


def time_zone(text: str) -> str:
    """The IANA name of a time zone, e.g. ``Europe/Prague``.

    Raises:
        WrongValueError: there is no such zone.
    """
    if text not in _zones():
        raise WrongValueError("There is no such time zone. Use an IANA name such as Europe/Prague.")
    return text


def country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, e.g. ``CZ``; lower case is understood.

    Raises:
        WrongValueError: there is no such country.
    """
    found = text.strip().upper()
    if found not in _countries():
        raise WrongValueError("There is no such country. Use an ISO 3166-1 code of two letters such as CZ.")
    return found


def country_name(code: str) -> str:
    """A country as customers call it; a code that is none is given back."""
    return COUNTRY_NAMES.get(code) or _countries().get(code, code)


def locale(text: str) -> str:
    """A language tag in the shape of BCP 47, e.g. ``en-GB``.

    Raises:
        WrongValueError: it is not shaped like one.
    """
    if len(text) > LONGEST_LOCALE or not LOCALE.fullmatch(text):
        raise WrongValueError("This is not a language tag. Use one such as en-GB.")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACE)


@cache
def _countries() -> dict[str, str]:
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}
