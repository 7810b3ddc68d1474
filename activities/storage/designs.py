"""The voucher designs a fresh system knows, and sample codes for trying things out."""

import random
from collections.abc import Iterator

from activities.storage.tables import VoucherDesign

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: codes are typed by hand


def standard_design(name: str) -> VoucherDesign:
    """The design of that name; for an unknown one a plain design that is worth what its name says."""
    if name == "profile-reward":
        return VoucherDesign(
            name=name,
            value="£10 off",
            minimum="one order of £40 or more",
            short="£10 off, from £40",
            terms="Not for gift cards, not together with other codes.",
            valid_days=68,
        )
    if name == "loyalty-discount":
        return VoucherDesign(
            name=name,
            value="10% off",
            short="10% off",
            terms="Not for gift cards, not together with other codes.",
            valid_days=68,
        )
    if name == "welcome-promo":
        return VoucherDesign(
            name=name,
            value="15% off",
            short="15% off",
            terms="Not for gift cards, not together with other codes.",
            valid_days=69,
        )
    return VoucherDesign(name=name, value=name.replace("-", " "))


def sample_codes(design: str) -> Iterator[str]:
    """Codes that look like real ones, always the same for a design, without end."""
    chance = random.Random(design)  # noqa: S311 - samples, worth nothing
    while True:
        first, second = ("".join(chance.choices(CODE_ALPHABET, k=4)) for _ in range(2))
        yield f"SAMPLE-{first}-{second}"
