"""Journeys over HTTP: what they are, their state and their parameters."""

import pytest

from tests.api.conftest import Server

VOUCHER = "/v1/journeys/data-collection-voucher"


async def test_journeys_are_listed(api: Server) -> None:
    """Staff see each journey with trigger, window, goal and state; of two that compete one is paused."""
    await api.register(id="c1")
    journeys = {row["name"]: row for row in (await api.http.get("/v1/journeys")).json()["journeys"]}

    voucher = journeys["data-collection-voucher"]
    assert voucher["trigger"] == "account.registered"
    assert voucher["reentry"] == "never"
    assert voucher["window"]["opens"].startswith("09:00")
    assert "date_of_birth" in voucher["goal"]["attributes"]
    assert (voucher["state"], voucher["enrollments"]) == ("active", {"starting": 1})
    assert journeys["data-collection-points"]["state"] == "paused"


async def test_a_state_lasts(api: Server) -> None:
    """A journey that staff paused or held says so to whoever asks later."""
    for action, state in (("pause", "paused"), ("hold", "held"), ("activate", "active")):
        assert (await api.http.post(f"{VOUCHER}/{action}")).json()["state"] == state
        assert (await api.http.get(VOUCHER)).json()["state"] == state


async def test_parameters_hold_for_newcomers(api: Server) -> None:
    """A changed parameter is taken by those who enroll from then on; those inside keep theirs."""
    first = (await api.register(id="a"))["enrollments"][0]["id"]
    changed = await api.http.patch(VOUCHER, json={"parameters": {"first_wait": "P1D"}})
    second = (await api.register(id="b"))["enrollments"][0]["id"]

    assert changed.json()["parameters"]["first_wait"] == "P1D"
    waits = [
        (await api.http.get(f"/v1/enrollments/{enrollment}")).json()["parameters"]["first_wait"]
        for enrollment in (first, second)
    ]
    assert waits == ["P3D", "P1D"]
    taken_back = await api.http.patch(VOUCHER, json={"parameters": {"first_wait": None}})
    assert taken_back.json()["parameters"]["first_wait"] == "P3D"


async def test_other_words_are_chosen_by_name(api: Server) -> None:
    """The next customer gets the variant chosen, and whoever names another template reads which there are."""
    choice = {"reminder_message": "complete-your-account--short"}
    changed = await api.http.patch(VOUCHER, json={"parameters": choice})
    assert changed.json()["parameters"].items() >= choice.items()
    refused = await api.http.patch(VOUCHER, json={"parameters": {"reminder_message": "voucher-offer"}})
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert error["pointer"] == "/parameters/reminder_message"
    assert error["detail"] == (
        "parameter reminder_message: one of complete-your-account, complete-your-account--short, not 'voucher-offer'"
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"parameters": {"first_wait": "three days"}}, "/parameters/first_wait"),
        ({"parameters": {"first_wait": "P9999999D"}}, "/parameters/first_wait"),
        ({"parameters": {"first_wait": "P99999999999999D"}}, "/parameters/first_wait"),
        ({"parameters": {"last_wait": "P1D"}}, "/parameters/last_wait"),
        ({"parameters": {"asked_for": ["shoe size!"]}}, "/parameters/asked_for"),
        ({"parameters": {"asked_for": ["email", "email"]}}, "/parameters/asked_for"),
        ({"parameters": {"voucher": ""}}, "/parameters/voucher"),
        ({"parameters": {"voucher": "Summer thanks"}}, "/parameters/voucher"),
        ({"parameters": {"send_window": {"opens": "25:00", "closes": "1"}}}, "/parameters/send_window"),
        ({"parameters": []}, "/parameters"),
        ({}, "/parameters"),
    ],
)
async def test_a_wrong_parameter_is_named(api: Server, body: dict[str, object], pointer: str) -> None:
    """A marketer who mistypes a parameter reads which one, and nothing changes."""
    answer = await api.http.patch(VOUCHER, json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("journey", "name", "value"),
    [
        ("order-follow-up", "available_from", "0001-01-01T00:00:00+14:00"),
        ("order-follow-up", "category", " "),
        ("data-collection-points", "points", 10**18),
        ("welcome", "loyalty_field", "email"),
    ],
)
async def test_a_value_that_would_stop_every_newcomer_is_refused(
    api: Server, journey: str, name: str, value: object
) -> None:
    """Staff cannot bring a journey down by a value that is of the right type and of no use."""
    answer = await api.http.patch(f"/v1/journeys/{journey}", json={"parameters": {name: value}})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/parameters/{name}"]
