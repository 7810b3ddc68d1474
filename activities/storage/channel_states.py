"""How channels stand: who delivers, whether it may, since when not and why, and how many messages wait."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from activities.storage import provider_states
from activities.storage.tables import ProviderState
from activities.storage.timeline_view import instant


@dataclass(frozen=True)
class ChannelState:
    """One channel, or a system that journeys call.

    Attributes:
        channel: email, sms, push; the provider's name where no channel goes over it.
        provider: who delivers.
        state: open; held (the provider asked for patience or is away, and it ends by itself); paused (until somebody
            resumes it).
        since: wall-clock instant, UTC; None while it is open.
        until: when a hold ends, wall clock, UTC.
        reason: of the hold or the pause.
        waiting: messages that wait for another moment, by what they wait for.
    """

    channel: str
    provider: str
    state: str
    since: datetime | None
    until: datetime | None
    reason: str
    waiting: Mapping[str, int]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "channel": self.channel,
            "provider": self.provider,
            "state": self.state,
            "since": instant(self.since) if self.since else None,
            "until": instant(self.until) if self.until else None,
            "reason": self.reason,
            "waiting": dict(self.waiting),
        }


def channel_states(session: Session, providers: Mapping[str, str], now: datetime) -> list[ChannelState]:
    """All channels; after them whatever else is known of, such as the hosts that webhooks call.

    Args:
        session: any transaction.
        providers: the provider's name by channel.
        now: wall-clock instant, UTC.
    """
    rows = provider_states.all_states(session)
    waiting: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (provider, reason), count in sorted(provider_states.waiting(session).items()):
        waiting[provider][reason] = count
    others = sorted({*rows, *waiting} - set(providers.values()))
    names = [*providers.items(), *zip(others, others, strict=True)]
    return [_state(channel, name, rows.get(name), waiting[name], now) for channel, name in names]


def _state(
    channel: str, provider: str, row: ProviderState | None, waiting: Mapping[str, int], now: datetime
) -> ChannelState:
    if row is not None and row.paused_since is not None:
        return ChannelState(channel, provider, "paused", row.paused_since, None, row.pause_reason, waiting)
    if row is not None and row.held_until is not None and row.held_until > now:
        return ChannelState(channel, provider, "held", row.held_since, row.held_until, row.held_for, waiting)
    return ChannelState(channel, provider, "open", None, None, "", waiting)
