"""`/codec`, as the Temporal UI in a browser uses it: decrypted for those who may, readable on its pages alone."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter

from activities.providers.trusted import trusted
from tests.api.conftest import Server, serving
from worker.codec import EncryptingCodec
from worker.privacy_settings import PayloadKey

CODEC = EncryptingCodec([PayloadKey("k1", b"1" * 32)])
UI = "http://127.0.0.1:8233"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}


async def _only_staff(token: str) -> bool:
    return token == "of-staff"


@asynccontextmanager
async def codec_served(server: Server, *, open_: bool = False) -> AsyncIterator[httpx.AsyncClient]:
    """The same API with encryption on, and a client with its key."""
    services = replace(
        server.services,
        codec=CODEC,
        may_read_histories=_only_staff,
        settings=replace(server.services.settings, codec_open=open_),
    )
    async with (
        serving(services) as url,
        httpx.AsyncClient(base_url=url, headers=server.http.headers, verify=trusted(), trust_env=False) as http,
    ):
        yield http


async def payloads_of(*values: object) -> dict[str, object]:
    """A request as the UI writes it."""
    clear = DataConverter.default.payload_converter.to_payloads(values)
    return {"payloads": [MessageToDict(payload) for payload in await CODEC.encode(clear)]}


def values_in(answer: httpx.Response) -> list[object]:
    """What the UI shows."""
    return [json.loads(ParseDict(each, Payload()).data) for each in answer.json()["payloads"]]


async def test_the_ui_reads_what_is_encrypted(api: Server) -> None:
    """Staff who open a journey in the Temporal UI read its steps; the UI adds arguments of its own to the address."""
    async with codec_served(api) as http:
        body = await payloads_of("Waiting: time to complete the profile", {"held": True})
        answer = await http.post(
            "/codec/decode?preserveStorageRefs=true", json=body, headers={"X-Namespace": "default", "Origin": UI}
        )
        assert answer.status_code == 200, answer.text
        assert values_in(answer) == ["Waiting: time to complete the profile", {"held": True}]
        assert answer.headers["access-control-allow-origin"] == UI


async def test_what_staff_type_is_encrypted(api: Server) -> None:
    """A reason typed into the UI's form is encrypted before it leaves for Temporal."""
    clear = DataConverter.default.payload_converter.to_payloads(["asked by phone"])
    async with codec_served(api) as http:
        encoded = await http.post("/codec/encode", json={"payloads": [MessageToDict(each) for each in clear]})
        assert "YXNrZWQ" not in encoded.text  # "asked" in base64
        assert values_in(await http.post("/codec/decode", json=encoded.json())) == ["asked by phone"]


@pytest.mark.parametrize(("origin", "allowed"), [(UI, UI), ("https://evil.example", None)])
async def test_only_the_ui_may_read_answers(api: Server, origin: str, allowed: str | None) -> None:
    """A page from elsewhere that a member of staff has open reads nothing."""
    async with codec_served(api) as http:
        for answer in (
            await http.options("/codec/decode", headers={"Origin": origin, **PREFLIGHT}),
            await http.post("/codec/decode", json={"payloads": []}, headers={"Origin": origin}),
            await http.post("/codec/decode", json={}, headers={"Origin": origin, "Authorization": "Bearer no"}),
        ):
            assert answer.headers.get("access-control-allow-origin") == allowed


@pytest.mark.parametrize(
    ("authorization", "status"), [("", 401), ("Bearer wrong", 401), ("Bearer of-staff", 200)], ids=str
)
async def test_nobody_else_gets_anything_decrypted(api: Server, authorization: str, status: int) -> None:
    """Without a key, or a token that Temporal itself takes, nothing is decrypted."""
    async with codec_served(api) as http:
        answer = await http.post(
            "/codec/decode", json=await payloads_of("secret"), headers={"Authorization": authorization}
        )
        assert answer.status_code == status
        if status == 401:
            assert answer.headers["content-type"] == "application/problem+json"


async def test_in_development_no_key_is_needed(api: Server) -> None:
    """On a developer's own machine the UI shows everything at once."""
    async with codec_served(api, open_=True) as http:
        answer = await http.post("/codec/decode", json=await payloads_of("clear"), headers={"Authorization": ""})
        assert values_in(answer) == ["clear"]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"nonsense", 400), (b'{"payloads": 7}', 400), (b"\xff", 400), (b"x" * (9 * 1024**2), 413)],
    ids=["no JSON", "another form", "no text", "too large"],
)
async def test_nonsense_is_refused(api: Server, content: bytes, status: int) -> None:
    """Whatever is posted there, the answer is a problem document."""
    async with codec_served(api) as http:
        answer = await http.post("/codec/decode", content=content)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_missing_key_is_named(api: Server) -> None:
    """Who reads old histories with a key that was dropped is told which one it was."""
    other = EncryptingCodec([PayloadKey("k0", b"0" * 32)])
    (payload,) = await other.encode(DataConverter.default.payload_converter.to_payloads(["old"]))
    async with codec_served(api) as http:
        answer = await http.post("/codec/decode", json={"payloads": [MessageToDict(payload)]})
        assert answer.status_code == 422
        assert "k0" in answer.json()["detail"]


async def test_without_encryption_there_is_no_codec(api: Server) -> None:
    """Where nothing is encrypted there is nothing to decrypt."""
    assert (await api.http.post("/codec/decode", json={"payloads": []})).status_code == 404
