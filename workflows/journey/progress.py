"""How a journey keeps its place: what it knows, what it has done, and how it waits."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn
from zoneinfo import ZoneInfo

from temporalio import workflow

from activities.facts import Facts, Hold
from activities.heard import EXIT, Heard
from activities.spreading import share_of
from activities.timeline import Entry, Trail
from workflows.journey import calls
from workflows.journey.enrollment import Enrollment, Memory, Outcome, Status
from workflows.journey.search_attributes import ON_HOLD

# A timer of nothing would be no timer at all, and one that vanishes on replay breaks the journey.
SHORTEST_TIMER = timedelta(milliseconds=1)
KNOWN_EVENTS = 1000  # how many events a journey remembers having heard


class Ended(Exception):  # noqa: N818 - an end, not an error; never leaves this package
    """The journey is over, wherever it stood."""

    def __init__(self, outcome: str, reason: str = "") -> None:
        super().__init__(outcome, reason)
        self.outcome = Outcome(outcome, reason)


class Progress:
    """The state of one running journey. Handlers may run before `run`, so it starts without an enrollment."""

    ends_on_opt_out: ClassVar[bool] = True

    def __init__(self) -> None:
        self._enrollment: Enrollment | None = None
        self._facts = Facts()
        self._hold = Hold()
        self._visits: Counter[str] = Counter()
        self._seq = 0
        self._trail: list[Entry] = []
        self._done: dict[str, Any] = {}
        self._waiting_in = ""  # the wait that the run before this one was in, and its end
        self._waiting_until: datetime | None = None
        self._checked_goal: bool | None = None
        self._last_message = ""
        self._heard: list[Heard] = []
        self._known_events: dict[str, None] = {}  # a set that keeps its order, so that replay does, too
        self._removed_by = ""
        self._status = Status("Starting")

    @property
    def enrollment(self) -> Enrollment:
        """This customer's entry into this journey."""
        if self._enrollment is None:
            raise calls.JourneyBugError("the enrollment is known only while the journey runs")
        return self._enrollment

    @property
    def facts(self) -> Facts:
        """What is known of the customer now: names of attributes, never values."""
        return self._facts

    @property
    def now(self) -> datetime:
        """The journey clock, UTC."""
        return self.enrollment.clock.at(workflow.now())

    def _begin(self, enrollment: Enrollment) -> None:
        self._enrollment = enrollment
        if enrollment.memory is None:
            self._merge(enrollment.facts, enrollment.hold)
        else:
            # The run before this one has told of them; a signal that came first may know better already.
            self._facts = max(self._facts, enrollment.facts, key=lambda facts: facts.version)
            self._hold = max(self._hold, enrollment.hold, key=lambda hold: hold.version)
            self._done = dict(enrollment.memory.done)
            self._seq = enrollment.memory.seq
            self._waiting_in = enrollment.memory.waiting_in
            self._waiting_until = enrollment.memory.waiting_until
            self._checked_goal = enrollment.memory.checked_goal
            self._last_message = enrollment.memory.last_message
            self._heard = [*enrollment.memory.heard, *self._heard]
            self._known_events = dict.fromkeys(enrollment.memory.known_events) | self._known_events
            self._removed_by = self._removed_by or enrollment.memory.removed_by

    def _merge(self, facts: Facts, hold: Hold) -> None:
        """Take over newer snapshots; signals and answers may arrive in any order."""
        if facts.version > self._facts.version:
            self._facts = facts
        if hold.version > self._hold.version:
            changed = hold.held != self._hold.held
            self._hold = hold
            if changed and self._enrollment is not None:
                self._note("event", self._arrive("hold")[0], type="journey.held" if hold.held else "journey.resumed")
            if changed:
                workflow.upsert_search_attributes([ON_HOLD.value_set(hold.held)])

    def _hear(self, heard: Heard) -> None:
        """Keep an event until the journey asks for it; the same event twice counts once."""
        key = f"{heard.listener}/{heard.event_id}"
        if key in self._known_events:
            return
        self._known_events[key] = None
        while len(self._known_events) > KNOWN_EVENTS:
            del self._known_events[next(iter(self._known_events))]
        if self._enrollment is not None:
            self._note("event", self._arrive(heard.listener)[0], type=heard.type)
        if heard.listener == EXIT:
            self._removed_by = self._removed_by or heard.type
        else:
            self._heard.append(heard)

    def _has_heard(self, listener: str) -> bool:
        return any(heard.listener == listener for heard in self._heard)

    def _take_heard(self, listener: str) -> Heard | None:
        """The first event heard by that name, once."""
        for number, heard in enumerate(self._heard):
            if heard.listener == listener:
                return self._heard.pop(number)
        return None

    # Steps

    def _arrive(self, step: str) -> tuple[str, int]:
        """The unique name of this visit to a step, and which visit it is."""
        self._visits[step] += 1
        visit = self._visits[step]
        return (step if visit == 1 else f"{step}#{visit}"), visit

    def _next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def _note(self, kind: str, step: str, **data: Any) -> None:
        self._trail.append(Entry(self._next_seq(), self.now, kind, step, data))

    def _untold(self) -> tuple[Entry, ...]:
        """What the database has not heard of; it stays so until an activity has answered, since a cancel may win."""
        return tuple(self._trail)

    def _told(self, trail: tuple[Entry, ...]) -> None:
        del self._trail[: len(trail)]

    async def _flush(self) -> None:
        if trail := self._untold():
            await calls.keep_trail(Trail(self.enrollment.id, trail))
            self._told(trail)

    # Waiting

    def _raise_if_ended(self) -> None:
        if self._facts.erased:
            raise Ended("erased")
        if self._facts.opted_out and self.ends_on_opt_out:
            raise Ended("opted out")
        if self._removed_by:
            raise Ended("removed", self._removed_by)

    def _raise_if_cancelled(self) -> None:
        """A cancel that came during an activity waited for its answer; now it counts."""
        if workflow.cancellation_reason() is not None:
            raise asyncio.CancelledError

    @property
    def _must_end(self) -> bool:
        return self._facts.erased or (self._facts.opted_out and self.ends_on_opt_out) or bool(self._removed_by)

    async def _pause(self, step: str, until: datetime, why: str, or_when: Callable[[], bool] = lambda: False) -> None:
        """Wait until a journey instant, or until something holds, as a step of its own.

        The wait ends the journey when the customer leaves; while staff hold the journey it does not end.
        """
        if self._done.get(step):
            return
        if self._waiting_in == step and self._waiting_until is not None:
            until = self._waiting_until
        else:
            decided = bool(self._trail)
            self._note("wait", step, until=until.isoformat(), why=why)
            if decided:  # nobody else will tell the database for days
                await self._flush()
            if workflow.info().is_continue_as_new_suggested():
                await self._flush()
                await workflow.wait_condition(workflow.all_handlers_finished)  # what they learn goes along
                self._continue_as_new(step, until)
        await self._sleep_until(until, step, why, or_when)
        self._done[step] = True
        await self._released()

    async def _sleep_until(
        self, until: datetime, step: str, why: str, or_when: Callable[[], bool] = lambda: False
    ) -> None:
        self._raise_if_ended()
        self._show(Status(f"Waiting: {why}", step, until))
        left = max(self.enrollment.clock.wall(until) - workflow.now(), SHORTEST_TIMER)
        try:
            await workflow.wait_condition(
                lambda: self._must_end or or_when(), timeout=left.total_seconds(), timeout_summary=f"Wait: {why}"[:200]
            )
        except TimeoutError:
            return
        self._raise_if_ended()

    async def _released(self) -> None:
        """Go on only while nobody holds the journey. A hold stops no clock: what came due goes on at resume."""
        if self._hold.held:
            self._show(Status("On hold", self._status.step))
            await workflow.wait_condition(lambda: not self._hold.held or self._must_end)
        self._raise_if_ended()

    def _spread(self, window_length: timedelta) -> timedelta:
        """This enrollment's own delay after a window opens, so that thousands do not leave at one instant."""
        span = min(timedelta(seconds=self.enrollment.spread_seconds), window_length / 2)
        return span * share_of(self.enrollment.id)

    def _continue_as_new(self, step: str, until: datetime) -> NoReturn:
        """Go on in a fresh history; steps behind us answer from memory and issue no command again."""
        memory = Memory(
            self._done,
            self._seq,
            step,
            until,
            self._checked_goal,
            self._last_message,
            tuple(self._heard),
            tuple(self._known_events),
            self._removed_by,
        )
        workflow.continue_as_new(replace(self.enrollment, facts=self._facts, hold=self._hold, memory=memory))

    # What support sees

    def _show(self, status: Status) -> None:
        """Put a short card into the Temporal UI. It costs no history and holds no personal data."""
        self._status = status
        lines = [f"**{status.what}**"]
        if status.until is not None:
            lines.append(f"- until {self._on_customers_clock(status.until)}")
        if self._hold.held:
            lines.append(f"- on hold: {self._hold.reason or 'no reason given'}")
        if self._last_message:
            lines.append(f"- last message: {self._last_message}")
        workflow.set_current_details("\n".join(lines))

    def _on_customers_clock(self, instant: datetime) -> str:
        return f"{instant.astimezone(ZoneInfo(self._facts.timezone)):%a %d %b %Y, %H:%M} ({self._facts.timezone})"
