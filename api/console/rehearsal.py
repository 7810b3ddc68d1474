"""The rehearsal: the real journey with an invented course of events. Nothing is sent, nothing is counted."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, available_timezones

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from activities.storage import customers, journey_settings
from activities.storage.tables import Customer
from activities.storage.voucher_pools import free_codes
from api.console import parameter_fields, previews, rehearsal_view
from api.console.frame import HOME, ConsoleDep, ConsoleFrame, RefusedError, ViewerDep, Visit
from api.console.journeys import known
from api.console.rehearsal_examples import (
    EXAMPLES,
    FIRST_EXAMPLE,
    example_properties,
    fields_of_customer,
    fields_of_example,
    first_start,
)
from api.console.rehearsal_form import (
    HAPPENINGS,
    MOST_ROWS,
    PARAMETER,
    POOL,
    PROVIDER,
    RESULTS,
    UNITS,
    Understood,
    rows_of,
    understand,
    voucher_parameters,
)
from api.console.rehearsal_view import Letter, Told
from api.console.sealed import Seal, TooMuchError
from api.console.settings_words import settings
from api.rehearsals import Rehearsal, RehearsalFailedError, WrongScenarioError
from api.values.numbers import whole
from api.ways import Places

if TYPE_CHECKING:
    from workflows.journey import Journey

PAGE = f"{HOME}/rehearsal"
router = APIRouter(prefix=PAGE)

FURTHER = frozenset({"id", "country", "locale", "preferred_channel", "attributes"})  # folded away, unless wrong
NOT_KEPT = frozenset({"form_token", "do"})
CODES = 10  # in a pool, to begin with
Sealed = Annotated[str, Query(alias="s")]


@dataclass(frozen=True)
class Rehearsed:
    """A form that was rehearsed.

    Attributes:
        form: as it was understood.
        result: what came out; None where something is wrong with the form.
        failed: why there is no result, if it is not the form's fault.
    """

    form: Understood
    result: Rehearsal | None = None
    failed: str = ""


@router.get("")
async def show(
    frame: ConsoleDep,
    visit: ViewerDep,
    sealed: Sealed = "",
    journey: str = "",
    customer: str = "",
    who: str = "",
    sent: int = 0,
) -> Response:
    """The page, for a form that was sent or for a journey and a customer to begin with."""
    fields = opened(frame, sealed) if sealed else await _beginning(frame, journey, who.strip() or customer)
    done = f"{sent} test message{'s' if sent != 1 else ''} handed to the provider." if sent > 0 else ""
    return await page(frame, visit, fields, done=done)


@router.post("")
async def rehearse_again(request: Request, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """Take the form, which the answer's address then carries."""
    form = await frame.form(request, visit)
    fields = fields_of(form)
    known(frame, fields.get("journey", ""))
    do = str(form.get("do", ""))
    if do == "scenario":
        return await _scenario(frame, fields)
    rows = rows_of(fields)
    if do == "add":
        fields["rows"] = str(min(rows + 1, MOST_ROWS))
    elif (number := whole(do.removeprefix("remove."))) is not None:
        fields = _without_row(fields, number, rows)
    return frame.redirect(f"{PAGE}?s={sealed_with(frame, fields)}{'#then' if do.startswith(('add', 'remove')) else ''}")


@router.get("/message")
async def show_message(
    frame: ConsoleDep, _visit: ViewerDep, sealed: Sealed, number: Annotated[int, Query(alias="n", ge=0)]
) -> Response:
    """One message in a frame of its own, shut off from everything, as it would look."""
    letter = (await letters_of(frame, opened(frame, sealed)))[number : number + 1]
    if not letter:
        raise RefusedError("There is no such message.", 404)
    return HTMLResponse(previews.as_shown(letter[0].message.html, letter[0].message.text), headers=previews.HEADERS)


async def page(
    frame: ConsoleFrame,
    visit: Visit,
    fields: Mapping[str, str],
    *,
    done: str = "",
    to: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    """The page.

    Args:
        frame: of the console.
        visit: who looks.
        fields: of the form.
        done: what was just done.
        to: the address for a test, as typed.
        problem: what is wrong with it.
        status: HTTP status.
    """
    journey = known(frame, fields.get("journey", ""))
    found = await _rehearse(frame, fields)
    told = await _told(frame, journey, found, fields) if found.result else None
    offered = parameter_fields.Offered(frame.services.templates, await frame.services.database.read(free_codes))
    parameters = [
        (
            setting,
            replace(field, name=f"{PARAMETER}{setting.name}", values=_parts(field, fields), note=""),
        )
        for setting in settings(journey, found.form.scenario["parameters"])
        for field in [_field(journey, setting.name, found.form.scenario["parameters"], offered)]
    ]
    return frame.page(
        "rehearsal.html",
        visit,
        422 if found.form.problems and status == 200 else status,
        journeys=sorted(frame.services.catalogue),
        journey=journey,
        examples={name: label for name, (label, _) in EXAMPLES.items()},
        fields=fields,
        problems=found.form.problems,
        failed=found.failed,
        rows=range(rows_of(fields)),
        most_rows=MOST_ROWS,
        units=[(unit, unit) for unit in UNITS],
        happenings=list(HAPPENINGS.items()),
        results=list(RESULTS.items()),
        channels=[(f"{PROVIDER}{each}", each) for each in (*frame.services.providers, "webhook")],
        pools=[f"{POOL}{name}" for name in voucher_parameters(journey)],
        parameters=parameters,
        zones=sorted(available_timezones()),
        told=told,
        profile_wrong=bool(found.form.problems.keys() & FURTHER),
        parameters_wrong=any(name.startswith((PARAMETER, POOL)) for name in found.form.problems),
        zone=ZoneInfo(found.result.timezone if found.result else "UTC"),
        name=_name(fields),
        sealed=sealed_with(frame, fields),
        sender=frame.services.brand.name,
        may_send=frame.services.deliver is not None and visit.may("support"),
        done=done,
        to=to,
        problem=problem,
    )


async def letters_of(frame: ConsoleFrame, fields: Mapping[str, str]) -> list[Letter]:
    """The messages of a form, rehearsed once more: the same form gives the same bytes."""
    found = await _rehearse(frame, fields)
    if found.result is None:
        return []
    return list((await _told(frame, known(frame, fields["journey"]), found, fields)).letters)


def fields_of(form: FormData) -> dict[str, str]:
    """What the form says, without what belongs to the sending of it."""
    return {name: value for name, value in form.items() if isinstance(value, str) and name not in NOT_KEPT and value}


def opened(frame: ConsoleFrame, sealed: str) -> dict[str, str]:
    """The fields in an address.

    Raises:
        RefusedError: 404, nobody can read it any more.
    """
    fields = _seal(frame).open(sealed)
    if fields is None or fields.get("journey") not in frame.services.catalogue:
        raise RefusedError("This link to a rehearsal is too old. Begin again.", 404)
    return fields


def sealed_with(frame: ConsoleFrame, fields: Mapping[str, str]) -> str:
    """The fields for an address.

    Raises:
        RefusedError: 413, there is too much of them.
    """
    try:
        return _seal(frame).close(fields)
    except TooMuchError:
        raise RefusedError(
            "This is too much for one rehearsal in the browser. `sojourn simulate` takes more.", 413
        ) from None


def _seal(frame: ConsoleFrame) -> Seal:
    return Seal(frame.services.settings.secret, "console rehearsal")


async def _beginning(frame: ConsoleFrame, name: str, customer: str) -> dict[str, str]:
    """The form for a journey and a customer, real or invented."""
    services, now = frame.services, frame.now
    names = list(services.catalogue)

    def transaction(session: Session) -> tuple[str, Mapping[str, object], Customer | None, dict[str, bool]]:
        stored = journey_settings.settings(session, names, now)
        chosen = name or next((each for each in names if stored[each].state == "active"), names[0])
        if chosen not in stored:
            raise RefusedError("There is no journey of that name.", 404)
        person = customers.find(session, customer) if customer and customer not in EXAMPLES else None
        agreed = customers.consents(session, person) if person else {}
        return chosen, stored[chosen].parameters, person, agreed

    chosen, overrides, person, agreed = await services.database.read(transaction)
    if customer and customer not in EXAMPLES and person is None:
        raise RefusedError("There is no such customer.", 404)
    journey = services.catalogue[chosen]
    values = journey.resolve(overrides)
    start = first_start(journey, values, frame.journey_now)
    example = customer or FIRST_EXAMPLE
    fields = fields_of_example(example) if person is None else fields_of_customer(person, agreed)
    local = start.astimezone(ZoneInfo(fields["timezone"]))
    fields |= {
        "journey": chosen,
        "customer": example if person is None else person.id,
        "date": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "rows": "1",
    }
    properties = example_properties(journey.trigger.event_type, start, values)
    if properties:
        fields["trigger"] = json.dumps(properties, indent=1, ensure_ascii=False)
    offered = parameter_fields.Offered(services.templates, {})
    for parameter in journey.parameters():
        field = _field(journey, parameter, values, offered)
        fields |= {_input(f"{PARAMETER}{parameter}", part): text for part, text in field.values.items() if text}
    fields |= {f"{POOL}{parameter}": str(CODES) for parameter in voucher_parameters(journey)}
    return {field: text for field, text in fields.items() if text}


async def _rehearse(frame: ConsoleFrame, fields: Mapping[str, str]) -> Rehearsed:
    rehearse = frame.services.rehearse
    form = understand(frame.services.catalogue[fields["journey"]], fields, frame.services.templates)
    if rehearse is None:
        return Rehearsed(form, failed="This installation cannot rehearse in the browser.")
    if form.problems:
        return Rehearsed(form)
    try:
        return Rehearsed(form, await rehearse(fields["journey"], form.scenario))
    except WrongScenarioError as error:
        form.refuse(error)
        return Rehearsed(form)
    except RehearsalFailedError as error:
        return Rehearsed(form, failed=str(error))


async def _told(frame: ConsoleFrame, journey: type["Journey"], found: Rehearsed, fields: Mapping[str, str]) -> Told:
    assert found.result is not None  # noqa: S101 - its callers checked
    draw, scenario = frame.services.draw, found.form.scenario
    values = journey.resolve(scenario["parameters"])
    picture = await asyncio.to_thread(draw, journey.name, values, frozenset()) if draw else None
    places = Places(picture) if picture else None

    def step_name(step: str) -> str:
        cards = places.of(step) if places else []
        return cards[0].name if cards else ""

    return rehearsal_view.tell(found.result, scenario, _name(fields), step_name)


async def _scenario(frame: ConsoleFrame, fields: Mapping[str, str]) -> Response:
    """The form as a file for `sojourn simulate`, which takes what a rehearsal takes."""
    form = (await _rehearse(frame, fields)).form
    if form.problems:
        return frame.redirect(f"{PAGE}?s={sealed_with(frame, fields)}")
    disposition = f'attachment; filename="{fields["journey"]}.json"'
    text = json.dumps(form.scenario, indent=1, ensure_ascii=False)
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(text, media_type="application/json", headers=headers)


def _without_row(fields: Mapping[str, str], gone: int, rows: int) -> dict[str, str]:
    kept = {name: text for name, text in fields.items() if not name.startswith("then.")}
    parts = ("after", "unit", "what", "details")
    for place, row in enumerate(row for row in range(rows) if row != gone):
        kept |= {f"then.{place}.{part}": text for part in parts if (text := fields.get(f"then.{row}.{part}"))}
    return kept | {"rows": str(max(rows - 1, 1))}


def _field(
    journey: type["Journey"], name: str, values: Mapping[str, object], offered: parameter_fields.Offered
) -> parameter_fields.Field:
    parameter = journey.parameters()[name]
    return parameter_fields.shown(parameter, parameter.value(values), offered)


def _parts(field: parameter_fields.Field, fields: Mapping[str, str]) -> dict[str, str]:
    """What stands in the inputs: as it was sent, right or wrong."""
    days = field.choices if field.kind == "window" else ()
    return {part: fields.get(_input(f"{PARAMETER}{field.name}", part), "") for part in (*field.values, *days)}


def _input(name: str, part: str) -> str:
    return f"{name}.{part}" if part else name


def _name(fields: Mapping[str, str]) -> str:
    return fields.get("first_name", "").strip() or "The customer"
