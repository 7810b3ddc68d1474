"""The base class of every journey: how one begins, what it listens to, how it ends."""

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception

from activities.entries import Circumstances, EarlierEntry
from activities.facts import Facts, Hold
from activities.heard import Heard
from activities.interests import TOPIC_CODES
from activities.records import Ending, HoldRequest
from activities.rendering import Written
from activities.timeline import Trail
from workflows.journey import calls, goals
from workflows.journey.conditions import Condition
from workflows.journey.enrollment import Enrollment, Outcome, Status
from workflows.journey.events import Event
from workflows.journey.goals import Goal
from workflows.journey.parameters import Parameter
from workflows.journey.progress import Ended
from workflows.journey.search_attributes import JOURNEY_OUTCOME
from workflows.journey.triggers import On, Reentry
from workflows.journey.verbs import Verbs
from workflows.journey.webhooks import Webhook

CANCELLED = "cancelled"


class _NameOfDefinition:
    """The name in a journey's `@workflow.defn`, which is applied after the class exists."""

    def __get__(self, _journey: object, owner: type) -> str:
        definition = workflow._Definition.from_class(owner)  # noqa: SLF001 - the SDK keeps the name nowhere else
        if definition is None or definition.name is None:
            raise AttributeError(f"{owner.__name__}: @workflow.defn(name=...) is missing")
        return definition.name


def _only_with(kind: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Pass over a signal that brings something else: sent by hand, it would park the journey."""

    def decorate(handler: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(handler)  # the SDK reads from the signature what a payload becomes
        def hear(self: "Journey", *brought: object) -> None:
            if len(brought) == 1 and isinstance(brought[0], kind):
                handler(self, brought[0])

        return hear

    return decorate


class Journey(Verbs):
    """One customer's path, as one workflow.

    A subclass has `@workflow.defn(name=...)`, a `trigger`, and a `run` of its own marked `@workflow.run`;
    the first line of its file says what it is. What it leaves out has the defaults below.

    Attributes:
        trigger: the event that enrolls a customer.
        reentry: whether a customer may come in again.
        goal: what the journey is for: a condition of the profile, or an event.
        conversion_window: how long after entering the goal counts, whether or not the journey still runs.
        exit_on: the event that removes a customer, at any moment.
        send_window: when its marketing messages may go out.
        economy: how many points an event earns.
        topic: what its marketing is about, one that customers can decline by itself; empty where only the channel
            counts.
        ends_on_opt_out: whether it is over once the customer has left the last channel; False for one that owes
            them a service, whatever they want of marketing.
    """

    trigger: ClassVar[On]
    reentry: ClassVar[Reentry] = Reentry.NEVER
    goal: ClassVar[Condition | Goal | None] = None
    conversion_window: ClassVar[timedelta | Parameter[timedelta]] = timedelta(days=30)
    exit_on: ClassVar[Event | None] = None
    name = _NameOfDefinition()

    def __init_subclass__(cls, **options: Any) -> None:
        """Check the class at import, and put its `run` between a beginning and an end.

        Raises:
            TypeError: something is missing; the message names the class and the attribute.
        """
        super().__init_subclass__(**options)
        if not isinstance(getattr(cls, "trigger", None), On):
            raise TypeError(f"{cls.__name__}: trigger must be On(...)")
        if not isinstance(cls.reentry, Reentry):
            raise TypeError(f"{cls.__name__}: reentry must be one of Reentry")
        if cls.topic and cls.topic not in TOPIC_CODES:
            raise TypeError(f"{cls.__name__}: topic must be one of {', '.join(TOPIC_CODES)}, not {cls.topic!r}")
        run = cls.__dict__.get("run")
        if not inspect.iscoroutinefunction(run):
            raise TypeError(f"{cls.__name__}: run must be an async method of the class itself")
        for webhook in cls.webhooks():
            if not all(vars(cls).get(parameter.name) is parameter for parameter in webhook.parameters):
                raise TypeError(f"{cls.__name__}: {webhook.name}: its parameters must be attributes of the journey")
        cls.run = _between_beginning_and_end(run)  # type: ignore[attr-defined] # each journey writes its own

    @classmethod
    def title(cls) -> str:
        """What the journey is, in one line: the first of its file."""
        return (inspect.getmodule(cls).__doc__ or cls.__doc__ or cls.name).strip().splitlines()[0]

    @classmethod
    def parameters(cls) -> dict[str, Parameter[Any]]:
        """The parameters by name, as the class lists them."""
        return {name: value for name, value in vars(cls).items() if isinstance(value, Parameter)}

    @classmethod
    def starts_on(cls, event_type: str) -> bool:
        """Whether events of that type may let customers in."""
        return cls.trigger.event_type == event_type

    @classmethod
    def entry_key(
        cls, event_type: str, given: Circumstances, earlier: Sequence[EarlierEntry], now: datetime
    ) -> str | None:
        """The key under which an event lets a customer in, or None where it does not.

        Args:
            event_type: of the event.
            given: what the trigger's rule may look at.
            earlier: the customer's entries so far.
            now: journey instant, UTC.
        """
        if not cls.trigger.admits(event_type, given):
            return None
        return cls.reentry.entry_key(given.properties, earlier, now)

    @classmethod
    def goal_listens(cls, event_type: str) -> bool:
        """Whether events of that type may meet the goal; a quick look."""
        return goals.listens(cls.goal, event_type)

    @classmethod
    def goal_met(cls, event_type: str, given: Circumstances) -> bool:
        """Whether an event means that the goal is met; a profile is met by `profile.updated`."""
        return goals.met(cls.goal, event_type, given)

    @classmethod
    def goal_in_words(cls, parameters: Mapping[str, Any]) -> str:
        """The goal as staff read it; empty where there is none."""
        return goals.in_words(cls.goal, parameters)

    @classmethod
    def converts_within(cls, parameters: Mapping[str, Any]) -> timedelta:
        """How long after entering the goal counts, journey time."""
        window = cls.conversion_window
        return window.value(parameters) if isinstance(window, Parameter) else window

    @classmethod
    def hears(cls, event_id: str, event_type: str, given: Circumstances) -> list[Heard]:
        """What a running journey must be told of an event; nothing, mostly."""
        return [
            Heard(event_id, event.name, event_type, event.kept(given.properties))
            for event in cls.listeners()
            if event.hears(event_type, given)
        ]

    @classmethod
    def listeners(cls) -> list[Event]:
        """What the journey listens for while it runs, as the class lists it."""
        return [value for value in vars(cls).values() if isinstance(value, Event)]

    @classmethod
    def webhooks(cls) -> list[Webhook]:
        """What the journey may call, as the class lists it."""
        return [value for value in vars(cls).values() if isinstance(value, Webhook)]

    @classmethod
    def resolve(cls, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON form of all parameters, with the overrides in the place of defaults.

        Raises:
            ValueError: an override is not of its parameter's type, no address for a webhook, or there is no such
                parameter; it is named.
        """
        known = cls.parameters()
        for name in overrides:
            if name not in known:
                raise ValueError(
                    f"parameter {name}: {cls.name} has none of that name, only {', '.join(known) or 'none'}"
                )
        values = {name: parameter.write(parameter.value(overrides)) for name, parameter in known.items()}
        for webhook in cls.webhooks():
            webhook.address(values)
        return values

    @classmethod
    def accept(cls, overrides: Mapping[str, Any], written: Written) -> dict[str, Any]:
        """As `resolve`, for values that somebody sets now: those must make sense, too.

        Args:
            overrides: by the name of the parameter, in JSON form.
            written: the templates there are.

        Raises:
            ValueError: as of `resolve`, or no journey could go by an override.
        """
        known = cls.parameters()
        for name in (each for each in overrides if each in known):
            known[name].accept(overrides[name], written)
        return cls.resolve(overrides)

    @classmethod
    def asked(cls, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the attributes that the journey's profile page may ask for."""
        return cls.goal.attributes(parameters) if cls.goal else ()

    # What a journey listens to

    @workflow.signal(name="facts", description="The customer changed; sent by Sojourn.")
    @_only_with(Facts)
    def _hear_facts(self, facts: Facts) -> None:
        self._merge(facts, self._hold)

    @workflow.signal(name="hold", description="Staff hold or resume the journey; sent by Sojourn.")
    @_only_with(Hold)
    def _hear_hold(self, hold: Hold) -> None:
        self._merge(self._facts, hold)

    @workflow.signal(name="event", description="Something happened that the journey listens for; sent by Sojourn.")
    @_only_with(Heard)
    def _hear_event(self, heard: Heard) -> None:
        self._hear(heard)

    @workflow.update(name="hold", description="Hold this journey: nothing goes out until it is resumed. Give a reason.")
    async def _hold_from_temporal(self, reason: str) -> str:
        return await self._record_hold(held=True, reason=reason)

    @_hold_from_temporal.validator
    def _hold_needs_a_reason(self, reason: str) -> None:
        if not reason.strip():
            raise ValueError("a hold needs a reason")

    @workflow.update(name="resume", description="Resume this journey: what came due meanwhile goes on now.")
    async def _resume_from_temporal(self) -> str:
        return await self._record_hold(held=False, reason="")

    @workflow.query(name="status", description="Where the journey stands.")
    def _tell_status(self) -> Status:
        status = self._status
        return Status(status.what, status.step, status.until, self._hold.held, self._hold.reason)

    async def _record_hold(self, *, held: bool, reason: str) -> str:
        # An update that comes with the first workflow task is handled before `run` begins.
        await workflow.wait_condition(lambda: self._enrollment is not None)
        hold = await calls.record_hold(HoldRequest(self.enrollment.id, held, reason))
        self._merge(self._facts, hold)
        return "on hold" if self._hold.held else "running"

    # How it ends

    async def _conduct(self, run: Callable[..., Awaitable[Outcome]], enrollment: Enrollment) -> Outcome:
        self._begin(enrollment)
        try:
            await self._released()
            outcome = await run(self, enrollment)
        except Ended as ended:
            outcome = ended.outcome
        except (asyncio.CancelledError, ActivityError) as error:
            if not is_cancelled_exception(error):
                raise calls.JourneyBugError("an activity failed outside a verb") from error
            await self._conclude(Outcome(CANCELLED, workflow.cancellation_reason() or ""))
            raise
        except workflow.ContinueAsNewError:
            await workflow.wait_condition(workflow.all_handlers_finished)
            raise
        except FailureError as error:
            # Left alone it would fail the workflow for good; a bug must only park it.
            raise calls.JourneyBugError(str(error)) from error
        await self._conclude(outcome)
        return outcome

    async def _conclude(self, outcome: Outcome) -> None:
        self._note("outcome", "end", outcome=outcome.outcome, reason=outcome.reason)
        self._show(Status(f"Ended: {outcome.outcome}", "end"))
        workflow.upsert_search_attributes([JOURNEY_OUTCOME.value_set(outcome.outcome)])
        await calls.finish(Ending(Trail(self.enrollment.id, self._untold()), outcome.outcome, outcome.reason, self.now))
        await workflow.wait_condition(workflow.all_handlers_finished)


def _between_beginning_and_end(run: Callable[..., Awaitable[Outcome]]) -> Callable[..., Awaitable[Outcome]]:
    @functools.wraps(run)
    async def conducted(self: Journey, enrollment: Enrollment) -> Outcome:
        return await self._conduct(run, enrollment)

    return conducted
