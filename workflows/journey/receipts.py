"""What a verb answers, so that a journey can read it in an `if`."""

from dataclasses import dataclass

from activities.messages import Result

ADDRESS_REFUSED = "address refused"
NO_VOUCHER_LEFT = "no voucher left"


@dataclass(frozen=True)
class Receipt:
    """What became of a message. True if the customer has it, or may have it.

    Attributes:
        result: sent, suppressed, failed or unknown; a deferred message is asked for again until it is one of these.
        reason: why not; empty when it was sent.
    """

    result: Result
    reason: str = ""

    def __bool__(self) -> bool:
        """A message whose fate is unknown counts as sent: never twice is worth more (guarantees A7)."""
        return self.result in {Result.SENT, Result.UNKNOWN}

    @property
    def address_refused(self) -> bool:
        """The provider refused the address for good; another channel may be tried."""
        return self.result is Result.FAILED and self.reason == ADDRESS_REFUSED

    @property
    def out_of_vouchers(self) -> bool:
        """The message would have promised a voucher that nobody could hand over."""
        return self.result is Result.SUPPRESSED and self.reason == NO_VOUCHER_LEFT


@dataclass(frozen=True)
class Given:
    """A reward. True if the customer has it.

    Attributes:
        reward_id: what a message that hands it over refers to.
        refused: why nothing was given.
    """

    reward_id: str
    refused: str = ""

    def __bool__(self) -> bool:
        return bool(self.reward_id)
