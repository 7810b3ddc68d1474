"""Channels over the API: paused and resumed by whoever is on duty, and watched by Prometheus."""

from datetime import timedelta

from sqlmodel import Session, select

from activities.storage import provider_states
from activities.storage.tables import Enrollment, Message
from tests.api.conftest import Server


async def test_a_channel_is_paused_once_and_resumed(api: Server) -> None:
    """The one who is on duty stops a channel with a reason, and opens it again."""
    answer = await api.http.post("/v1/channels/email/pause", json={"reason": "wrong offer"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["reason"]) == ("paused", "wrong offer")
    assert 'sojourn_channel_paused{channel="email",provider="post"} 1.0' in await _metrics(api)
    resumed = await api.http.post("/v1/channels/email/resume", json={})
    assert (resumed.json()["state"], resumed.json()["since"]) == ("open", None)
    assert 'sojourn_channel_paused{channel="email",provider="post"} 0.0' in await _metrics(api)


async def test_messages_that_wait_are_counted(api: Server) -> None:
    """Operators see how many messages wait for a provider; those of journeys that are over do not wait."""
    await api.register(id="c1", email="ada@example.com")
    await api.register(id="c2", email="bea@example.com")
    api.change(_put_all_off)
    (email, _) = (await api.http.get("/v1/channels")).json()["channels"]
    assert (email["state"], email["waiting"]) == ("held", {"the provider is away": 1})
    assert 'sojourn_messages_waiting{provider="post",reason="the provider is away"} 1.0' in await _metrics(api)
    api.clocks.ahead = timedelta(hours=1)
    assert (await api.http.get("/v1/channels")).json()["channels"][0]["state"] == "open"


async def test_what_there_is_not_is_404_and_needs_a_key(api: Server) -> None:
    """A misspelt channel is not paused, and strangers pause nothing."""
    assert (await api.http.post("/v1/channels/fax/pause", json={"reason": "x"})).status_code == 404
    stranger = await api.http.get("/v1/channels", headers={"Authorization": "Bearer no"})
    assert stranger.status_code == 401


async def test_stuck_journeys_are_unknown_while_temporal_is_away(api: Server) -> None:
    """The API does not say that nothing is stuck when it cannot know."""
    answer = await api.http.get("/v1/stuck")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


def _put_all_off(session: Session) -> None:
    rows = session.exec(select(Enrollment)).all()
    for number, row in enumerate(rows):
        row.state = "ended" if number else "running"
        session.add(
            Message(
                id=f"msg_{number}", enrollment_id=row.id, customer_id=row.customer_id, step="s", visit=1,
                channel="email", template="t", state="claimed", message_class="marketing",
                first_asked_at=row.enrolled_at, provider="post", put_off_for="the provider is away",
            )
        )  # fmt: skip
    state = provider_states.locked(session, "post")
    state.held_since, state.held_until = rows[0].enrolled_at, rows[0].enrolled_at + timedelta(minutes=5)
    state.held_for = "the provider is away"


async def _metrics(api: Server) -> str:
    return (await api.http.get("/metrics")).text
