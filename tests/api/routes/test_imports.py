"""Files over HTTP."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, func, select

from activities.storage import outbox
from activities.storage.tables import Customer, Enrollment, Import, OutboxItem
from api.imports import uploads
from tests.api.conftest import Server

CSV = {"content-type": "text/csv; charset=utf-8"}
NDJSON = {"content-type": "application/x-ndjson"}
SECONDS = 60


def file_of(rows: int) -> str:
    """A CSV file."""
    return "id,email\n" + "".join(f"c{number},ada{number}@example.com\n" for number in range(rows))


async def post(api: Server, content: str | bytes, headers: dict[str, str] = CSV) -> httpx.Response:
    """Send a file."""
    return await api.http.post("/v1/imports", content=content, headers=headers)


async def until_done(api: Server, import_id: str) -> dict[str, Any]:
    """Wait for the end of an import; what is told of it then."""
    async with asyncio.timeout(SECONDS):
        while True:
            answer = await api.http.get(f"/v1/imports/{import_id}")
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            if told["state"] == "done":
                return told
            await asyncio.sleep(0.05)


def customers(session: Session) -> list[tuple[str | None, str]]:
    """Whom we know, and where they came from."""
    rows = session.exec(select(Customer).order_by(col(Customer.created_at), col(Customer.external_id))).all()
    return [(row.external_id, row.source) for row in rows]


async def test_a_file_becomes_customers(own_api: Server) -> None:
    """A file is answered once it is safe, told of while it is read, and its bad lines are named to the end."""
    lines = [{"id": "c1", "email": "ada@example.com", "attributes": {"shoe_size": 38}}, {"id": "c2", "emial": "x"}]
    body = "".join(json.dumps(line) + "\n" for line in lines) + "nonsense\n" + '{"id":"c3","source":"api"}\n'
    answer = await post(own_api, body, NDJSON)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["bytes"], answer.json()["refused"]) == (len(body), 0)
    told = await until_done(own_api, answer.json()["id"])
    assert (told["lines_read"], told["accepted"], told["known"], told["refused"]) == (4, 1, 0, 3)
    assert [(line["line"], line["errors"][0]["field"]) for line in told["refused_lines"]] == [
        (2, "emial"),
        (3, ""),
        (4, "source"),
    ]
    assert told["bytes_read"] == told["bytes"]
    assert own_api.rows(customers) == [("c1", "import")]
    later = await own_api.http.get(f"/v1/imports/{told['id']}", params={"after": 3})
    assert [line["line"] for line in later.json()["refused_lines"]] == [4]


async def test_a_live_registration_is_first_while_a_file_is_imported(own_api: Server) -> None:
    """Who registers during an import is answered, and their start is the first that a relay takes on."""
    import_id = (await post(own_api, file_of(150))).json()["id"]
    own_api.relay.told.clear()
    live = await own_api.register(id="live", email="live@example.com")
    ids = [entered["id"] for entered in live["enrollments"]]
    assert own_api.relay.told == ids
    told = await until_done(own_api, import_id)
    assert (told["accepted"], told["refused"]) == (150, 0)

    def first(session: Session) -> list[str]:
        claimed = outbox.claim(session, own_api.clocks.now(), limit=5)
        return [item.enrollment_id for item in claimed][: len(ids)]

    assert sorted(own_api.change(first)) == sorted(ids)
    origins = own_api.rows(
        lambda session: session.exec(select(Enrollment.origin, func.count()).group_by(Enrollment.origin)).all()
    )
    assert dict(origins)["live"] == len(ids)


async def test_the_same_content_is_the_same_import(own_api: Server) -> None:
    """A client that sends a file again, with or without a key, is told of the first import, and nobody enters twice."""
    file = file_of(30)
    first = (await post(own_api, file)).json()["id"]
    await until_done(own_api, first)
    before = own_api.rows(lambda session: session.exec(select(func.count()).select_from(OutboxItem)).one())
    keyed = CSV | {"idempotency-key": "one"}
    for headers in (CSV, keyed, keyed):
        answer = await post(own_api, file, headers)
        assert (answer.status_code, answer.json()["id"]) == (202, first)
    assert (await post(own_api, file_of(31), keyed)).status_code == 422
    assert own_api.rows(lambda session: session.exec(select(func.count()).select_from(OutboxItem)).one()) == before
    assert len(own_api.rows(lambda session: session.exec(select(Import)).all())) == 1
    other = (await post(own_api, file_of(30).replace("ada7@", "eve7@"))).json()["id"]
    assert other != first


async def test_a_file_that_comes_again_meets_the_one_that_tidies_up(own_api: Server) -> None:
    """Clients that send a known file again and again are told of its import, while the importer removes the copies."""
    first = (await post(own_api, file_of(3))).json()["id"]
    await until_done(own_api, first)
    for _ in range(20):
        answers = await asyncio.gather(*(post(own_api, file_of(3)) for _ in range(4)))
        assert {(answer.status_code, answer.json().get("id")) for answer in answers} == {(202, first)}


@pytest.mark.parametrize(
    ("content", "headers", "status", "named"),
    [
        ("id,emial\nc1,x\n", CSV, 422, "emial"),
        ("", CSV, 422, "empty"),
        ("", NDJSON, 422, "empty"),
        ("größe\n".encode("latin-1"), CSV, 422, "UTF-8"),
        ("id\n1\n", {"content-type": "application/json"}, 415, "text/csv"),
        ("id\n1\n", {"content-type": "text/csv; charset=latin-1"}, 415, "UTF-8"),
    ],
)
async def test_a_file_that_cannot_be_imported_is_refused(
    api: Server, content: str | bytes, headers: dict[str, str], status: int, named: str
) -> None:
    """A client learns at once that a whole file is of no use, and nothing of it is kept."""
    answer = await post(api, content, headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert named in answer.json()["detail"]
    folder = api.services.settings.imports_folder
    assert folder is not None
    assert not folder.is_dir() or not list(folder.iterdir())


async def test_each_wrong_column_has_its_own_entry(api: Server) -> None:
    """A client's program reads from the answer which columns of a heading to correct."""
    answer = await post(api, "id,emial,fone\nc1,x,y\n")
    assert answer.status_code == 422
    assert sorted(error["detail"] for error in answer.json()["errors"]) == [
        "unknown or repeated column 'emial'",
        "unknown or repeated column 'fone'",
    ]


@pytest.mark.parametrize("media_type", [
    "text/csv",
    'Text/CSV; header=present; Charset="UTF-8"',
    "text/csv;charset=utf8",
    "text/csv; charset=US-ASCII",
])  # fmt: skip
async def test_a_client_may_name_the_format_as_it_likes(api: Server, media_type: str) -> None:
    """What HTTP libraries write before a CSV file is understood, in whatever case and with quotes."""
    assert (await post(api, file_of(1), {"content-type": media_type})).status_code == 202


@pytest.mark.parametrize("media_type", ["application/ndjson", "application/jsonl", "application/x-ndjson"])
async def test_lines_of_json_go_by_several_names(api: Server, media_type: str) -> None:
    """A registration a line is taken under each of the names that clients know for it."""
    answer = await post(api, '{"id":"c1"}\n', {"content-type": media_type})
    assert (answer.status_code, answer.json()["format"]) == (202, "ndjson")


async def test_a_file_that_is_too_large_ends_the_connection(api: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that sends more than is taken learns so at once, instead of sending the rest for nothing."""
    monkeypatch.setattr(uploads, "LARGEST", 5)
    answer = await post(api, file_of(1))
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


async def test_only_clients_with_a_key_import(api: Server) -> None:
    """Without a key nothing is taken, and an import nobody knows is 404."""
    nobody = {"authorization": "Bearer nobody"}
    assert (await post(api, file_of(1), CSV | nobody)).status_code == 401
    assert (await api.http.get("/v1/imports/imp_1", headers=nobody)).status_code == 401
    assert (await api.http.get("/v1/imports/imp_1")).status_code == 404
