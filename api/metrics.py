"""What Prometheus is told: read from the database when it asks, so that every process says the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from sqlmodel import Session, col, func, select

from activities.storage.channel_states import ChannelState, channel_states
from activities.storage.outbox import BULK
from activities.storage.tables import Enrollment, OutboxItem
from api.services import Services


@dataclass(frozen=True)
class Figures:
    """What stands in the database at one moment, and what Temporal says.

    Attributes:
        outbox: items that Temporal has not heard of, without the starts of imported customers.
        import_starts: those.
        outbox_age: seconds since the oldest of the first came.
        enrollments: journey, state and how many.
        channels: how they stand.
        stuck: journeys that only a fix can help; None while Temporal is away.
    """

    outbox: int
    import_starts: int
    outbox_age: float
    enrollments: Sequence[tuple[str, str, int]]
    channels: Sequence[ChannelState]
    stuck: int | None = field(default=None)


def read_figures(session: Session, services: Services, now: datetime, stuck: int | None) -> Figures:
    """The figures of this moment.

    Args:
        session: any transaction.
        services: for the names of providers.
        now: wall-clock instant, UTC.
        stuck: as Temporal says.
    """
    live = OutboxItem.priority < BULK  # who came in bulk waits on purpose
    size, oldest = session.exec(select(func.count(), func.min(OutboxItem.created_at)).where(live)).one()
    paced = session.exec(select(func.count()).where(col(OutboxItem.priority) >= BULK)).one()
    counts = session.exec(
        select(Enrollment.journey, Enrollment.state, func.count()).group_by(
            col(Enrollment.journey), col(Enrollment.state)
        )
    ).all()
    age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    channels = channel_states(session, services.providers, now)
    return Figures(size, paced, age, sorted(counts), channels, stuck)


def exposition(figures: Figures) -> bytes:
    """The figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        figures = self._figures
        outbox = "What Temporal has not heard of yet, without the starts of imported customers."
        yield GaugeMetricFamily("sojourn_outbox_items", outbox, figures.outbox)
        starts = "Journeys of imported customers that wait for their turn to start."
        yield GaugeMetricFamily("sojourn_import_starts", starts, figures.import_starts)
        age = "Age of the oldest item that does not wait for its turn."
        yield GaugeMetricFamily("sojourn_outbox_oldest_seconds", age, figures.outbox_age)
        enrollments = GaugeMetricFamily(
            "sojourn_enrollments", "Enrollments by journey and state.", labels=["journey", "state"]
        )
        for journey, state, count in figures.enrollments:
            enrollments.add_metric([journey, state], count)
        yield enrollments
        yield from self._of_channels()
        if figures.stuck is not None:
            yield GaugeMetricFamily("sojourn_stuck_journeys", "Journeys that only a fix can help.", figures.stuck)

    def _of_channels(self) -> Iterable[Metric]:
        names = ["channel", "provider"]
        paused = GaugeMetricFamily(
            "sojourn_channel_paused", "1 while a channel is paused until somebody resumes it.", labels=names
        )
        held = GaugeMetricFamily(
            "sojourn_channel_held", "1 while a channel is left alone for a while, which ends by itself.", labels=names
        )
        waiting = GaugeMetricFamily(
            "sojourn_messages_waiting",
            "Messages that wait for another moment, by what they wait for.",
            labels=["provider", "reason"],
        )
        for each in self._figures.channels:
            paused.add_metric([each.channel, each.provider], each.state == "paused")
            held.add_metric([each.channel, each.provider], each.state == "held")
        for provider, reasons in {each.provider: each.waiting for each in self._figures.channels}.items():
            for reason, count in reasons.items():
                waiting.add_metric([provider, reason], count)
        yield from (paused, held, waiting)
