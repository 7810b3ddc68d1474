"""What the application needs from outside; the composition root hands it over."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from activities.callbacks import Callback, CallbackParser
from activities.clock import JourneyClock
from activities.delivery import Delivery, Verdict
from activities.frequency import FrequencyCap
from activities.rendering import Written
from activities.storage.database import Database
from activities.storage.facts import Reachability
from activities.storage.intake import Admission
from activities.storage.links import Links

if TYPE_CHECKING:
    from temporalio.converter import PayloadCodec

    from api.pictures import Drawer
    from api.rehearsals import Rehearser
    from workflows.journey import Journey


class Brand(Protocol):
    """The shop, as its pages show it."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as activities/templates/brand.py says
    @property
    def logo_mark(self) -> str: ...  # noqa: D102 - as above
    @property
    def legal_name(self) -> str: ...  # noqa: D102 - as above
    @property
    def postal_address(self) -> str: ...  # noqa: D102 - as above
    @property
    def help_email(self) -> str: ...  # noqa: D102 - as above
    @property
    def shop_url(self) -> str: ...  # noqa: D102 - as above
    @property
    def privacy_url(self) -> str: ...  # noqa: D102 - as above
    @property
    def colour(self) -> str: ...  # noqa: D102 - as above
    @property
    def on_colour(self) -> str: ...  # noqa: D102 - as above
    @property
    def dark(self) -> str: ...  # noqa: D102 - as above
    @property
    def dark_on(self) -> str: ...  # noqa: D102 - as above
    @property
    def link(self) -> str: ...  # noqa: D102 - as above
    @property
    def dark_link(self) -> str: ...  # noqa: D102 - as above
    @property
    def lang(self) -> str: ...  # noqa: D102 - as above
    @property
    def dir(self) -> str: ...  # noqa: D102 - as above


class Relay(Protocol):
    """Delivers the outbox to Temporal."""

    def soon(self, enrollment_ids: Sequence[str]) -> None:
        """Deliver what these enrollments have in the outbox now; never raises."""
        ...

    async def run(self) -> None:
        """Deliver what is due until closed."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


@dataclass(frozen=True)
class ApiSettings:
    """What the API is told by its environment.

    Attributes:
        public_url: where customers reach us, without a trailing slash.
        ui_url: the Temporal UI, without a trailing slash; empty if there is none.
        namespace: of Temporal, for links into its UI.
        secret: keys the nonces of the customers' pages.
        default_timezone: IANA name, for customers whose zone cannot be told.
        default_country: ISO 3166-1 alpha-2, chosen in advance where a page asks for a phone.
        spread_seconds: journey seconds over which deferred messages are spread.
        docs: whether /docs and /openapi.json are served.
        imports_folder: where files wait that were sent to be imported; None where none are taken.
        import_per_minute: journeys of imported customers started a minute.
        requests_per_second: for each API key, with bursts of twice as many; 0 for no limit.
        page_requests_per_minute: for each IP address on the customers' pages; 0 for no limit.
        codec_open: whether /codec answers callers without a key.
        sign_ins_per_minute: for each IP address, to the console; 0 for no limit.
        sms_stop_words: taken for STOP in texts from customers, beside the usual ones.
        frequency_caps: how much marketing a customer gets at most; staff see it beside what they had.
    """

    public_url: str
    secret: str
    ui_url: str = ""
    namespace: str = "default"
    default_timezone: str = "UTC"
    default_country: str = "GB"
    spread_seconds: float = 0.0
    docs: bool = True
    imports_folder: Path | None = None
    import_per_minute: int = 600
    requests_per_second: float = 500
    page_requests_per_minute: float = 240
    codec_open: bool = False
    sign_ins_per_minute: float = 10
    sms_stop_words: Sequence[str] = ()
    frequency_caps: Sequence[FrequencyCap] = ()


@dataclass(frozen=True)
class Services:
    """Everything the application works with.

    Attributes:
        settings: what the environment says.
        database: ours.
        clock: the journey clock.
        links: signed links.
        reachability: who may be reached where.
        catalogue: journeys by name.
        brand: the shop.
        now: the wall clock, UTC.
        relay: delivers the outbox; without one, what is stored waits for another process.
        temporal_reachable: asks Temporal for its health; must not raise.
        next_step: what an open workflow does next, ``{"what", "at", "step"}``, or None if it cannot say.
        codec: encrypts and decrypts for the Temporal UI; without one there is no /codec.
        may_read_histories: whether Temporal lets the owner of a token read them; must not raise.
        callbacks: reads what providers tell, by provider; there is no hook for the others.
        providers: who delivers, by channel.
        stuck: the journeys that only a fix can help, or None while Temporal is away; must not raise.
        count_stuck: how many of them there are, likewise.
        answer_text: answers a customer who wrote HELP; must not raise. None where the provider does.
        draw: draws journeys from their code, for the console; without it there are no pictures.
        rehearse: runs journeys in virtual time; without it there is no rehearsal in the console.
        templates: there are, for journeys to send; without them, parameters keep to their defaults.
        deliver: hands a test message to the provider of its channel, past gate and ledger.
    """

    settings: ApiSettings
    database: Database
    clock: JourneyClock
    links: Links
    reachability: Reachability
    catalogue: Mapping[str, type["Journey"]]
    brand: Brand
    now: Callable[[], datetime]
    relay: Relay | None = None
    temporal_reachable: Callable[[], Awaitable[bool]] | None = None
    next_step: Callable[[str], Awaitable[Mapping[str, Any] | None]] | None = None
    codec: "PayloadCodec | None" = None
    may_read_histories: Callable[[str], Awaitable[bool]] | None = None
    callbacks: Mapping[str, CallbackParser] = field(default_factory=dict)
    answer_text: Callable[[Callback], Awaitable[None]] | None = None
    providers: Mapping[str, str] = field(default_factory=dict)
    stuck: Callable[[], Awaitable[Sequence[Mapping[str, Any]] | None]] | None = None
    count_stuck: Callable[[], Awaitable[int | None]] | None = None
    draw: "Drawer | None" = None
    rehearse: "Rehearser | None" = None
    templates: Written = field(default_factory=dict)
    deliver: Callable[[Delivery], Awaitable[Verdict]] | None = None

    @property
    def admission(self) -> Admission:
        """How events become enrollments."""
        return Admission(self.catalogue, self.clock, self.settings.default_timezone, self.settings.spread_seconds)

    def tell(self, enrollment_ids: Sequence[str]) -> None:
        """Have the relay deliver these enrollments' outbox now. Call it after the commit."""
        if self.relay is not None and enrollment_ids:
            self.relay.soon(enrollment_ids)
