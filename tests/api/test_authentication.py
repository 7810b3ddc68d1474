"""API keys: who may ask, and how soon a revoked key is refused."""

import httpx
import pytest

from activities.providers.trusted import trusted
from activities.storage import api_keys
from activities.storage.tables import ApiKey
from api.authentication import REMEMBERED_SECONDS
from tests.api.conftest import Server

OPEN = {"/healthz", "/readyz", "/metrics"}


async def test_every_route_of_the_api_wants_a_key(api: Server) -> None:
    """Without a key no route under /v1 answers anything but 401."""
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    routes = [(method, path) for path, methods in paths.items() if path not in OPEN for method in methods]

    async with httpx.AsyncClient(base_url=api.url, verify=trusted(), trust_env=False) as stranger:
        for method, path in routes:
            answer = await stranger.request(method, path.replace("{", "x").replace("}", ""), json={})
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"
    assert len(routes) >= 14


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic abc", "Bearer sj_0_é", "Bearer sj_a_b_c", ""])
async def test_a_wrong_key_is_refused(api: Server, header: str) -> None:
    """A key that was never given out opens nothing."""
    headers = {"Authorization": header.encode("latin-1")}
    assert (await api.http.get("/v1/journeys", headers=headers)).status_code == 401  # type: ignore[arg-type] # bytes


async def test_a_revoked_key_is_refused(own_api: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the short memory of the API has passed, a revoked key opens nothing."""
    monkeypatch.setattr("api.authentication.REMEMBERED_SECONDS", 0.0)
    assert (await own_api.http.get("/v1/journeys")).status_code == 200
    [key] = own_api.rows(api_keys.list_keys)
    assert own_api.change(lambda session: api_keys.revoke_key(session, key.id, own_api.clocks.now()))

    assert (await own_api.http.get("/v1/journeys")).status_code == 401


def test_a_key_is_remembered_for_less_than_a_minute() -> None:
    """Revocation takes effect in under 60 seconds."""
    assert REMEMBERED_SECONDS < 60


async def test_the_database_holds_no_key(api: Server) -> None:
    """Whoever steals the database cannot call the API with what they find."""
    presented = api.http.headers["authorization"].removeprefix("Bearer ")
    [row] = api.rows(api_keys.list_keys)
    assert isinstance(row, ApiKey)
    assert presented.rpartition(row.id)[2].lstrip("_") not in str(row)
