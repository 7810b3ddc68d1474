"""What we may ask a customer for, and the reason we give them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProfileField:
    """One attribute of a profile as customers read it.

    Attributes:
        name: the attribute's name in the API.
        label: its name in front of customers.
        reason: why we ask, as the end of the sentence "we ask ..."; empty if the shop gave none.
    """

    name: str
    label: str
    reason: str = ""


STANDARD = {
    field.name: field
    for field in (
        ProfileField("first_name", "First name", "so that we know how to greet you"),
        ProfileField("last_name", "Last name", "for the parcel label"),
        ProfileField("email", "Email", "for order confirmations"),
        ProfileField("phone", "Mobile number", "so the courier can tell you when they arrive"),
        ProfileField("date_of_birth", "Date of birth", "for a small gift on your birthday"),
    )
}


def field_named(name: str) -> ProfileField:
    """The field for an attribute; a custom one is called by its name in plain words."""
    return STANDARD.get(name) or ProfileField(name, name.replace("_", " ").capitalize())
