"""The keeper of stock: our pools of codes stay filled with codes that an outside voucher service knows.

A promise takes a code that is in the pool, never one that has yet to be asked for: so the service may be away for as
long as the pool lasts, and nobody is promised what it may refuse.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from activities.delivery import Accepted, Ambiguous, Misconfigured, Refused, Unavailable
from activities.storage import voucher_stock
from activities.storage.database import Database
from activities.storage.voucher_stock import claim_publications
from activities.voucher_sources import Publication, VoucherSource

log = logging.getLogger(__name__)

BATCH = 50
TURN = timedelta(seconds=15)
AFTER_TROUBLE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stock:
    """What there is to keep.

    Attributes:
        source: the service.
        campaigns: of the service, by the design whose codes come from it.
        target: how many codes of each design are to be free.
    """

    source: VoucherSource
    campaigns: Mapping[str, str]
    target: int


class VoucherServiceError(Exception):
    """The service cannot be used now; what was begun goes on later. The message names what to look at."""

    def __init__(self, verdict: Unavailable | Misconfigured | Ambiguous) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict

    @property
    def wait(self) -> timedelta:
        """Wall time before it makes sense to try again."""
        asked = self.verdict.retry_after if isinstance(self.verdict, Unavailable) else None
        return timedelta(seconds=asked) if asked else AFTER_TROUBLE


class StockKeeper:
    """Orders codes, and tells the service whose they became. Several may run: they share the work.

    Args:
        database: the pools'.
        stock: what to keep.
        now: wall clock, UTC.
    """

    def __init__(
        self, database: Database, stock: Stock, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._stock = stock
        self._now = now

    async def run(self) -> None:
        """Keep until cancelled."""
        told: set[str] = set()
        while True:
            troubles: list[VoucherServiceError] = []
            try:
                troubles = await self._turn()
            except Exception:
                log.exception("the keeper of vouchers could not use the database; it tries again")
            for trouble in troubles:
                if str(trouble) not in told:  # once, until it is over
                    severity = logging.ERROR if isinstance(trouble.verdict, Misconfigured) else logging.WARNING
                    log.log(severity, "%s: %s", self._stock.source.name, trouble)
            told = set(map(str, troubles))
            await asyncio.sleep(max((trouble.wait for trouble in troubles), default=TURN).total_seconds())

    async def fill(self, design: str, target: int | None = None) -> int:
        """Order what a design's pool lacks, and take over what was ordered before.

        Args:
            design: one that the service has a campaign for.
            target: how many codes are to be free; the usual number if not given.

        Returns:
            How many codes were new in the pool.

        Raises:
            VoucherServiceError: the service cannot be used now.
        """
        campaign, wanted, new = self._stock.campaigns[design], target or self._stock.target, 0
        while True:
            codes = await self._database.write(
                lambda session: voucher_stock.order(session, design, campaign, wanted, self._now(), limit=BATCH)
            )
            if not codes:
                return new
            for code in codes:
                new += await self._add(code, campaign)

    async def publish(self) -> int:
        """Tell the service whose the codes are that were given since.

        Returns:
            How many it took.

        Raises:
            VoucherServiceError: the service cannot be used now.
        """
        taken = 0
        while claimed := await self._database.write(
            lambda session: claim_publications(session, self._stock.campaigns, self._now(), limit=BATCH)
        ):
            for publication in claimed:
                taken += await self._publish(publication)
        return taken

    async def _turn(self) -> list[VoucherServiceError]:
        """All there is to do; what is wrong with one campaign keeps no other one waiting."""
        troubles = []
        chores: list[Callable[[], Awaitable[int]]] = [partial(self.fill, design) for design in self._stock.campaigns]
        for work in (*chores, self.publish):
            try:
                await work()
            except VoucherServiceError as error:
                troubles.append(error)
        return troubles

    async def _add(self, code: str, campaign: str) -> bool:
        verdict = await self._stock.source.add(code, campaign)
        match verdict:
            case Accepted():
                return await self._database.write(lambda session: voucher_stock.stock(session, code, self._now()))
            case Refused(reason):
                await self._refuse(code, reason)
                return False
            case _:
                raise VoucherServiceError(verdict)

    async def _publish(self, publication: Publication) -> bool:
        verdict = await self._stock.source.publish(publication)
        match verdict:
            case Accepted():
                await self._database.write(
                    lambda session: voucher_stock.published(session, publication.code, self._now())
                )
                return True
            case Refused(reason):
                log.warning("%s refuses a publication: %s", self._stock.source.name, reason)
                await self._refuse(publication.code, reason)
                return False
            case _:
                raise VoucherServiceError(verdict)

    async def _refuse(self, code: str, reason: str) -> None:
        await self._database.write(lambda session: voucher_stock.refuse(session, code, reason))
