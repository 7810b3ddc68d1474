"""Email addresses and phone numbers."""

import re

from api.values.errors import WrongValueError
from api.values.places import country_name

LONGEST_PHONE_INPUT = 40
# Numbers that Ofcom keeps for films: never assigned to anyone, so test and demo systems may use them.
FICTIONAL = re.compile(r"\+447700900\d{3}")


def email(text: str) -> str:
    """One email address, normalised (NFC, lower-case domain).

    Raises:
        WrongValueError: it is not exactly one address.
    """
    import email_validator

    found = text.strip()
    if found.count("@") > 1 or any(sign in found for sign in ",;\n\r"):
        raise WrongValueError("Please give one email address only.", "more than one address")
    try:
        # .test is for systems under test (RFC 6761); whether a domain takes mail shows when we send.
        checked = email_validator.validate_email(found, check_deliverability=False, test_environment=True)
    except email_validator.EmailNotValidError:
        raise WrongValueError(
            "This does not look like an email address. One looks like name@example.com.",
            "does not look like an address",
        ) from None
    return checked.normalized


def phone(text: str, country: str | None) -> str:
    """One phone number in E.164.

    Args:
        text: with a leading + and country code, or as dialled inside `country`; a leading + wins.
        country: ISO 3166-1 alpha-2, or None.

    Raises:
        WrongValueError: it is no number a person can be reached at, or its country is not known.
    """
    import phonenumbers

    found = text.strip()
    if len(found) > LONGEST_PHONE_INPUT:
        raise WrongValueError("This is too long for a phone number.", "too long")
    if not found.startswith(("+", "＋")) and country is None:
        raise WrongValueError(
            "The country of this number is missing. Write it with a leading + and the country code, "
            "for example +420 601 123 456, or give country.",
            "the country is missing",
        )
    try:
        number = phonenumbers.parse(found, country)
    except phonenumbers.NumberParseException as error:
        raise _unreadable(error, country) from None
    if number.extension:
        raise WrongValueError("Please leave out the extension.", "has an extension")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not FICTIONAL.fullmatch(written):
        _refuse_unreachable(number)
    return written


def example_phone(country: str) -> str:
    """A mobile number of a country as people there write it; empty if none is known."""
    import phonenumbers

    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _unreadable(error: Exception, country: str | None) -> WrongValueError:
    import phonenumbers

    kind = getattr(error, "error_type", None)
    if kind == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
        return WrongValueError("No country has this country code. Please check it.", "unknown country code")
    example = example_phone(country) if country else "+420 601 123 456"
    return WrongValueError(
        f"This does not look like a phone number. One looks like {example}.", "does not look like a number"
    )


def _refuse_unreachable(number: object) -> None:
    """Refuse what no person answers, and what costs the caller extra (guarantees E8)."""
    import phonenumbers
    from phonenumbers import PhoneNumberType, ValidationResult

    assert isinstance(number, phonenumbers.PhoneNumber)  # noqa: S101 - for mypy; the import is deferred
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    where = country_name(region) if region not in ("ZZ", "001") else "its country"
    example = example_phone(region)
    looks_like = f" One from there looks like {example}." if example else ""
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.TOO_SHORT:
        raise WrongValueError(f"This number is too short for {where}.{looks_like}", f"too short for {where}")
    if possible == ValidationResult.TOO_LONG:
        raise WrongValueError(f"This number is too long for {where}.{looks_like}", f"too long for {where}")
    if not phonenumbers.is_valid_number(number):
        raise WrongValueError(f"There is no such number in {where}.{looks_like}", f"no such number in {where}")
    if phonenumbers.number_type(number) in (
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
    ):
        raise WrongValueError("We cannot text this kind of number. Please use your own.", "not a personal number")
