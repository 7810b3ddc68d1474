"""What a report says: the contract between those who count and those who show it.

A report is about a cohort: the enrollments that began on the days asked for, with everything that became of them
until now. So at every step `entered = waiting + left + ended`, whatever the days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True)
class Interval:
    """A confidence interval of 95 %; None where it has no end."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class ArmReport:
    """How one arm did.

    Attributes:
        arm: ``treated`` or ``holdout``; in a split, the arm's name.
        enrolled: enrollments; in a split, those who came to it.
        met_at_entry: of them, those whose goal was met before anything could happen; they say nothing about the
            journey and are left out of the rate.
        converted: those who met the goal within the conversion window.
        rate: ``converted / (enrolled - met_at_entry)``, from 0 to 1; None for nobody.
        interval: of the rate (Wilson).
    """

    arm: str
    enrolled: int
    met_at_entry: int
    converted: int
    rate: float | None
    interval: Interval

    @property
    def exposed(self) -> int:
        """Those the rate is about."""
        return self.enrolled - self.met_at_entry


@dataclass(frozen=True)
class Lift:
    """One arm against another.

    Attributes:
        arm: whose lift.
        against: the arm it is compared with.
        difference: of the rates, from -1 to 1; None where an arm is empty.
        difference_interval: Newcombe's hybrid score interval.
        ratio: of the rates; None where an arm is empty or the other rate is 0.
        ratio_interval: Katz' log interval.
        significant: whether the interval of the difference leaves out 0.
        sample_needed: exposed enrollments in both arms together, shared out as they are now, with which a true
            difference of the observed size would be found (power 80 %, two-sided alpha 5 %); None where no
            difference was observed.
        enough: whether there are that many.
        detectable: the smallest difference that the present sample would find with that power; None where an arm
            is empty.
    """

    arm: str
    against: str
    difference: float | None
    difference_interval: Interval
    ratio: float | None
    ratio_interval: Interval
    significant: bool
    sample_needed: int | None
    enough: bool
    detectable: float | None


@dataclass(frozen=True)
class SplitReport:
    """The arms of one split, each compared with the first by name.

    Attributes:
        name: of the split.
        arms: by name; conversions count from the moment the customer came to the split.
        lifts: one for each arm but the first.
    """

    name: str
    arms: tuple[ArmReport, ...]
    lifts: tuple[Lift, ...]


@dataclass(frozen=True)
class TimeToConvert:
    """How long it took those who converted, journey time; None where nobody did."""

    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True)
class StepReport:
    """One visit of a step, as the picture has it: ``entered = waiting + left + ended``.

    Attributes:
        step: its recorded name (a second visit is ``NAME#2``); ``start`` is where everybody enters.
        entered: how many enrollments came to it.
        waiting: how many stand there now, by what they recorded and what the code lets follow.
        left: how many went on to another step.
        ended: how many journeys were over there, for whatever reason.
    """

    step: str
    entered: int
    waiting: int
    left: int
    ended: int


@dataclass(frozen=True)
class Flow:
    """How many enrollments went from one step straight to another; past those that leave no record.

    Attributes:
        source: the step they came from; ``start`` at first.
        target: the step they went to; ``end`` where the journey was over.
        count: how many.
        outcome: of those who ended; else empty.
    """

    source: str
    target: str
    count: int
    outcome: str = ""


@dataclass(frozen=True)
class MessageReport:
    """One message of the journey, or one webhook.

    ``planned = sent + unknown + failed + suppressed + pending``; what follows ``deferred`` counts messages, each once.

    Attributes:
        step: of the journey, visit included.
        channel: email, sms or webhook.
        template: its words; the webhook's name.
        planned: the journey asked for it and the gate decided at least once.
        sent: a provider took it.
        unknown: it may have been sent; nobody can say.
        failed: refused for good, or given up.
        suppressed: by reason.
        pending: not decided for good; the journey still waits there, or ended first.
        deferred: how often the gate said "not yet"; one message may be deferred several times.
        delivered: reported by the provider.
        opened: by a person.
        opened_by_machine: by what looks like a scanner or a proxy; not in `opened`.
        clicked: by a person.
        clicked_by_machine: as above.
        bounced: reported by the provider.
        complained: reported by the provider.
        unsubscribed: through a link in this message.
    """

    step: str
    channel: str
    template: str
    planned: int
    sent: int
    unknown: int
    failed: int
    suppressed: Mapping[str, int]
    pending: int
    deferred: int
    delivered: int
    opened: int
    opened_by_machine: int
    clicked: int
    clicked_by_machine: int
    bounced: int
    complained: int
    unsubscribed: int


@dataclass(frozen=True)
class VoucherReport:
    """One voucher design, as far as this journey used it.

    Attributes:
        design: its name.
        assigned: codes given to these enrollments.
        redeemed: of them, by `voucher.redeemed`.
        left: codes free in the pool now, for all journeys.
        reserved: codes kept for promises now, for all journeys.
        conversions: enrollments that were promised or given a code and converted after it.
        cost: of the redeemed codes, in the currency's smallest unit; None while the design's unit cost is not set.
        cost_per_conversion: in the same unit; None without a cost or a conversion.
    """

    design: str
    assigned: int
    redeemed: int
    left: int
    reserved: int
    conversions: int
    cost: int | None
    cost_per_conversion: float | None


@dataclass(frozen=True)
class ReportDay:
    """One day of a cohort, for charts; days are UTC, on the journey clock.

    Attributes:
        day: the date.
        enrolled: who entered on it, both arms.
        converted: who converted on it, by arm.
    """

    day: date
    enrolled: int
    converted: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountsDay:
    """All accounts at the end of a day, in the journey or not: the seeds' own figure.

    Attributes:
        day: the date.
        accounts: registered and not erased.
        complete: of them, those with all optional data.
    """

    day: date
    accounts: int
    complete: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None while there are no accounts."""
        return self.complete / self.accounts if self.accounts else None


@dataclass(frozen=True)
class JourneyReport:
    """Did it work?

    Attributes:
        journey: its name.
        goal: in words; empty for a journey without one.
        conversion_window: how long after entering a conversion counts, for those who enter now.
        since: first day of the cohort; None for the first ever.
        until: last day, included; None for today.
        enrolled: both arms.
        converted: both arms.
        arms: treated, and holdout if anybody was held out.
        lift: treated against holdout; None without a holdout.
        time_to_convert: of the treated.
        outcomes: how many of the treated ended, by outcome.
        steps: in the order in which most customers come to them; `start` first.
        flows: between consecutive steps.
        messages: in the order of the steps.
        vouchers: by design.
        splits: by name.
        days: those with something on them.
        accounts: every day on which it changed; empty for a journey whose goal is not a profile.
    """

    journey: str
    goal: str
    conversion_window: timedelta
    since: date | None
    until: date | None
    enrolled: int
    converted: int
    arms: tuple[ArmReport, ...]
    lift: Lift | None
    time_to_convert: TimeToConvert
    outcomes: Mapping[str, int]
    steps: tuple[StepReport, ...]
    flows: tuple[Flow, ...]
    messages: tuple[MessageReport, ...]
    vouchers: tuple[VoucherReport, ...]
    splits: tuple[SplitReport, ...]
    days: tuple[ReportDay, ...]
    accounts: tuple[AccountsDay, ...]


@dataclass(frozen=True)
class JourneyCounts:
    """A journey in one line, of all times.

    Attributes:
        enrolled: both arms.
        held_out: of them.
        open: inside now.
        ended: the treated whose journey is over.
        converted: both arms.
        outcomes: how many ended, by outcome.
        waiting: how many stand where now, by step; `start` before the first recorded one.
    """

    enrolled: int = 0
    held_out: int = 0
    open: int = 0
    ended: int = 0
    converted: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
