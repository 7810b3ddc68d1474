"""What happened in a week, for staff: written from the reports, and sent through a gate of its own."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

import workflows
from activities.channels import EMAIL, Channel
from activities.clock import JourneyClock
from activities.delivery import Provider
from activities.gate.gate import GateLimits
from activities.gate.pacing import Pacing
from activities.gate.summaries import SummaryGate
from activities.storage import ledger, summaries
from activities.storage.channel_states import channel_states
from activities.storage.database import Database
from activities.storage.ledger import State
from activities.storage.reports import Glance, glances
from activities.storage.summaries import Recipient
from activities.storage.voucher_pools import Pool, pools
from activities.templates import renderer
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from api.console.stock_words import stock_words
from api.console.verdicts import verdict
from worker.settings import Settings
from worker.wiring import Parts
from workflows.journey import Journey

log = logging.getLogger(__name__)

TEMPLATES = renderer.MESSAGES.parent / "staff"
PAUSE = timedelta(minutes=1)
WEEK = timedelta(days=7)
CHANNELS = {"email": "Email", "sms": "SMS", "push": "Push"}
UNSEEN = "Temporal did not answer, so nobody knows whether somebody is stuck."

Stuck = Callable[[], Awaitable[Sequence[Mapping[str, Any]] | None]]
"""Asks for the journeys that only a fix can help, in the form of `GET /v1/stuck`; None while Temporal is away."""


async def _nobody() -> Sequence[Mapping[str, Any]]:
    return ()


@dataclass(frozen=True)
class Summaries:
    """Writes and sends them.

    Attributes:
        database: where everything is.
        providers: by channel; the summary goes to that of emails.
        brand: in whose name.
        journeys: by name.
        clock: the journey clock: the week is one of its weeks.
        public_url: where the console is, without a trailing slash.
        stuck: asks for the journeys that are stuck; there are none if not given.
        limits: how long things may take.
        pacing: the pace of the provider; it is thought to take everything if not given.
        now: wall clock, UTC.
    """

    database: Database
    providers: Mapping[Channel, Provider]
    brand: Brand
    journeys: Mapping[str, type[Journey]]
    clock: JourneyClock
    public_url: str
    stuck: Stuck = _nobody
    limits: GateLimits = GateLimits()
    pacing: Pacing | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            try:
                for each in await self.database.read(lambda session: summaries.due(session, self.now())):
                    await self.send(each)
            except Exception:
                log.exception("the weekly summaries could not be sent; it is tried again")
            await asyncio.sleep(PAUSE.total_seconds())

    async def send(self, recipient: Recipient) -> State:
        """Send one, unless it was sent, or is on hold.

        Args:
            recipient: to whom, and of which week.

        Returns:
            How it stands now; one that is not settled is due again.
        """
        stuck, now = await self.stuck(), self.now()
        context = await self.database.read(lambda session: self._said(session, now, stuck))
        words = JinjaRenderer(self.brand, [TEMPLATES]).render("weekly-summary", EMAIL, context)
        gate = SummaryGate(self.database, self.providers[EMAIL], self.limits, self.pacing)
        state = await gate.send(recipient, words, self.now)
        if state in ledger.SETTLED and state is not State.ACCEPTED:
            log.warning("the weekly summary of %s is %s", recipient.staff_id, state)
        return state

    def _said(self, session: Session, now: datetime, stuck: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
        """What the template says."""
        last = self.clock.at(now).date() - timedelta(days=1)
        first = last - WEEK + timedelta(days=1)
        seen = glances(session, list(self.journeys), first, last)
        account = f"{self.public_url}/console/account"
        return {
            "first_name": None,
            "first": first,
            "last": last,
            "entered": sum(_entered(glance) for glance in seen.values()),
            "journeys": [{"name": name, "words": self._words(name, glance)} for name, glance in sorted(seen.items())],
            "attention": [*_stuck_words(stuck), *self._attention(session, now)],
            "console_url": f"{self.public_url}/console",
            "unsubscribe_url": account,
            "preferences_url": account,
        }

    def _words(self, name: str, glance: Glance) -> str:
        entered = _entered(glance)
        if not entered:
            return "Nobody entered."
        journey = self.journeys[name]
        goal = "" if journey.goal is None else journey.goal_in_words(journey.resolve({}))
        treated = glance.arms[0]
        words = f"{entered:,} {'person' if entered == 1 else 'people'} entered."
        if goal and treated.rate is not None:
            words += f" {treated.converted:,} of {treated.exposed:,} have reached the goal so far: {goal}."
        said = verdict(goal, glance.arms, glance.lift)
        return words if said.kind == "none" else f"{words} {said.words}"

    def _attention(self, session: Session, now: datetime) -> list[str]:
        names = {channel.value: provider.name for channel, provider in self.providers.items()}
        closed = [each for each in channel_states(session, names, now) if each.state != "open"]
        found = [f"{CHANNELS.get(each.channel, each.channel)} is {each.state}: {each.reason}." for each in closed]
        stock = pools(session, list(self.journeys), self.clock.at(now))
        return found + [_runs_out(pool, self.clock.at(now)) for pool in stock if pool.runs_out]


def _entered(glance: Glance) -> int:
    return sum(arm.enrolled for arm in glance.arms)


def _stuck_words(stuck: Sequence[Mapping[str, Any]] | None) -> list[str]:
    """Who is stuck, by journey. Why stands in the console: an error's own words may be about a person."""
    if stuck is None:
        return [UNSEEN]
    return [
        f"{journey}: {'1 person is' if number == 1 else f'{number:,} people are'} stuck until its code is fixed. "
        "They lose nothing."
        for journey, number in sorted(Counter(str(each["journey"]) for each in stuck).items())
    ]


def _runs_out(pool: Pool, now: datetime) -> str:
    return f"Voucher pool “{pool.design.name}”: {stock_words(pool, now, ZoneInfo('UTC'))}"


def weekly_summaries(parts: Parts, settings: Settings, clock: JourneyClock, stuck: Stuck) -> Summaries:
    """The summaries of a process.

    Args:
        parts: its database and providers.
        settings: checked.
        clock: the journey clock.
        stuck: asks for the journeys that are stuck.
    """
    return Summaries(
        parts.database,
        parts.providers,
        settings.brand,
        workflows.catalogue(),
        clock,
        settings.public_url,
        stuck,
        parts.limits,
        parts.pacing,
    )
