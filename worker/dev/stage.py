"""Plays the sample customers, the shop and its staff, over HTTP like everybody else."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from activities.clock import JourneyClock
from activities.providers.trusted import trusted
from worker.dev import cast
from worker.dev.cast import Message, Sample
from worker.dev.ends import Story
from worker.dev.inbox import Inbox, Received
from worker.dev.page_form import form_of

JOURNEY = "data-collection-voucher"
NIGHT = time(21, 30)  # the window has shut, and all night is left for the answer to come
LOOK = 0.4  # seconds between two looks whether a journey has ended
CALL_SECONDS = 20.0
LINK = re.compile(r"https?://[^\s/]+/(?:profile|l)/[\w.~-]*[\w~-]")


@dataclass(frozen=True)
class Person:
    """A sample customer who has registered.

    Attributes:
        sample: who they are.
        customer_id: ours.
        enrollment_id: of their journey.
        registered_at: journey instant.
    """

    sample: Sample
    customer_id: str
    enrollment_id: str
    registered_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Where their clock hangs."""
        return ZoneInfo(self.sample.registration["timezone"])


class Stage:
    """Where the demo is played.

    Args:
        url: of the API and the customers' pages.
        api_key: of the shop and the staff; the customers have none.
        clock: the journey clock.
        inbox: what the customers receive.
        tell: says what somebody does, whose journey it is about, and when on the journey clock.
    """

    def __init__(
        self, url: str, api_key: str, clock: JourneyClock, inbox: Inbox, tell: Callable[[Person, str, datetime], None]
    ) -> None:
        self._shop = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}"},
            verify=trusted(),
            trust_env=False,
            timeout=CALL_SECONDS,
        )
        self._browser = httpx.AsyncClient(
            follow_redirects=True, verify=trusted(), trust_env=False, timeout=CALL_SECONDS
        )
        self._clock = clock
        self._inbox = inbox
        self._tell = tell

    async def close(self) -> None:
        """Let go of the connections."""
        await self._shop.aclose()
        await self._browser.aclose()

    @property
    def now(self) -> datetime:
        """The journey instant."""
        return self._clock.at(datetime.now(UTC))

    async def begin(self) -> None:
        """Take customers into the journey of the demo alone, so that no other message comes between."""
        for journey in (await self._call("GET", "/v1/journeys"))["journeys"]:
            if journey["name"] != JOURNEY and journey["state"] == "active":
                await self._call("POST", f"/v1/journeys/{journey['name']}/pause")

    async def register(self, sample: Sample) -> Person:
        """Register a customer through the API."""
        if sample.voucher:  # those who are inside already keep theirs
            await self._call("PATCH", f"/v1/journeys/{JOURNEY}", {"parameters": {"voucher": sample.voucher}})
        registered_at = self.now
        answer = await self._call("POST", "/v1/registrations", dict(sample.registration))
        if sample.voucher:
            await self._call("PATCH", f"/v1/journeys/{JOURNEY}", {"parameters": {"voucher": None}})
        enrollment = next(each for each in answer["enrollments"] if each["journey"] == JOURNEY)
        return Person(sample, answer["customer_id"], enrollment["id"], registered_at)

    async def play(self, person: Person) -> None:
        """Do what the cast says of a customer, when its moment comes."""
        match person.sample.does:
            case cast.FillsInPage(link_in):
                message = await self._received(person, link_in)
                self._tell(person, f"{person.sample.name} fills in the page that the message links to", self.now)
                await self._fill_in(message, person.sample)
            case cast.Unsubscribes(from_):
                message = await self._received(person, from_)
                self._tell(person, f"{person.sample.name} presses 'unsubscribe'", self.now)
                _require_success(await self._browser.post(message.unsubscribe, data=ONE_CLICK))
            case cast.ShopUpdates(after, profile):
                await self._until(person.registered_at + after)
                self._tell(person, f"The shop learns the rest of {person.sample.name}'s profile", self.now)
                await self._call("PATCH", f"/v1/customers/{person.customer_id}", dict(profile))
            case cast.StaffHold(after, overdue, reason):
                message = await self._received(person, after)
                self._tell(person, f"Staff hold {person.sample.name}'s journey: {reason}", self.now)
                await self._staff(person, "hold", reason)
                await self._until(_next_night(message.at + overdue, person.zone))
                self._tell(person, f"Staff resume {person.sample.name}'s journey, with a message overdue", self.now)
                await self._staff(person, "resume", "answered")
            case cast.StaffCancel(after, reason):
                await self._until(person.registered_at + after)
                self._tell(person, f"Staff cancel {person.sample.name}'s journey: {reason}", self.now)
                await self._staff(person, "cancel", reason)

    async def ended(self, person: Person) -> tuple[str, datetime]:
        """Wait for the end of a customer's journey: its outcome, and its journey instant."""
        path = f"/v1/enrollments/{person.enrollment_id}"
        while (told := await self._call("GET", path))["state"] != "ended":  # noqa: ASYNC110 another process ends it
            await asyncio.sleep(LOOK)
        return told["outcome"], datetime.fromisoformat(told["ended_at"])

    async def story(self, person: Person) -> Story:
        """What the API tells of a customer."""
        told = await self._call("GET", f"/v1/customers/{person.customer_id}/timeline")
        enrollment = next(each for each in told["enrollments"] if each["id"] == person.enrollment_id)
        entries = [entry for entry in told["timeline"] if entry["enrollment"] == person.enrollment_id]
        return Story(person.sample.name, enrollment["outcome"], entries)

    async def _received(self, person: Person, message: Message) -> Received:
        address = person.sample.registration[_ADDRESSES[message.channel]]
        return await self._inbox.message(address, message.channel, message.number)

    async def _fill_in(self, message: Received, sample: Sample) -> None:
        link = LINK.search(message.text)
        if link is None:
            raise DemoError(f"no link to a page in: {message.text}")
        page = _require_success(await self._browser.get(link[0]))
        form = form_of(page.text)
        _require_success(await self._browser.post(page.url.join(form.action), data=form.filled_in(sample.knows)))

    async def _staff(self, person: Person, action: str, reason: str) -> None:
        await self._call("POST", f"/v1/enrollments/{person.enrollment_id}/{action}", {"reason": reason})

    async def _until(self, journey: datetime) -> None:
        left = self._clock.wall(journey) - datetime.now(UTC)
        await asyncio.sleep(max(left, timedelta(0)).total_seconds())

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = _require_success(await self._shop.request(method, path, json=body))
        found: dict[str, Any] = answer.json()
        return found


class DemoError(Exception):
    """The demo could not be played; the message says where."""


ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # RFC 8058, section 3.1
_ADDRESSES = {"email": "email", "sms": "phone"}


def _require_success(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url}"
        raise DemoError(f"{asked} was answered with {answer.status_code}: {answer.text[:500]}")
    return answer


def _next_night(at: datetime, zone: ZoneInfo) -> datetime:
    """The first time from an instant on at which the customer's clock shows the beginning of the night."""
    local = at.astimezone(zone)
    tonight = datetime.combine(local.date(), NIGHT, zone)
    return tonight if tonight >= local else datetime.combine(local.date() + timedelta(days=1), NIGHT, zone)
