"""Health, readiness, numbers and the OpenAPI document."""

import logging
import re

import pytest

from tests.api.conftest import Server


async def test_the_api_is_ready_without_temporal(api: Server) -> None:
    """Registrations are taken while Temporal is away, so the API says it is ready."""
    assert (await api.http.get("/healthz")).json() == {"status": "ok"}
    ready = await api.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "temporal": "away"})


async def test_the_outbox_can_be_watched(api: Server) -> None:
    """Operators see how much Temporal has not heard of yet, and for how long."""
    await api.register(id="c1")
    text = (await api.http.get("/metrics")).text
    assert "\nsojourn_outbox_items 1.0\n" in text
    assert re.search(r"^sojourn_outbox_oldest_seconds \d+\.\d+$", text, re.MULTILINE)
    assert 'sojourn_enrollments{journey="data-collection-voucher",state="starting"} 1.0' in text


async def test_the_document_is_complete(api: Server) -> None:
    """A developer finds every call with its body, its answer, its problems and the key it wants."""
    document = (await api.http.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]
    text = str(document)
    for reference in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert reference in schemas
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not path.startswith("/v1/"):
                continue
            assert operation["security"] == [{"key": []}]
            problem = operation["responses"]["401"]["content"]
            assert list(problem) == ["application/problem+json"]
            success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
            assert "$ref" in success["content"]["application/json"]["schema"]
            if method == "post":
                assert any(item["name"] == "Idempotency-Key" for item in operation["parameters"])
    registration = schemas["RegistrationBody"]
    assert {"id", "email", "phone", "timezone", "consents"} <= set(registration["properties"])


async def test_the_log_names_routes_only(api: Server, caplog: pytest.LogCaptureFixture) -> None:
    """The access log holds no token, no id and no address."""
    with caplog.at_level(logging.INFO, "sojourn.access"):
        await api.register(id="secret-id", email="ada@example.com")
        await api.http.get("/v1/customers/secret-id")
        await api.http.get("/profile/secret-token")
    assert "GET /v1/customers/{customer_id} 200" in caplog.text
    assert "GET /profile/{token} 404" in caplog.text
    assert "secret" not in caplog.text
    assert "ada@" not in caplog.text
