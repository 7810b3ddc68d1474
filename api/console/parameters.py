"""A journey's parameters: read by everyone, changed by admins, for those who enter from then on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from activities.rendering import Written
from activities.storage import audit, journey_settings
from activities.storage.tables import JourneySetting
from activities.storage.voucher_pools import free_codes
from api.commits import commit
from api.console.frame import HOME, AdminDep, ConsoleDep, ConsoleFrame, ViewerDep, Visit
from api.console.journeys import known
from api.console.numbers import percent
from api.console.parameter_fields import Field, Offered, sent, shown
from api.console.settings_words import Setting, said, settings
from workflows.journey.limits import names_design

if TYPE_CHECKING:
    from workflows.journey import Journey

router = APIRouter(prefix=f"{HOME}/journeys")

HOLDOUT = "holdout"
MEANWHILE = "Somebody changed these parameters since you opened the page. Here they are as they stand now."
MOST_HELD_OUT = 90.0  # percent


class OvertakenError(Exception):
    """Somebody else changed the parameters first."""


@dataclass(frozen=True)
class Form:
    """What was sent, understood.

    Attributes:
        values: of every parameter, in JSON form; those that were wrong are missing.
        holdout: the share, from 0 to less than 1; None if it was wrong.
        problems: what is wrong, by the name of the field.
    """

    values: Mapping[str, Any]
    holdout: float | None
    problems: Mapping[str, str]


@router.get("/{name}/parameters")
async def show(name: str, frame: ConsoleDep, visit: ViewerDep) -> Response:
    """The form; without its button for those who may not change it."""
    known(frame, name)
    return await _page(frame, visit, name)


@router.post("/{name}/parameters")
async def change(name: str, request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Take the changed ones over."""
    journey, now = known(frame, name), frame.now
    fields = {key: value for key, value in (await frame.form(request, visit)).items() if isinstance(value, str)}
    form = _understood(journey, fields, frame.services.templates)
    if form.problems:
        return await _page(frame, visit, name, form, fields, status=422)

    def transaction(session: Session) -> str:
        row = journey_settings.setting(session, name, now)
        if _fingerprint(row) != fields.get("seen"):
            raise OvertakenError
        present = journey.resolve(row.parameters)
        differing = {key: value for key, value in form.values.items() if value != present[key]}
        if differing:
            defaults = journey.resolve({})
            overrides = {key: None if value == defaults[key] else value for key, value in differing.items()}
            journey_settings.set_parameters(session, name, overrides, now)
            words = {key: _change(journey, key, present[key], value) for key, value in differing.items()}
            _write_down(session, visit, name, "journey.parameters", now, fields, words)
        if form.holdout is not None and form.holdout != row.holdout:
            words = {HOLDOUT: {"from": percent(row.holdout), "to": percent(form.holdout)}}
            journey_settings.set_holdout(session, name, form.holdout, now)
            _write_down(session, visit, name, "journey.holdout", now, fields, words)
        return _without_codes(session, differing)

    try:
        lacking = await commit(frame.services.database, transaction)
    except OvertakenError:
        return await _page(frame, visit, name, problem=MEANWHILE, status=409)
    told = f"no-codes {lacking}" if lacking else f"parameters {name}"
    return frame.redirect(f"{HOME}/journeys/{name}?done={quote(told)}")


def _without_codes(session: Session, changed: Mapping[str, Any]) -> str:
    """The first voucher design just chosen that has no free code; empty if there is none."""
    designs = [value for name, value in changed.items() if names_design(name)]
    free = free_codes(session) if designs else {}
    return next((design for design in designs if not free.get(design)), "")


def _understood(journey: type["Journey"], fields: Mapping[str, str], templates: Written) -> Form:
    values, problems = dict[str, Any](), dict[str, str]()
    for name, parameter in journey.parameters().items():
        try:
            values[name] = sent(parameter, fields, templates)
        except ValueError as error:
            problems[name] = _sentence(str(error).removeprefix(f"parameter {name}: "))
    holdout = None
    try:
        held_out = float(fields.get(HOLDOUT, "0") or 0)
    except ValueError:
        held_out = -1.0
    if 0 <= held_out <= MOST_HELD_OUT:
        holdout = round(held_out / 100, 6)
    else:
        problems[HOLDOUT] = f"A share from 0 to {MOST_HELD_OUT:.0f} percent is needed."
    if not problems:
        try:
            journey.resolve(values)
        except ValueError as error:  # what is right alone need not be right together
            problems[_named_in(str(error), journey)] = _sentence(str(error))
    return Form(values, holdout, problems)


def _named_in(error: str, journey: type["Journey"]) -> str:
    return next((name for name in journey.parameters() if name in error), next(iter(journey.parameters()), HOLDOUT))


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _change(journey: type["Journey"], name: str, old: Any, new: Any) -> dict[str, str]:
    parameter = journey.parameters()[name]
    return {"from": said(parameter.read(old)), "to": said(parameter.read(new))}


def _write_down(
    session: Session,
    visit: Visit,
    name: str,
    action: str,
    now: Any,
    fields: Mapping[str, str],
    words: Mapping[str, Any],
) -> None:
    why = fields.get("why", "").strip()
    audit.record(session, visit.actor, action, ("journey", name), now, why=why, details=words)


def _fingerprint(row: JourneySetting) -> str:
    """Tells two states of the parameters apart."""
    text = json.dumps([row.parameters, row.holdout], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Line:
    """A parameter on the page: what it is, and its inputs."""

    setting: Setting
    field: Field


async def _page(
    frame: ConsoleFrame,
    visit: Visit,
    name: str,
    form: Form | None = None,
    fields: Mapping[str, str] | None = None,
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    journey, now = known(frame, name), frame.now
    row, free = await frame.services.database.read(
        lambda session: (journey_settings.setting(session, name, now), free_codes(session))
    )
    offered = Offered(frame.services.templates, free)
    lines = []
    for setting in settings(journey, row.parameters):
        parameter = journey.parameters()[setting.name]
        field = shown(parameter, parameter.value(row.parameters), offered)
        if fields is not None:
            parts = {part: fields.get(f"{setting.name}.{part}" if part else setting.name, "") for part in field.values}
            days = {day: fields.get(f"{setting.name}.{day}", "") for day in field.choices if field.kind == "window"}
            field = replace(field, values={**parts, **days})
        lines.append(Line(setting, field))
    return frame.page(
        "journey-parameters.html",
        visit,
        status,
        name=name,
        title=journey.title(),
        lines=lines,
        holdout=fields.get(HOLDOUT, "") if fields is not None else f"{100 * row.holdout:g}",
        why=fields.get("why", "") if fields is not None else "",
        seen=_fingerprint(row),
        problem=problem,
        problems=form.problems if form else {},
    )
