"""What no request may do to us: each bad body gets a clear answer that names the place."""

import json
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from activities.storage.tables import Customer, InboxEvent
from tests.api.conftest import Server

JSON = {"Content-Type": "application/json"}


def pointers(answer: httpx.Response) -> list[str]:
    """The places that a problem names."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"]
    return [error["pointer"] for error in problem.get("errors", [])]


def nothing_stored(api: Server) -> bool:
    """Whether the database is as it was."""
    return api.rows(
        lambda session: (
            not any(session.exec(select(func.count()).select_from(table)).one() for table in (Customer, InboxEvent))
        )
    )


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"timezone": "Europe/Atlantis"}, "/timezone"),
        ({"timezone": 1}, "/timezone"),
        ({"date_of_birth": "1990-02-31"}, "/date_of_birth"),
        ({"date_of_birth": "2190-02-01"}, "/date_of_birth"),
        ({"date_of_birth": "1890-02-01"}, "/date_of_birth"),
        ({"date_of_birth": 19900201}, "/date_of_birth"),
        ({"date_of_birth": "1990-02-01T00:00:00Z"}, "/date_of_birth"),
        ({"phone": "601 123 456"}, "/phone"),
        ({"phone": "601 123", "country": "CZ"}, "/phone"),
        ({"phone": "+44 909 879 0123"}, "/phone"),
        ({"phone": "112", "country": "CZ"}, "/phone"),
        ({"phone": 420601123456}, "/phone"),
        ({"email": "ada@example.com, eva@example.com"}, "/email"),
        ({"email": ["ada@example.com", "eva@example.com"]}, "/email"),
        ({"email": "ada@@example.com"}, "/email"),
        ({"email": "Ada <ada@example.com>"}, "/email"),
        ({"email": ""}, "/email"),
        ({"country": "Czechia"}, "/country"),
        ({"country": "XX"}, "/country"),
        ({"locale": "english please"}, "/locale"),
        ({"first_name": "A" * 101}, "/first_name"),
        ({"first_name": "Ada\nBcc: all"}, "/first_name"),
        ({"first_name": "\u0000"}, "/first_name"),
        ({"attributes": {"Shoe Size": 1}}, "/attributes/Shoe Size"),
        ({"attributes": {"email": "x"}}, "/attributes/email"),
        ({"attributes": {"a": [1]}}, "/attributes/a"),
        ({"attributes": []}, "/attributes"),
        ({"consents": {"email": "yes"}}, "/consents/email"),
        ({"consents": {"fax": True}}, "/consents/fax"),
        ({"source": "guess"}, "/source"),
        ({"id": ""}, "/id"),
        ({"id": " "}, "/id"),
        ({"id": "x" * 201}, "/id"),
        ({"nickname": "A"}, "/nickname"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
async def test_a_wrong_field_is_named(api: Server, fields: dict[str, Any], pointer: str) -> None:
    """A developer who sends one wrong field reads which one it is, and nothing is stored."""
    answer = await api.http.post("/v1/registrations", json={"id": "c1", **fields})

    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    assert nothing_stored(api)


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b'{"id": "c1"', 400, []),
        (b"", 400, []),
        (b'{"id": "c1",}', 400, []),
        (b'{"id": "\xff"}', 400, []),
        (b'{"id": "c1", "id": "c2"}', 422, ["/id"]),
        (b'{"id": "c1", "attributes": {"a": NaN}}', 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"a": -Infinity}}', 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"a": 1e400}}', 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"a": ' + b"9" * 5000 + b"}}", 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"a": 9223372036854775808}}', 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"a": "\\u0000"}}', 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"a": "\\ud800"}}', 422, ["/attributes/a"]),
        (b'{"id": "c1", "attributes": {"\\ud800": 1}}', 422, ["/attributes"]),
        (b'{"id": "c1", "attributes": {"a": "' + b"x" * 9000 + b'"}}', 422, ["/attributes/a"]),
        (b"[" * 60_000, 422, [""]),
        (b'{"id": "c1", "attributes": ' + b'{"a":' * 40 + b"1" + b"}" * 41, 422, [""]),
        (b'{"id": "c1", "attributes": {' + b",".join(b'"a%d":1' % n for n in range(1001)) + b"}}", 422, [""]),
        (b'["id"]', 422, [""]),
        (b"null", 422, [""]),
        (b"{}", 422, [""]),
        (b'{"first_name": "Ada"}', 422, [""]),
    ],
)
async def test_a_poisonous_body_is_refused(api: Server, body: bytes, status: int, named: list[str]) -> None:
    """Whatever a broken or hostile client sends, the answer is a 4xx that names the place, never a 500."""
    answer = await api.http.post("/v1/registrations", content=body, headers=JSON)

    assert answer.status_code == status
    assert pointers(answer) == named
    assert nothing_stored(api)


async def test_a_large_body_is_refused(api: Server) -> None:
    """A body of two megabytes is answered with 413, told by its length or not."""
    large = json.dumps({"id": "c1", "first_name": "A" * 2_000_000}).encode()

    async def in_pieces() -> Any:
        for start in range(0, len(large), 50_000):
            yield large[start : start + 50_000]

    for content in (large, in_pieces()):
        answer = await api.http.post("/v1/registrations", content=content, headers=JSON)
        assert answer.status_code == 413
        assert pointers(answer) == []
    assert nothing_stored(api)


async def test_another_content_type_is_refused(api: Server) -> None:
    """A form posted where JSON is expected is answered with 415."""
    answer = await api.http.post("/v1/registrations", data={"id": "c1"})

    assert answer.status_code == 415
    assert pointers(answer) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/registrations", 405),
        ("DELETE", "/v1/journeys", 405),
        ("GET", "/v1/customers/nobody", 404),
        ("GET", "/v1/customers/nobody/timeline", 404),
        ("GET", "/v1/enrollments/none", 404),
        ("GET", "/v1/journeys/none", 404),
        ("POST", "/v1/journeys/none/pause", 404),
    ],
)
async def test_every_refusal_is_a_problem_document(api: Server, method: str, path: str, status: int) -> None:
    """A client that lost its way gets a problem document like any other."""
    answer = await api.http.request(method, path)

    assert answer.status_code == status
    assert pointers(answer) == []
    if status == 405:
        assert answer.headers["allow"]


async def test_several_mistakes_are_named_at_once(api: Server) -> None:
    """A developer sees all wrong fields of a body in one answer."""
    answer = await api.http.post(
        "/v1/registrations", json={"id": "c1", "email": "x", "timezone": "x", "phone": "+1", "date_of_birth": "x"}
    )

    assert sorted(pointers(answer)) == ["/date_of_birth", "/email", "/phone", "/timezone"]
    assert "email" in answer.json()["detail"]
