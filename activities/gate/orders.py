"""An order in words: what an `order.completed` event says, as far as it says it.

The client names and types the properties; whatever is missing or of another shape is left out, never refused: the
customer has placed the order, whatever we think of its description.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
LONGEST_NAME = 120  # characters; an email has to stay readable
NO_PRICE = "–"


def order_words(properties: Mapping[str, Any], placed: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What templates may say of an order.

    Args:
        properties: of the event that completed it.
        placed: instant to go by where the event names none.
        zone: the customer's, which decides what day it was.

    Returns:
        ``products[name, quantity, price]`` (the price of all pieces together), ``total``, ``order_id`` and
        ``ordered_on``. Without a total, given or summed up, no products are listed.
    """
    currency = _text(properties.get("currency"))
    lines = _lines(properties.get("products"))
    total = _amount(properties.get("total"))
    if total is None and lines and all(price is not None for _, _, price in lines):
        total = sum((price * quantity for _, quantity, price in lines if price is not None), Decimal(0))
    products = [
        {"name": name, "quantity": quantity, "price": _money(price and price * quantity, currency)}
        for name, quantity, price in lines
    ]
    return {
        "products": products if total is not None else [],
        "total": _money(total, currency),
        "order_id": _text(properties.get("orderId")),
        "ordered_on": _day(properties.get("completedOn"), placed, zone),
    }


def _lines(products: object) -> list[tuple[str, int, Decimal | None]]:
    """Name, quantity and price of one piece; a product named twice is one line."""
    found: dict[tuple[str, Decimal | None], int] = {}
    for product in products if isinstance(products, list) else []:
        if not isinstance(product, Mapping) or not (name := _text(product.get("name"))):
            continue
        quantity = product.get("quantity", 1)
        pieces = quantity if type(quantity) is int and quantity > 0 else 1
        line = name[:LONGEST_NAME], _amount(product.get("price"))
        found[line] = found.get(line, 0) + pieces
    return [(name, quantity, price) for (name, price), quantity in found.items()]


def _amount(value: object) -> Decimal | None:
    """A sum, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**12 else None


def _money(amount: Decimal | None, currency: str) -> str:
    """E.g. ``£1,204.00``; the code of a currency whose sign we do not know stands behind: ``99.00 CZK``."""
    if amount is None:
        return NO_PRICE
    sign = SIGNS.get(currency.upper())
    return f"{sign}{amount:,.2f}" if sign else f"{amount:,.2f} {currency.upper()}".strip()


def _day(value: object, placed: datetime, zone: ZoneInfo) -> date:
    """The customer's day of an instant; a date alone is that day."""
    try:
        if isinstance(value, str) and len(value) == len("2026-11-22"):
            return date.fromisoformat(value)
        at = datetime.fromisoformat(value) if isinstance(value, str) else placed
    except ValueError:
        at = placed
    return (at if at.tzinfo else placed).astimezone(zone).date()


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
