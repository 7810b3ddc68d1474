"""The example of the guide: one file and its templates, put into the project, and nothing else edited."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from tests.worker.cli.command import ROOT, SECONDS, environment
from tests.worker.dev.programs import dev
from tests.worker.project_copy import copy_project

NAME = "abandoned-cart"
EXAMPLE = ROOT / "docs" / "examples" / NAME
SCENARIOS = Path("tests", "scenarios", NAME)
LIVED = "(not server_does or plain or cheerful or ordered)"  # by name: the real server takes a second for each
FAST = "14400"  # four hours in a second
LIVE_SECONDS = 90


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    """A copy of the project with the example in it."""
    with TemporaryDirectory() as folder:
        copy_project(Path(folder))
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        yield Path(folder)


def python(project: Path, *arguments: str) -> str:
    """What a program of the project prints."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=4 * SECONDS,
        cwd=project,
        env=environment(PYTHONPATH=os.fspath(project)),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_one_file_its_templates_and_its_scenarios() -> None:
    """A newcomer has nothing to edit but what is the journey's own."""
    files = {path.relative_to(EXAMPLE).as_posix() for path in EXAMPLE.rglob("*.*") if path.is_file()}
    own = {file for file in files if not file.startswith(("activities/templates/messages/cart-", SCENARIOS.as_posix()))}
    assert own == {"workflows/abandoned_cart.py"}


def test_the_guide_shows_it_as_it_is() -> None:
    """What a newcomer reads in the guide is the code that runs."""
    code = (EXAMPLE / "workflows" / "abandoned_cart.py").read_text(encoding="utf-8")
    guide = (ROOT / "docs" / "journeys.md").read_text(encoding="utf-8")
    assert f"```python\n{code[code.index('@workflow.defn') :]}```" in guide


def test_it_is_listed_and_drawn(project: Path) -> None:
    """A new file is found by everything that knows journeys."""
    listed = json.loads(python(project, "worker.cli", "journeys", "--json"))
    assert NAME in [each["name"] for each in listed["journeys"]]
    drawn = json.loads(python(project, "worker.cli", "diagram", NAME, "--format", "json"))
    arms = [edge["label"] for edge in drawn["edges"] if edge["from"] == "split-tone"]
    assert arms == ["plain", "cheerful"]


@pytest.mark.parametrize("arm", ["plain", "cheerful"])
def test_each_arm_is_simulated(project: Path, arm: str) -> None:
    """A newcomer sees what either half of the customers will read, and that both get the code."""
    file = SCENARIOS / f"{arm}.json"
    told = json.loads(python(project, "worker.cli", "simulate", NAME, "--scenario", str(file), "--json"))
    assert told["outcome"] == "code sent"
    assert [entry["template"] for entry in told["timeline"] if entry["kind"] == "message"] == [
        f"cart-{arm}",
        "cart-code",
    ]


def test_it_passes_its_tests(project: Path) -> None:
    """Each of its ends is rehearsed and walked along the picture; arms and orders are lived on a real server, too."""
    tests = "tests/workflows/test_branches.py", "tests/worker/diagram/test_against_rehearsals.py"
    said = python(project, "pytest", "-n", "0", "-p", "no:cacheprovider", *tests, "-k", f"{NAME} and {LIVED}")
    assert said.count(".") >= 2 * len(list((EXAMPLE / SCENARIOS).glob("*.json"))) + 2


def test_it_is_checked_and_its_history_replayed(project: Path) -> None:
    """Nothing is found in it, and from the first release on, a change that would strand its customers would be."""
    python(project, "tests.histories.record", f"{NAME}/cheerful")
    recorded = len(list((project / "tests" / "histories").glob("*/*.json")))
    said = python(project, "worker.cli", "check")
    assert said.startswith("Nothing found: 6 journeys")
    assert f"{recorded} histories replayed" in said


async def test_it_runs_live_without_another_edit(project: Path, tmp_path: Path) -> None:
    """A cart left behind brings an email and a code to a real mailbox; an order ends it."""
    with dev(tmp_path / "data", "--speed", FAST, project=project) as started:
        addresses = started.ready()
        key = {"Authorization": f"Bearer {addresses['api_key']}"}
        async with httpx.AsyncClient(base_url=addresses["api"], headers=key, trust_env=False, timeout=20) as shop:
            for name in ("stays-away", "orders"):
                await _leave_a_cart(shop, name)
            await _post(shop, "orders", "order.completed", orderId="o1")
            away, ordered = await asyncio.gather(_ended(shop, "stays-away"), _ended(shop, "orders"))
    kinds = [entry["kind"] for entry in away]
    assert away[-1]["outcome"] == "code sent", kinds
    assert kinds.count("split") == 1
    assert sum(entry["step"] == "time-to-come-back-unprompted" for entry in away) == 1  # its own start is no change
    email, text = (entry for entry in away if entry["kind"] == "message" and entry["result"] == "sent")
    arm = next(entry["arm"] for entry in away if entry["kind"] == "split")
    assert (email["template"], text["template"]) == (f"cart-{arm}", "cart-code")
    code = next(entry["code"] for entry in away if entry["kind"] == "voucher")
    assert code in text["body"]
    assert "Wool throw" in email["body"]
    assert (ordered[-1]["outcome"], ordered[-1]["reason"]) == ("removed", "order.completed")


async def _leave_a_cart(shop: httpx.AsyncClient, name: str) -> None:
    """A customer registers, and leaves a cart."""
    phone = {"stays-away": "+447700900123", "orders": "+447700900124"}[name]
    body = {"id": name, "email": f"{name}@example.com", "phone": phone, "timezone": "Europe/London"}
    answer = await shop.post("/v1/registrations", json=body)
    assert answer.status_code == 202, answer.text
    throw = {"sku": "t1", "name": "Wool throw", "price": 84}
    accepted = await _post(shop, name, "cart.updated", cartId=f"cart-{name}", total=84, products=[throw])
    assert [each["journey"] for each in accepted["enrollments"]] == [NAME]


async def _post(shop: httpx.AsyncClient, customer: str, event_type: str, **properties: Any) -> dict[str, Any]:
    body = {
        "event_id": f"{customer}/{event_type}",
        "type": event_type,
        "customer_id": customer,
        "occurred_at": datetime.now(UTC).isoformat(),
        "properties": properties,
    }
    answer = await shop.post("/v1/events", json=body)
    assert answer.status_code == 202, answer.text
    accepted: dict[str, Any] = answer.json()
    return accepted


async def _ended(shop: httpx.AsyncClient, customer: str) -> list[dict[str, Any]]:
    """The customer's timeline in this journey, once it is over."""
    deadline = time.monotonic() + LIVE_SECONDS
    while True:
        told = (await shop.get(f"/v1/customers/{customer}/timeline")).json()
        [enrollment] = [each for each in told["enrollments"] if each["journey"] == NAME]
        if enrollment["outcome"]:
            return [entry for entry in told["timeline"] if entry["enrollment"] == enrollment["id"]]
        assert time.monotonic() < deadline, told
        await asyncio.sleep(0.2)
