"""The composition root: builds every activity from a database, providers and a brand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import workflows
from activities.calendar import CalendarActivities
from activities.channels import Channel
from activities.delivery import Provider
from activities.gate.gate import GateLimits, MessageGate
from activities.gate.pacing import Pacing
from activities.gate.tracking import Tracking
from activities.gate.webhooks import LedgerWebhookGate, Secrets
from activities.gate.wording import PointsWorth, Wording
from activities.history import HistoryActivities
from activities.messages import MessageActivities
from activities.moments import Moment, moment_of_activity
from activities.profile_changes import ProfileChangeActivities
from activities.records import RecordActivities
from activities.rendering import Renderer
from activities.rewards import RewardActivities
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.history import DatabaseHistory
from activities.storage.intake import Enrollable
from activities.storage.links import Links
from activities.storage.profile_changes import DatabaseProfileChanges
from activities.storage.records import DatabaseRecords
from activities.storage.rewards import DatabaseRewards
from activities.templates.brand import Brand
from activities.templates.renderer import JinjaRenderer
from activities.webhooks import WebhookActivities, WebhookCaller


@dataclass(frozen=True)
class Parts:
    """What activities are built from.

    Attributes:
        database: the one place where things are remembered.
        providers: who delivers on which channel.
        links: makes and reads the links in messages.
        reachability: consents and suppressions.
        brand: in whose name.
        points: what points are worth.
        stop_word: texts can be answered with STOP.
        limits: how long things may take.
        renderer: turns templates into messages; the product's own if not given.
        moment: tells activities the time.
        webhooks: makes the calls of journeys; to public addresses over HTTP if not given.
        secrets: knows the secrets of those calls; there are none if not given.
        track_opens: whether emails carry a pixel.
        track_clicks: whether links in emails go through us.
        pacing: the pace of providers; they are thought to take everything if not given.
        journeys: by name, which hear of what another journey changes about a customer; all, if not given.
    """

    database: Database
    providers: Mapping[Channel, Provider]
    links: Links
    reachability: Reachability
    brand: Brand
    points: PointsWorth = PointsWorth()
    stop_word: bool = True
    limits: GateLimits = GateLimits()
    renderer: Renderer | None = None
    moment: Callable[[], Moment] = moment_of_activity
    webhooks: WebhookCaller | None = None
    secrets: Secrets = lambda _name: None
    track_opens: bool = False
    track_clicks: bool = False
    pacing: Pacing | None = None
    journeys: Mapping[str, Enrollable] | None = None


def build_activities(parts: Parts) -> Sequence[Callable[..., Any]]:
    """Every activity a worker registers."""
    gate = MessageGate(
        parts.database,
        parts.providers,
        parts.renderer or JinjaRenderer(parts.brand),
        Wording(parts.links, parts.points, parts.stop_word),
        parts.reachability,
        parts.limits,
        Tracking(parts.links, parts.track_opens, parts.track_clicks),
        parts.pacing,
    )
    messages = MessageActivities(gate, parts.moment)
    rewards = RewardActivities(DatabaseRewards(parts.database, parts.reachability), parts.moment)
    webhooks = WebhookActivities(
        LedgerWebhookGate(
            parts.database,
            parts.webhooks or _over_http(),
            parts.secrets,
            parts.reachability,
            parts.limits,
            parts.pacing,
        ),
        parts.moment,
    )
    journeys = workflows.catalogue() if parts.journeys is None else parts.journeys
    changes = ProfileChangeActivities(
        DatabaseProfileChanges(parts.database, parts.reachability, journeys), parts.moment
    )
    records = RecordActivities(DatabaseRecords(parts.database))
    return [
        messages.send_message,
        webhooks.call_webhook,
        rewards.assign_voucher,
        rewards.award_points,
        changes.update_profile,
        changes.opt_out,
        HistoryActivities(DatabaseHistory(parts.database)).ask_history,
        records.keep_trail,
        records.finish,
        records.record_hold,
        CalendarActivities().find_instant,
    ]


def _over_http() -> WebhookCaller:
    """Loaded only where it is used."""
    from activities.providers.webhook_calls import WebhookCalls

    return WebhookCalls()
