"""Which clock a customer lives by, when nobody told us: from the phone, the country, or the default."""

from functools import cache
from importlib.resources import files

# Countries with several zones whose most populous one is not the first in tzdata's zone.tab.
MOST_POPULOUS_ZONE = {
    "AQ": "Antarctica/McMurdo",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "KI": "Pacific/Tarawa",
    "MN": "Asia/Ulaanbaatar",
    "PS": "Asia/Gaza",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


def zone_of(phone: str | None, country: str | None, default: str) -> tuple[str, str]:
    """The best guess at a customer's time zone.

    A phone number whose prefix lies in one zone decides; one valid in a whole country stands for that
    country, and a country with several zones for the zone in which most of its people live.

    Args:
        phone: E.164.
        country: ISO 3166-1 alpha-2.
        default: IANA name for customers of whom neither is known.

    Returns:
        The IANA name and where it came from: ``phone``, ``country`` or ``default``.
    """
    if phone and (zone := _zone_of_phone(phone)):
        return zone, "phone"
    if country and (zone := zone_of_country(country)):
        return zone, "country"
    return default, "default"


def zone_of_country(country: str) -> str | None:
    """The zone in which most people of a country live.

    Args:
        country: ISO 3166-1 alpha-2.
    """
    return MOST_POPULOUS_ZONE.get(country) or _first_zones().get(country)


def _zone_of_phone(phone: str) -> str | None:
    import phonenumbers  # a third of a second: not for those who only rehearse without a phone
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return None
    zones = timezone.time_zones_for_number(number)
    if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE:
        return str(zones[0])
    region = phonenumbers.region_code_for_number(number)
    if region is None:
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return zone_of_country(region)


@cache
def _first_zones() -> dict[str, str]:
    """The first zone of each country in tzdata's zone.tab, which puts the most populous first if it can."""
    found: dict[str, str] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, zone)
    return found
