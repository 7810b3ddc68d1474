"""The verbs journeys are written in."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, ClassVar

from activities.calendar import LocalTime
from activities.channels import Channel
from activities.heard import Heard
from activities.messages import GateAnswer, Promise, Result, SendOrder
from activities.rewards import RewardAnswer, RewardOrder
from activities.send_window import SendWindow
from activities.webhooks import WebhookOrder
from workflows.journey import calls
from workflows.journey.conditions import Condition
from workflows.journey.economy import EconomyRules
from workflows.journey.enrollment import Outcome, Status
from workflows.journey.events import Event
from workflows.journey.goals import Goal
from workflows.journey.history import Recorded
from workflows.journey.parameters import Parameter
from workflows.journey.profile_verbs import ProfileVerbs
from workflows.journey.progress import Ended
from workflows.journey.receipts import Given, Receipt
from workflows.journey.split import SplitVerb
from workflows.journey.templates import place_of
from workflows.journey.webhooks import Webhook, as_order_value

WINDOW_STEP = "send-window"


class Verbs(ProfileVerbs, SplitVerb):
    """What a journey can do. Each verb names its step; a second visit is told apart by a counter."""

    goal: ClassVar[Condition | Goal | None] = None
    send_window: "ClassVar[SendWindow | Parameter[SendWindow] | None]" = None
    economy: ClassVar[EconomyRules] = EconomyRules()
    topic: ClassVar[str] = ""

    async def wait(
        self,
        span: timedelta = timedelta(0),
        *,
        why: str,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
    ) -> None:
        """Wait for a length of time, e.g. ``await self.wait(days=3, why="time to act on the reminder")``.

        A day is 24 hours elapsed. The wait ends the journey when the customer opts out of everything or is
        erased; a hold stops no clock, but nothing goes on until staff resume.

        Args:
            span: how long, journey time; added to what the other arguments say.
            why: what the customer is given time for; support reads it.
            days: of 24 hours.
            hours: of 60 minutes.
            minutes: of 60 seconds.
        """
        length = span + timedelta(days=days, hours=hours, minutes=minutes)
        if length <= timedelta(0):
            raise calls.JourneyBugError(f"a wait must be longer than nothing: {why}")
        step, _ = self._arrive(_as_step(why))
        await self._pause(step, self.now + length, why)

    async def wait_until(self, *, time: str, why: str, weekday: int | None = None, date: str = "") -> None:
        """Wait for a moment on the customer's clock, e.g. ``wait_until(weekday=0, time="10:00", why=...)``.

        Args:
            time: hour of the day, ``HH:MM``.
            why: what happens then; support reads it.
            weekday: 0 for Monday to 6 for Sunday.
            date: ISO date; one gone by ends the wait at once.
        """
        step, _ = self._arrive(_as_step(why))
        if self._done.get(step):
            return
        wanted = LocalTime(self.now, self._facts.timezone, time, weekday, date)
        await self._pause(step, await calls.find_instant(wanted), why)

    async def until_open(self, window: SendWindow) -> None:
        """Wait for the send window to open, on the customer's own clock; go on at once while it is open.

        Args:
            window: daily hours in which messages may go out.
        """
        step, _ = self._arrive(WINDOW_STEP)
        if step in self._done:
            return
        opens = window.next_open(self.now, self._facts.timezone)
        if opens > self.now or self._waiting_in == step:
            await self._pause(step, opens + self._spread(window.length), "the send window to open")
        self._done[step] = True

    async def wait_for(self, event: Event, *, within: timedelta, why: str) -> Heard | None:
        """Wait for something to happen, e.g. ``wait_for(self.subscribed, within=timedelta(days=7), why=...)``.

        An event that came earlier in this journey and was not used yet counts; each event counts once. Of an
        event and the end of the time at one instant, the event wins.

        Args:
            event: one of the journey's own.
            within: how long, journey time.
            why: what the customer is given time for; support reads it.

        Returns:
            The event with the properties the journey keeps, or None when the time is up.
        """
        step, _ = self._arrive(_as_step(why))
        if step not in self._done:
            heard = self._take_heard(event.name)
            if heard is None:
                await self._pause(step, self.now + within, why, lambda: self._has_heard(event.name))
                heard = self._take_heard(event.name)
            self._done[step] = asdict(heard) if heard else None
        found = self._done[step]
        return Heard(**found) if found else None

    async def check(self, condition: Condition | Event | Recorded) -> bool:
        """Read the profile or the history to choose the path, e.g. ``if await self.check(self.complete): ...``.

        The profile costs nothing: every change is pushed to its journeys, and so is every event they listen for.
        What was done so far (`Sent`, `Opened`, `Happened`, ...) the database is asked.

        Args:
            condition: one of the journey's own; or an event, which holds once it came and until it is used.

        Returns:
            Whether it holds now.
        """
        step, _ = self._arrive(condition.name)
        if step not in self._done:
            said: dict[str, Any] = {}
            if isinstance(condition, Event):
                self._done[step] = self._has_heard(condition.name)
            elif isinstance(condition, Recorded):
                question = condition.question(self.enrollment.id, self.enrollment.parameters)
                self._done[step] = await calls.ask_history(question, condition.words())
            else:
                self._done[step] = condition.holds(self._facts, self.enrollment.parameters)
                decide = condition.attributes(self.enrollment.parameters)
                if missing := [name for name in decide if not self._facts.has(name)]:
                    said["missing"] = missing
            self._note("check", step, condition=condition.name, result=self._done[step], **said)
        result: bool = self._done[step]
        if condition is self.goal:
            self._checked_goal = result
        return result

    async def first_reachable(self, *channels: Channel, prefer_stored: bool = False) -> Channel | None:
        """The first channel on which the customer can be reached, e.g. ``first_reachable(EMAIL, SMS)``.

        Reachable means: there is an address, not opted out of and never refused for good.

        Args:
            channels: in the order of preference.
            prefer_stored: try the channel first that the customer chose, if it is one of these.

        Returns:
            The channel, or None if there is none.
        """
        if prefer_stored:
            step, _ = self._arrive("preferred-channel")
            chosen = self._done.setdefault(step, self._facts.preferred_channel)
            channels = tuple(sorted(channels, key=lambda channel: channel.value != chosen))
        for channel in channels:
            step, _ = self._arrive(f"reachable-by-{channel}")
            if step not in self._done:
                self._done[step] = channel in self._facts.reachable
                self._note("check", step, condition=f"reachable by {channel}", result=self._done[step])
            if self._done[step]:
                return channel
        return None

    async def send(
        self,
        channel: Channel,
        template: str,
        *,
        promise: Promise | None = None,
        hands_over: Given | None = None,
        unless: Condition | None = None,
        confirms_within: timedelta | None = None,
    ) -> Receipt:
        """Send one message, once, inside the send window, e.g. ``send(EMAIL, "complete-your-account")``.

        Behind it stands the gate: consent, suppression, holds, the window at this very moment, and the ledger
        that lets no message go twice. A message that may not go yet waits here and is asked for again.

        Args:
            channel: over which the message goes.
            template: its words; or a parameter that chooses them, whose default names the step.
            promise: a reward it announces; a voucher is promised only while one can be kept for the customer.
            hands_over: the reward it brings.
            unless: the message is pointless once this holds; after a failed check of the goal, the goal.
            confirms_within: the message asks to confirm the email address (double opt-in); its link works for this
                long, journey time, and for seven days at least.

        Returns:
            What became of it; true if the customer has it or may have it.
        """
        step, visit = self._arrive(f"{place_of(template)}-{channel}")
        if step in self._done:
            known = self._done[step]
            return Receipt(Result(known["result"]), known["reason"])  # a run before this one may have left it as JSON
        pointless = unless or (self.goal if self._checked_goal is False else None)
        while True:
            await self._released()
            self._show(Status(f"Sending {channel} {template}", step))
            order = SendOrder(
                enrollment_id=self.enrollment.id,
                step=step,
                visit=visit,
                seq=self._next_seq(),
                channel=channel,
                template=str(template),
                window=self._own_window(),
                unless=pointless.attributes(self.enrollment.parameters) if pointless else (),
                asks_for=self.goal.attributes(self.enrollment.parameters) if self.goal else (),
                promise=promise,
                hands_over=hands_over.reward_id if hands_over else "",
                confirm_seconds=confirms_within.total_seconds() if confirms_within else 0.0,
                topic=self.topic,
                trail=self._untold(),
            )
            answer = await calls.send_message(order, f"{channel}: {template}")
            self._told(order.trail)
            receipt = await self._receipt(step, f"{channel} {template}", answer)
            if receipt is not None:
                return receipt

    async def call_webhook(self, webhook: Webhook, *, hands_over: Given | None = None, template: str = "") -> Receipt:
        """Call another system, once, e.g. ``await self.call_webhook(self.push, hands_over=voucher)``.

        The same gate stands behind it as behind a message: holds, cancels, and the ledger that lets no call go twice.
        What is said is fixed when the gate lets it pass.

        Args:
            webhook: one of the journey's own.
            hands_over: the reward it brings; ``voucher.code`` or ``points.issued`` in its body.
            template: which words the other side is to use; ``template`` in its body.

        Returns:
            What became of it; true if the other side has it or may have it.
        """
        step, visit = self._arrive(f"webhook-{webhook.name.replace('_', '-')}")
        if step in self._done:
            known = self._done[step]
            return Receipt(Result(known["result"]), known["reason"])
        values = self.enrollment.parameters
        while True:
            await self._released()
            self._show(Status(f"Calling {webhook.name}", step))
            order = WebhookOrder(
                enrollment_id=self.enrollment.id,
                step=step,
                visit=visit,
                seq=self._next_seq(),
                url=webhook.address(values),
                headers=as_order_value(webhook.headers, values),
                body=as_order_value(webhook.body, values),
                signed_with=webhook.signed_with.name if webhook.signed_with else "",
                deduplicates=webhook.deduplicates,
                contract=webhook.contract,
                template=template,
                marketing=webhook.marketing,
                hands_over=hands_over.reward_id if hands_over else "",
                window=self._own_window() if webhook.marketing else None,
                topic=self.topic if webhook.marketing else "",
                trail=self._untold(),
            )
            answer = await calls.call_webhook(order, f"webhook: {webhook.name}")
            self._told(order.trail)
            receipt = await self._receipt(step, f"webhook {webhook.name}", answer)
            if receipt is not None:
                return receipt

    async def assign_voucher(self, design: str) -> Given:
        """Give the customer one code of a design, once, before anyone hears of it.

        A code that a promise reserved is the one given.

        Args:
            design: name of the voucher design.

        Returns:
            True if there was a code; pass it to the message that hands it over.
        """
        step, visit = self._arrive(f"voucher-{design}")
        if step in self._done:
            return Given(**self._done[step])
        await self._released()
        self._show(Status(f"Assigning voucher {design}", step))
        order = RewardOrder(self.enrollment.id, step, visit, self._next_seq(), design=design, trail=self._untold())
        return self._given(order, await calls.assign_voucher(order, f"voucher: {design}"))

    async def award_points(self, amount: int) -> Given:
        """Add points to the customer's balance, once.

        Args:
            amount: how many.

        Returns:
            True if they were added; pass it to the message that tells the customer.
        """
        step, visit = self._arrive("points")
        if step in self._done:
            return Given(**self._done[step])
        await self._released()
        self._show(Status(f"Awarding {amount} points", step))
        order = RewardOrder(self.enrollment.id, step, visit, self._next_seq(), amount=amount, trail=self._untold())
        return self._given(order, await calls.award_points(order, f"points: {amount}"))

    async def earn(self, event_type: str) -> Given:
        """Add the points that an event is worth by the journey's `economy`, once, as far as its caps leave any.

        For example ``issued = await self.earn("order.completed")``. Caps count what the customer earned by events of
        that type in all journeys.

        Args:
            event_type: one that a rule is about.

        Returns:
            True if there were points to add; pass it to the message or webhook that tells of them.
        """
        rule = self.economy.of(event_type)
        if rule is None:
            raise calls.JourneyBugError(f"the economy has no rule about {event_type}")
        step, visit = self._arrive(f"earn-{event_type}")
        if step in self._done:
            return Given(**self._done[step])
        await self._released()
        self._show(Status(f"Adding points for {event_type}", step))
        values = self.enrollment.parameters
        order = RewardOrder(
            self.enrollment.id,
            step,
            visit,
            self._next_seq(),
            amount=rule.amount(values),
            caps=rule.limits(values),
            trail=self._untold(),
        )
        return self._given(order, await calls.award_points(order, f"points for {event_type}"))

    def end(self, outcome: str, reason: str = "") -> Outcome:
        """The end of the journey: ``return self.end("unreachable")``.

        Args:
            outcome: which end it is, in words that staff will count.
            reason: what there is to add.
        """
        return Outcome(outcome, reason)

    async def _receipt(self, step: str, what: str, answer: GateAnswer) -> Receipt | None:
        """What the gate's answer means for the journey; None, maybe after a wait, if it is to be asked again."""
        self._take_over(answer)
        self._last_message = f"{what}: {answer.result}" + (f", {answer.reason}" if answer.reason else "")
        if answer.ends:
            raise Ended(answer.reason, answer.detail)
        if answer.result is Result.DEFERRED and answer.until is not None:
            spread = timedelta(0) if answer.punctual else self._own_spread()
            await self._sleep_until(answer.until + spread, step, answer.reason)
        elif answer.result is not Result.HELD:
            receipt = Receipt(answer.result, answer.reason)
            self._done[step] = {"result": receipt.result.value, "reason": receipt.reason}
            return receipt
        return None

    def _given(self, order: RewardOrder, answer: RewardAnswer) -> Given:
        self._told(order.trail)
        self._merge(answer.facts, self._hold)
        self._raise_if_cancelled()
        if answer.ends:
            raise Ended(answer.refused)
        given = Given(answer.reward_id, answer.refused)
        self._done[order.step] = {"reward_id": given.reward_id, "refused": given.refused}
        return given

    def _take_over(self, answer: GateAnswer) -> None:
        self._merge(answer.facts, answer.hold)
        self._raise_if_cancelled()

    def _own_window(self) -> SendWindow | None:
        window: object = self.send_window
        return window if isinstance(window, SendWindow) else None

    def _own_spread(self) -> timedelta:
        window = self._own_window()
        return self._spread(window.length) if window else timedelta(0)


def _as_step(why: str) -> str:
    """The name of a step from its reason."""
    return "-".join("".join(c if c.isalnum() else " " for c in why.lower()).split())
