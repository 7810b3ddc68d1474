"""What may be sent to us, as pydantic models: the edge where values are checked."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from activities.interests import TOPIC_CODES
from activities.storage.customers import ProfileChanges, Registration
from api import values
from api.errors import FieldError, pointer, wrong_field, wrong_fields
from api.values.words import refuse_control_characters

Model = TypeVar("Model", bound=BaseModel)

EVENT_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,99}", re.ASCII)
OLDEST_EVENT = timedelta(days=30)
NEWEST_EVENT = timedelta(minutes=5)
LATEST_ZONE = timedelta(hours=14)  # Pacific/Kiritimati: the first place where it is tomorrow


def _today(info: ValidationInfo) -> date:
    now: datetime = (info.context or {}).get("now") or datetime.now(UTC)
    return (now + LATEST_ZONE).date()


def _date_of_birth(value: Any, info: ValidationInfo) -> Any:
    return values.date_of_birth(value, _today(info)) if isinstance(value, str) else value


def _identifier(text: str) -> str:
    if not text.strip():
        raise values.WrongValueError("must not be blank")
    return refuse_control_characters(text)


def _topic(code: str) -> str:
    if code not in TOPIC_CODES:
        raise values.WrongValueError(f"There is no such topic, only {', '.join(TOPIC_CODES)}.")
    return code


Name = Annotated[str, AfterValidator(values.name)]
Email = Annotated[str, AfterValidator(values.email), Field(json_schema_extra={"format": "email"})]
DateOfBirth = Annotated[date, BeforeValidator(_date_of_birth)]
TimeZone = Annotated[str, AfterValidator(values.time_zone)]
Country = Annotated[str, AfterValidator(values.country)]
Locale = Annotated[str, AfterValidator(values.locale)]
AttributeName = Annotated[str, AfterValidator(values.attribute_name)]
AttributeValue = Annotated[Any, AfterValidator(values.attribute)]
TopicCode = Annotated[str, AfterValidator(_topic)]
Identifier = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_identifier)]
Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(values.attribute)]


class Body(BaseModel):
    """Unknown fields are refused: a misspelt one would be lost in silence."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class Consents(Body):
    """Decisions on marketing by channel, and on topics; one that is not mentioned is not taken."""

    email: StrictBool | None = None
    sms: StrictBool | None = None
    topics: dict[TopicCode, StrictBool] = Field(default_factory=dict, description='e.g. `{"offers": false}`')

    def channels(self) -> dict[str, bool]:
        """The decisions by channel."""
        return {name: given for name in CONSENT_CHANNELS if (given := getattr(self, name)) is not None}


CONSENT_CHANNELS = tuple(name for name in Consents.model_fields if name != "topics")


class PhoneBody(Body):
    """A phone and the country in which it is dialled that way."""

    country: Country | None = Field(None, description="ISO 3166-1 alpha-2")
    phone: str | None = Field(None, description="with a leading +, or as dialled inside `country`")

    @field_validator("phone")
    @classmethod
    def _phone_of_its_country(cls, text: str | None, info: ValidationInfo) -> str | None:
        if text is None or "country" not in info.data:  # a wrong country has its own error
            return text
        return values.phone(text, info.data["country"])


class ProfileBody(PhoneBody):
    """A customer's attributes."""

    first_name: Name | None = None
    last_name: Name | None = None
    email: Email | None = None
    date_of_birth: DateOfBirth | None = None
    timezone: TimeZone | None = Field(None, description="IANA name; derived from phone or country if missing")
    locale: Locale | None = Field(None, description="BCP 47")
    preferred_channel: Literal["email", "sms", "push"] | None = Field(None, description="where they like to hear of us")
    attributes: dict[AttributeName, AttributeValue] = Field(default_factory=dict, description="custom ones")
    consents: Consents = Field(default_factory=Consents)

    def changes(self) -> ProfileChanges:
        """What the body says, absent fields left out."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        attributes = given.pop("attributes", {})
        for other in ("consents", "id", "source", "loyalty"):
            given.pop(other, None)
        order = ("phone", "country", "timezone")  # a zone is derived from what is new
        ordered = sorted(given, key=lambda name: order.index(name) if name in order else -1)
        values_given = {name: given[name] for name in ordered}
        return ProfileChanges(values_given, attributes, self.consents.channels(), self.consents.topics)


class RegistrationBody(ProfileBody):
    """A registration: nothing is required but one way to tell the customer apart (id, email or phone)."""

    id: Identifier | None = Field(None, description="the client's own id")
    source: Literal["api", "manual", "import"] = "api"
    loyalty: StrictBool = Field(False, description="joins the loyalty programme, too")

    def registration(self) -> Registration:
        """As storage takes it.

        Raises:
            ApiError: 422, there is nothing that tells the customer apart.
        """
        changes = self.changes()
        found = Registration(changes, self.id, self.source, self.loyalty)
        if not found.identities():
            raise wrong_field("", "give at least one of id, email and phone")
        return found


class EventBody(Body):
    """Something that happened to a customer."""

    event_id: Identifier
    type: str = Field(max_length=100)
    customer_id: Identifier = Field(description="ours or the client's")
    occurred_at: AwareDatetime | None = Field(None, description="ISO 8601 with an offset; its arrival if missing")
    properties: dict[str, Any] = Field(default_factory=dict)

    @field_validator("type")
    @classmethod
    def _type_of_an_event(cls, text: str) -> str:
        if not EVENT_TYPE.fullmatch(text):
            raise values.WrongValueError("An event's type looks like order.completed.")
        return text.removeprefix("__")  # as one platform spells it: __platform.user.created

    @field_validator("occurred_at", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        if value is not None and not isinstance(value, str):
            raise values.WrongValueError("Write the instant as ISO 8601 text with an offset.")
        return value

    @field_validator("occurred_at")
    @classmethod
    def _recent(cls, at: datetime | None, info: ValidationInfo) -> datetime | None:
        now: datetime = (info.context or {}).get("now") or datetime.now(UTC)
        if at is not None and not now - OLDEST_EVENT <= at <= now + NEWEST_EVENT:
            raise values.WrongValueError("Events are taken from 30 days back to five minutes ahead.")
        return at


class SearchBody(PhoneBody):
    """Whom to look for: exactly one of email and phone."""

    email: Email | None = None


class ReasonBody(Body):
    """Why support acts."""

    reason: Reason


class OptionalReasonBody(Body):
    """Why support acts, if they say."""

    reason: Annotated[str, Field(max_length=500), AfterValidator(values.attribute)] = ""


class JourneyBody(Body):
    """Parameters to override for those who enroll from now on, null takes an override back; the share to hold out."""

    parameters: dict[str, Any] = Field(default_factory=dict)
    holdout: Annotated[float, Field(ge=0, lt=1, strict=True)] | None = None


def read(model: type[Model], document: dict[str, Any], now: datetime) -> Model:
    """A checked body.

    Args:
        model: what is expected.
        document: parsed JSON.
        now: wall-clock instant, UTC.

    Raises:
        ApiError: 422, naming every wrong field.
    """
    try:
        return model.model_validate(document, context={"now": now})
    except ValidationError as error:
        raise wrong_fields([_field_error(dict(item)) for item in error.errors(include_url=False)]) from None


_PLAIN: dict[str, Callable[[dict[str, Any]], str]] = {
    "extra_forbidden": lambda _: "unknown field",
    "missing": lambda _: "is missing",
    "string_type": lambda _: "must be one string",
    "bool_type": lambda _: "must be true or false",
    "dict_type": lambda _: "must be an object",
    "model_type": lambda _: "must be an object",
    "date_type": lambda _: "must be a string such as 1990-03-27",
    "value_error": lambda context: str(context["error"]),
    "literal_error": lambda context: f"must be one of {context['expected']}",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda context: f"must have at most {context['max_length']} characters",
    "timezone_aware": lambda _: "needs an offset from UTC, for example 2026-11-22T10:00:00Z",
}


def _field_error(error: dict[str, Any]) -> FieldError:
    place = ""
    for part in error["loc"]:
        if part != "[key]":
            place = pointer(place, part)
    plain = _PLAIN.get(error["type"])
    detail = plain(error.get("ctx") or {}) if plain else "must be an instant such as 2026-11-22T10:00:00Z"
    if plain is None and not error["type"].startswith("datetime"):
        detail = error["msg"]
    return FieldError(place, detail)
