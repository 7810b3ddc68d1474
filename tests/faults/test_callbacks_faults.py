"""M9: what providers tell comes twice, in the wrong order, too early, forged, or as the only answer there is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from activities.storage.ledger import State
from activities.storage.tables import Message
from tests.fake_providers import fake_providers
from tests.faults import people
from tests.faults.runs import HEALED, healed, run, sound
from tests.faults.site import Site
from tests.faults.tally import record
from tests.system import until
from worker.processes.ports import free_ports

LOST_ANSWER = {"do": "reset", "processed": True}

# What is told after a delivery, by who tells it, and what the message is in the end.
TOLD: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "three times": ({"callbacks": [{"event": "delivered", "times": 3}]}, "delivered"),
    "in the wrong order": ({"callbacks": [{"event": "delivered"}, {"event": "deferred", "after": 0.5}]}, "delivered"),
    "before the answer": ({"callbacks": [{"event": "delivered", "first": True}]}, "delivered"),
    "forged": ({"callbacks": [{"event": "bounced", "forged": True}]}, ""),
    "instead of an answer": ({**LOST_ANSWER, "callbacks": [{"event": "delivered"}]}, "delivered"),
    "bounced, then delivered": ({"callbacks": [{"event": "bounced"}, {"event": "delivered", "after": 0.5}]}, "bounced"),
}


@pytest.mark.parametrize("kind", ["key", "none"])
async def test_what_providers_tell_is_believed_once_and_only_from_them(
    temporal_address: str, tmp_path: Path, kind: str
) -> None:
    """However callbacks come, staff read the same in the end, and a stranger can change nothing."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    more = {"SOJOURN_API_PORT": str(port), "SOJOURN_PUBLIC_URL": url}
    provider = {"key": "resend", "none": "sendgrid"}[kind]
    async with (
        fake_providers(tmp_path, callbacks=f"{url}/v1/hooks") as fakes,
        run(temporal_address, tmp_path / "site", fakes, kind, more=more) as (here, programs),
    ):
        await programs.start(here.program("api"))
        await programs.start(here.program("worker"))
        told = {way: people.register(here, 1, ["one-email"])[0] for way in TOLD}
        rules = [{**TOLD[way][0], "recipient": people.email_of(here, each)} for way, each in told.items()]
        await fakes.script(provider, *rules)
        await healed(here)
        expected = {each: TOLD[way][1] for way, each in told.items()}
        await until(lambda: _fates(here) == expected, within=HEALED, what=f"{expected}, not {_fates(here)}", every=0.2)
        evidence = await sound(here, fakes, list(told.values()))
        statuses = {each["status"] for each in await fakes.callbacks() if each["event"] == "bounced"}
        assert statuses & {401, 403}, "the forged one was taken"
        assert {row.state for row in here.table(Message)} == {State.ACCEPTED}, "a callback settles what was unclear"
    tally = evidence.tally()
    record("M9", "callbacks repeated, reordered, early, forged, or instead of an answer", kind, tally)
    assert (tally.sent, tally.doubled, tally.unclear) == (len(TOLD), 0, 0)


def _fates(here: Site) -> dict[str, str]:
    return {row.enrollment_id: row.delivery for row in here.table(Message)}
