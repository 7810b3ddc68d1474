"""Whom an email is from and whom it goes to, checked before anyone is called."""

from email.headerregistry import Address
from email.utils import parseaddr

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from activities.delivery import Delivery, Refused
from activities.providers.header_safety import has_control_characters, header_problem


def parsed_sender(sender: str, setting: str) -> Address:
    """The From address.

    Args:
        sender: `shop@example.com` or `The Shop <shop@example.com>`.
        setting: that holds it, for the message that says it is wrong.

    Raises:
        ValueError: it is no address, or none in plain ASCII letters.
    """
    name, address = parseaddr(sender)
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{setting} is not an email address: {error}") from None
    if checked.ascii_email is None or has_control_characters(sender):
        raise ValueError(f"{setting} needs an address in plain ASCII letters")
    return Address(display_name=name, addr_spec=checked.ascii_email)


def checked_recipient(delivery: Delivery) -> ValidatedEmail | Refused:
    """The one address that a message goes to; APIs would take several in one field, with commas.

    Returns:
        Or why the message must not be written: a control character somewhere, or no address.
    """
    problem = header_problem(delivery)
    if problem:
        return Refused(problem)
    try:
        return validate_email(delivery.to, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return Refused("not an email address", address=True)
