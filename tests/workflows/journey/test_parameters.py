"""Instants as parameters: what a marketer may type, and what it means."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from workflows.journey.parameters import Parameter
from workflows.order_follow_up import RANGE_AVAILABLE_FROM, OrderFollowUp

PLUS_TWO = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-01T00:00:00Z", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T02:00:00+02:00", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T00:00:00.5Z", datetime(2026, 11, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_in_any_zone(written: str, meant: datetime) -> None:
    """A marketer may write an instant in their own zone; it is stored in UTC."""
    parameter = Parameter(datetime(2020, 1, 1, tzinfo=UTC), "since when")
    assert parameter.read(written) == meant
    assert parameter.read(parameter.write(meant)) == meant
    assert parameter.write(meant.astimezone(PLUS_TWO)).endswith("Z")


@pytest.mark.parametrize("wrong", ["2026-11-01", "2026-11-01T00:00:00", "soon", "", 1793491200, None, ["2026"]])
def test_what_is_no_instant_is_refused_by_name(wrong: object) -> None:
    """A date without a zone, or anything else, is refused with the parameter's name."""
    with pytest.raises(ValueError, match=r"^parameter available_from: not an instant such as"):
        OrderFollowUp.resolve({"available_from": wrong})


def test_a_default_needs_a_zone() -> None:
    """A developer cannot declare an instant that depends on the machine it runs on."""
    with pytest.raises(TypeError, match="needs a zone"):
        Parameter(datetime(2026, 11, 1), "since when")  # noqa: DTZ001 - the mistake


def test_an_order_follow_up_takes_its_values_as_data() -> None:
    """What an enrollment keeps is JSON, with the range's first moment in it."""
    values = OrderFollowUp.resolve({})
    assert values["available_from"] == "2026-11-01T00:00:00Z"
    assert OrderFollowUp.available_from.value(values) == RANGE_AVAILABLE_FROM
    assert values["patience"] == "P7D"
