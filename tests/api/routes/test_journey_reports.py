"""Reports over HTTP."""

import csv
import io

import pytest

from tests.api.conftest import Server

VOUCHER = "/v1/journeys/data-collection-voucher"
WHOLE = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "ada@example.com",
    "phone": "+420601123456",
    "date_of_birth": "1990-12-10",
}


async def test_a_report_says_who_entered_and_who_converted(api: Server) -> None:
    """A marketer asks whether the journey worked, and reads it."""
    await api.http.patch(VOUCHER, json={"holdout": 0.999999})
    await api.register(id="a")
    await api.http.patch(VOUCHER, json={"holdout": 0})
    for name in ("b", "c"):
        await api.register(id=name)
    await api.http.patch("/v1/customers/c", json=WHOLE)

    report = (await api.http.get(f"{VOUCHER}/report")).json()

    assert (report["journey"], report["enrolled"], report["converted"]) == ("data-collection-voucher", 3, 1)
    assert [(arm["arm"], arm["enrolled"], arm["rate"]) for arm in report["arms"]] == [
        ("treated", 2, 0.5),
        ("holdout", 1, 0.0),
    ]
    assert report["lift"]["difference"] == 0.5
    assert report["lift"]["difference_interval"]["low"] < 0.5 < report["lift"]["difference_interval"]["high"]
    assert report["steps"] == [{"step": "start", "entered": 2, "waiting": 2, "left": 0, "ended": 0}]
    assert report["accounts"][-1]["share"] == pytest.approx(1 / 3)
    assert report["conversion_window_seconds"] == 30 * 86_400


async def test_the_answer_to_a_registration_names_the_arm(api: Server) -> None:
    """The client sees which of its customers are held out, and the list of journeys how many are."""
    assert (await api.http.patch(VOUCHER, json={"holdout": 0.999999})).json()["holdout"] == 0.999999

    enrollments = (await api.register(id="a"))["enrollments"]

    assert [row["arm"] for row in enrollments if row["journey"] == "data-collection-voucher"] == ["holdout"]
    assert (await api.http.get(VOUCHER)).json()["enrollments"] == {"held out": 1}


async def test_a_report_is_a_table_for_spreadsheets(api: Server) -> None:
    """The same numbers come as CSV, one a line."""
    await api.register(id="a", **WHOLE)

    answer = await api.http.get(f"{VOUCHER}/report", params={"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    numbers = {(row["section"], row["item"], row["measure"]): row["value"] for row in rows}
    assert numbers["report", "data-collection-voucher", "enrolled"] == "1"
    assert numbers["arms", "treated", "met_at_entry"] == "1"
    assert numbers["steps", "start", "waiting"] == "1"


async def test_days_bound_a_report(api: Server) -> None:
    """A report may be about some days, given as days or as instants."""
    await api.register(id="a")
    for days, enrolled in (
        ({"from": "2020-01-01", "to": "2020-01-31"}, 0),
        ({"from": "2020-01-01"}, 1),
        ({"from": "0001-01-01", "to": "9999-12-31"}, 1),
        ({"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}, 1),
    ):
        answer = await api.http.get(f"{VOUCHER}/report", params=days)
        assert answer.json()["enrolled"] == enrolled
    assert answer.json()["until"] == "2099-12-31"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "yesterday"}, "/from"),
        ({"to": "2027-02-30"}, "/to"),
        ({"to": "0001-01-01T00:00:00Z"}, "/to"),
        ({"from": "2027-03-02", "to": "2027-03-01"}, "/to"),
        ({"format": "xlsx"}, "/format"),
    ],
)
async def test_a_wrong_question_is_named(api: Server, query: dict[str, str], pointer: str) -> None:
    """Whoever mistypes a day reads which one."""
    answer = await api.http.get(f"{VOUCHER}/report", params=query)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_there_is_no_report_of_nothing(api: Server) -> None:
    """An unknown journey is 404."""
    assert (await api.http.get("/v1/journeys/unknown/report")).status_code == 404


@pytest.mark.parametrize("share", [-0.1, 1, "0.1", True])
async def test_a_wrong_holdout_is_refused(api: Server, share: object) -> None:
    """A share that is none changes nothing."""
    answer = await api.http.patch(VOUCHER, json={"holdout": share})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/holdout"
