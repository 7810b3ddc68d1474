"""The contract of voucher services: our codes become known to them, and later whose they are.

A code is chosen by us and written down before the service hears of it, and it is allocated in our own database.
So a lost answer can never allocate a second code: the same code is told again (guarantees A16).
"""

from dataclasses import dataclass
from typing import Protocol

from activities.delivery import Verdict


@dataclass(frozen=True)
class Publication:
    """A code that was given to a customer.

    Attributes:
        code: of the voucher.
        allocation_id: ours; the service's natural key for the publication.
        customer: the client's own id of the customer, or ours where there is none. Never a name or an address.
        repeated: an earlier attempt may have reached the service.
    """

    code: str
    allocation_id: str
    customer: str
    repeated: bool


class VoucherSource(Protocol):
    """A service whose codes the client's checkout accepts. Each call makes one attempt and never raises."""

    name: str

    async def add(self, code: str, campaign: str) -> Verdict:
        """Make a code known. Repeating it is safe: a code that is in the campaign already is accepted.

        Args:
            code: chosen by us.
            campaign: the service's name or id of what the code is worth.

        Returns:
            `Refused` where the code belongs to something else: another one must be chosen.
        """
        ...

    async def publish(self, publication: Publication) -> Verdict:
        """Tell whose a code is. Repeating it is safe: the service is asked first where `repeated` says so."""
        ...
