"""What Temporal keeps is written and read as the SDK would, only with less work."""

import gc
import json
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.history.v1 import History
from temporalio.converter import DataConverter, WithSerializationContext, WorkflowSerializationContext

import workflows
from activities.channels import Channel
from activities.facts import Facts, Hold
from activities.heard import Heard
from activities.messages import GateAnswer, MessageActivities, Promise, Result, Reward, SendOrder
from activities.send_window import SendWindow
from activities.timeline import Entry
from worker.codec import EncryptingCodec
from worker.payload_keys import HiddenFailures
from worker.payloads import CONVERTER, PayloadConverter
from workflows.journey import Enrollment
from workflows.journey.enrollment import Memory

OURS, SDKS = CONVERTER.payload_converter, DataConverter.default.payload_converter
CONTEXT = WorkflowSerializationContext(namespace="default", workflow_id="welcome/enr_1")
NOON = datetime(2027, 3, 30, 12, tzinfo=UTC)
FACTS = Facts(7, ("email", "phone"), (Channel.EMAIL, Channel.SMS), timezone="Europe/Prague", undecided=(Channel.PUSH,))
VALUES = [
    SendOrder(
        "enr_1",
        "offer#2",
        2,
        9,
        Channel.SMS,
        "voucher-offer",
        window=SendWindow("22:00", "02:00", days=("fri", "sat")),
        promise=Promise(Reward.POINTS, 3600.0, amount=500),
        trail=(Entry(8, NOON, "wait", "second", {"until": NOON.isoformat(), "deep": {"n": [1, 2.5, None, True]}}),),
    ),
    GateAnswer(Result.DEFERRED, FACTS, Hold(3, True, "asked by phone"), "the send window is closed", until=NOON),
    Enrollment(
        "enr_1",
        "cus_1",
        {"first_wait": "P3D", "rounds": 2},
        FACTS,
        memory=Memory(
            {"offer": {"sent": True}},
            4,
            waiting_until=NOON,
            heard=(Heard("evt_1", "paid", "order.completed", {"total": 9.5}),),
        ),
    ),
    {"none": None, "list": [FACTS, "text", 1]},
    [NOON, Channel.EMAIL],
    None,
    b"bytes",
    "text",
]


@dataclass(frozen=True)
class Counted:
    """Has a field that no caller gives."""

    name: str
    length: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.name))


@pytest.mark.parametrize("value", [*VALUES, Counted("four")], ids=lambda value: type(value).__name__)
def test_what_is_written_is_what_the_sdk_writes_to_the_byte(value: object) -> None:
    """Histories stay readable for every tool that knows Temporal's own format."""
    assert OURS.to_payloads([value]) == SDKS.to_payloads([value])


@pytest.mark.parametrize("value", [*VALUES[:3], Counted("four")], ids=lambda value: type(value).__name__)
def test_what_is_read_is_what_was_written(value: object) -> None:
    """A journey hears what was told, field by field."""
    payloads = OURS.to_payloads([value])
    assert OURS.from_payloads(payloads, [type(value)]) == SDKS.from_payloads(payloads, [type(value)]) == [value]


def test_what_journeys_were_told_in_every_recorded_history_reads_alike() -> None:
    """Journeys that began with the SDK's own conversion go on with ours."""
    compared = 0
    for payload, hint in _recorded():
        ours, sdks = (each.from_payloads([payload], [hint]) for each in (OURS, SDKS))
        assert ours == sdks
        assert [type(each) for each in ours] == [type(each) for each in sdks]
        compared += 1
    assert compared > 100


@pytest.mark.parametrize(
    ("hint", "wrong"),
    [
        (Facts, {"version": "seven"}),
        (Facts, {"reachable": ["pigeon"]}),
        (Facts, ["no", "facts"]),
        (SendOrder, {"enrollment_id": "enr_1"}),
        (SendWindow, {"opens": "25:00", "closes": "21:00"}),
        (Channel, "pigeon"),
        (Channel, 7),
        (Facts | None, {"timezone": 7}),
    ],
)
def test_what_does_not_fit_is_refused_in_the_sdks_own_words(hint: Any, wrong: object) -> None:
    """Whoever looks for a wrong value reads the message they know from Temporal's documentation."""
    payloads = SDKS.to_payloads([wrong])
    with pytest.raises((TypeError, ValueError)) as sdks:
        SDKS.from_payloads(payloads, [hint])
    with pytest.raises(sdks.type) as ours:
        OURS.from_payloads(payloads, [hint])
    assert str(ours.value) == str(sdks.value)


def test_a_field_that_a_later_version_added_is_passed_over() -> None:
    """A worker that is one version behind goes on."""
    (payload,) = SDKS.to_payloads([{"version": 3, "favourite_colour": "green"}])
    assert OURS.from_payloads([payload], [Facts]) == [Facts(3)]


def test_a_class_that_the_sandbox_made_for_one_journey_is_not_kept_for_ever() -> None:
    """The memory of a worker does not grow with the journeys it has run."""

    @dataclass
    class Mine:
        name: str

    assert OURS.from_payloads(SDKS.to_payloads([{"name": "Ada"}]), [Mine]) == [Mine("Ada")]
    seen = weakref.ref(Mine)
    del Mine
    gc.collect()
    assert seen() is None


def test_no_part_of_the_conversion_asks_where_a_payload_belongs() -> None:
    """The runner of journeys no longer tells; a part that needs to know would be told nothing."""
    assert not issubclass(EncryptingCodec, WithSerializationContext)
    for part in (PayloadConverter(), CONVERTER.failure_converter, HiddenFailures()):
        assert not isinstance(part, WithSerializationContext) or part.with_context(CONTEXT) is part


def _recorded() -> Iterator[tuple[Payload, Any]]:
    """What workflows were started with and what the gate answered, with the types they are read as."""
    answers = activity._Definition.must_from_callable(MessageActivities.send_message).ret_type
    types = {each.name: workflow._Definition.must_from_class(each).arg_types for each in workflows.catalogue().values()}
    for path in (Path(__file__).parent.parent / "histories").rglob("*.json"):
        history = Parse(
            json.dumps({"events": json.loads(path.read_text())["events"]}), History(), ignore_unknown_fields=True
        )
        sends = set[int]()
        for event in history.events:
            started = event.workflow_execution_started_event_attributes
            if started.input.payloads and (hints := types.get(started.workflow_type.name)):
                yield started.input.payloads[0], hints[0]
            if event.activity_task_scheduled_event_attributes.activity_type.name == "send_message":
                sends.add(event.event_id)
            done = event.activity_task_completed_event_attributes
            if done.scheduled_event_id in sends:
                yield from ((payload, answers) for payload in _of(done.result))


def _of(payloads: Payloads) -> Iterator[Payload]:
    yield from payloads.payloads
