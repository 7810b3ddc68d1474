"""What customers and clients may tell us, checked one value at a time with the libraries made for it."""

from api.values.contact import email, phone
from api.values.dates import date_of_birth, date_of_birth_from_parts
from api.values.errors import WrongValueError
from api.values.places import country, locale, time_zone
from api.values.words import attribute, attribute_name, name

__all__ = [
    "WrongValueError",
    "attribute",
    "attribute_name",
    "country",
    "date_of_birth",
    "date_of_birth_from_parts",
    "email",
    "locale",
    "name",
    "phone",
    "time_zone",
]
