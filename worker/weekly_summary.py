"""What happened in a week, for staff: written from the reports, and sent once over the channel of emails."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import Session

import workflows
from activities.channels import EMAIL, Channel
from activities.clock import JourneyClock
from activities.delivery import Accepted, Ambiguous, Delivery, Provider
from activities.storage import summaries
from activities.storage.channel_states import channel_states
from activities.storage.database import Database
from activities.storage.reports import Glance, Pool, glances, pools
from activities.storage.summaries import Recipient, State
from activities.templates import renderer
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from api.console.verdicts import verdict
from worker.settings import Settings
from worker.wiring import Parts
from workflows.journey import Journey

log = logging.getLogger(__name__)

TEMPLATES = renderer.MESSAGES.parent / "staff"
PAUSE = timedelta(minutes=1)
PATIENCE = timedelta(seconds=20)
WEEK = timedelta(days=7)
CHANNELS = {"email": "Email", "sms": "SMS", "push": "Push"}


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
        now: wall clock, UTC.
    """

    database: Database
    providers: Mapping[Channel, Provider]
    brand: Brand
    journeys: Mapping[str, type[Journey]]
    clock: JourneyClock
    public_url: str
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

    async def send(self, recipient: Recipient) -> State | None:
        """Send one, if nobody has.

        Args:
            recipient: to whom, and of which week.

        Returns:
            What became of it; None where it was sent, or tried, before.
        """
        now = self.now()
        if not await self.database.write(lambda session: summaries.claim(session, recipient, now)):
            return None
        context = await self.database.read(lambda session: self._said(session, now))
        rendered = JinjaRenderer(self.brand, [TEMPLATES]).render("weekly-summary", EMAIL, context)
        answer = await self.providers[EMAIL].deliver(
            Delivery(
                key=f"sum_{recipient.staff_id}_{recipient.week:%Y%m%d}",
                channel=EMAIL,
                to=recipient.to,
                subject=rendered.subject,
                html=rendered.html,
                text=rendered.text,
                decided_at=now,
                deadline=time.monotonic() + PATIENCE.total_seconds(),
            )
        )
        state = State.ACCEPTED
        if not isinstance(answer, Accepted):
            state = State.UNKNOWN if isinstance(answer, Ambiguous) else State.REFUSED
            log.warning("the weekly summary of %s is %s: %s", recipient.staff_id, state, answer.reason)
        reason = "" if isinstance(answer, Accepted) else answer.reason
        await self.database.write(lambda session: summaries.settle(session, recipient, state, reason))
        return state

    def _said(self, session: Session, now: datetime) -> dict[str, Any]:
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
            "attention": self._attention(session, now, first, last),
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

    def _attention(self, session: Session, now: datetime, first: date, last: date) -> list[str]:
        names = {channel.value: provider.name for channel, provider in self.providers.items()}
        closed = [each for each in channel_states(session, names, now) if each.state != "open"]
        found = [f"{CHANNELS.get(each.channel, each.channel)} is {each.state}: {each.reason}." for each in closed]
        return found + [_low(pool) for pool in pools(session, list(self.journeys), first, last).values() if pool.low]


def _entered(glance: Glance) -> int:
    return sum(arm.enrolled for arm in glance.arms)


def _low(pool: Pool) -> str:
    lasts = f"enough for about {pool.lasts:.0f} days" if pool.free else "none is left"
    return f"Voucher pool “{pool.design}”: {pool.free:,} free, {lasts}. Without stock nothing is promised."


def weekly_summaries(parts: Parts, settings: Settings, clock: JourneyClock) -> Summaries:
    """The summaries of a process.

    Args:
        parts: its database and providers.
        settings: checked.
        clock: the journey clock.
    """
    journeys = workflows.catalogue()
    return Summaries(parts.database, parts.providers, settings.brand, journeys, clock, settings.public_url)
