"""Voucher designs and their pools: how many codes are left and how long they last; loading codes, changing designs."""

from collections import defaultdict
from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData

from activities.storage import audit, vouchers
from activities.storage.tables import VoucherDesign
from activities.storage.voucher_codes import read_codes
from activities.storage.voucher_pools import Pool, pools
from api.commits import commit
from api.console.frame import HOME, AdminDep, ConsoleDep, ConsoleFrame, RefusedError, ViewerDep, Visit
from api.console.stock_words import stock_words
from api.console.uploads import file_in, uploaded
from api.pages.frame import text_of
from api.values.numbers import whole
from workflows.journey.limits import DESIGN

router = APIRouter(prefix=f"{HOME}/vouchers")

LARGEST = 4 * 1024**2  # bytes; some 200,000 codes
MOST_DAYS, MOST_COST = 3650, 10**9
TEXTS = {"value": 60, "minimum": 120, "short": 40, "terms": 300}  # characters
DONE = {
    "created": "Created. Load codes before a journey promises them.",
    "changed": "Changed, from the next message on.",
}


@router.get("")
async def show(frame: ConsoleDep, visit: ViewerDep) -> Response:
    """All designs with what is left of each."""
    found = await _pools(frame)
    now = frame.journey_now
    stock = {each.design.name: stock_words(each, now, visit.zone) for each in found}
    low = [each for each in found if each.runs_out]
    return frame.page("vouchers.html", visit, pools=found, stock=stock, low=low)


@router.get("/new")
async def show_new(frame: ConsoleDep, visit: AdminDep) -> Response:
    """The form for a new design."""
    return _form(frame, visit, "", {"valid_days": "60"}, {})


@router.post("/new")
async def create(request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Store a new design."""
    form = await frame.form(request, visit)
    name = text_of(form, "name").strip()
    typed, wrong = _typed(form), _wrong(form)
    if not DESIGN.fullmatch(name):
        wrong["name"] = "Use small letters, digits and hyphens, such as summer-thanks."

    def transaction(session: Session) -> bool:
        if session.get(VoucherDesign, name) is not None:
            return False
        session.add(_design(name, form))
        audit.record(session, visit.actor, "voucher.create", ("voucher design", name), frame.now, details=typed)
        return True

    if not wrong and not await commit(frame.services.database, transaction):
        wrong["name"] = "There is a design of this name already."
    if wrong:
        return _form(frame, visit, "", typed | {"name": name}, wrong)
    return frame.redirect(f"{HOME}/vouchers/{name}?done=created")


@router.get("/{name}")
async def show_design(
    name: str, frame: ConsoleDep, visit: ViewerDep, done: str = "", new: int | None = None, known: int = 0
) -> Response:
    """One design: its pool, the form to load codes, and what it says."""
    told = DONE.get(done, "")
    if done == "loaded" and new is not None:
        told = f"{new:,} new codes." + (f" {known:,} were known already." if known else "")
    return await _page(frame, visit, name, told=told)


@router.post("/{name}")
async def change(name: str, request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Change what a design says, for messages from now on."""
    form = await frame.form(request, visit)
    typed, wrong = _typed(form), _wrong(form)
    if wrong:
        return await _page(frame, visit, name, typed=typed, wrong=wrong)

    def transaction(session: Session) -> None:
        if session.get(VoucherDesign, name) is None:
            raise RefusedError("There is no such design.", 404)
        session.merge(_design(name, form))
        audit.record(session, visit.actor, "voucher.change", ("voucher design", name), frame.now, details=typed)

    await commit(frame.services.database, transaction)
    return frame.redirect(f"{HOME}/vouchers/{name}?done=changed")


@router.post("/{name}/codes")
async def load(name: str, request: Request, frame: ConsoleDep, visit: AdminDep) -> Response:
    """Add codes to the pool, from a file or typed in; those that are known are passed over."""
    async with uploaded(request, frame, visit, LARGEST) as form:
        file = file_in(form, "file")
        content = await file.read() if file is not None else text_of(form, "codes").encode()
    try:
        codes = read_codes(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return await _page(frame, visit, name, wrong={"codes": "This file is not text in UTF-8."})
    except ValueError as error:
        return await _page(frame, visit, name, wrong={"codes": f"Nothing was loaded: {error}."})

    def transaction(session: Session) -> int:
        design = session.get(VoucherDesign, name)
        if design is None:
            raise RefusedError("There is no such design.", 404)
        new = vouchers.load(session, design, codes)
        audit.record(session, visit.actor, "voucher.load", ("voucher design", name), frame.now, details={"codes": new})
        return new

    try:
        new = await commit(frame.services.database, transaction)
    except ValueError as error:
        return await _page(frame, visit, name, wrong={"codes": f"Nothing was loaded: {error}."})
    return frame.redirect(f"{HOME}/vouchers/{name}?done=loaded&new={new}&known={len(codes) - new}")


async def _pools(frame: ConsoleFrame, only: str | None = None) -> list[Pool]:
    journeys, now = list(frame.services.catalogue), frame.journey_now
    return await frame.services.database.read(lambda session: pools(session, journeys, now, only))


async def _page(
    frame: ConsoleFrame,
    visit: Visit,
    name: str,
    *,
    told: str = "",
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    found = await _pools(frame, name)
    if not found:
        raise RefusedError("There is no such design.", 404)
    stored = found[0].design
    values = {key: "" if (value := getattr(stored, key)) is None else str(value) for key in (*TEXTS, *_NUMBERS)}
    return frame.page(
        "voucher.html",
        visit,
        422 if wrong else 200,
        pool=found[0],
        stock=stock_words(found[0], frame.journey_now, visit.zone),
        done=told,
        typed=defaultdict(str, typed or values),
        wrong=defaultdict(str, wrong or {}),
    )


def _form(frame: ConsoleFrame, visit: Visit, told: str, typed: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    return frame.page(
        "voucher-new.html",
        visit,
        422 if wrong else 200,
        done=told,
        typed=defaultdict(str, typed),
        wrong=defaultdict(str, wrong),
    )


_NUMBERS = {"valid_days": (1, MOST_DAYS), "unit_cost": (0, MOST_COST)}


def _typed(form: FormData) -> dict[str, str]:
    return {name: text_of(form, name).strip() for name in (*TEXTS, *_NUMBERS)}


def _wrong(form: FormData) -> dict[str, str]:
    typed = _typed(form)
    wrong = {name: f"Please use at most {most} characters." for name, most in TEXTS.items() if len(typed[name]) > most}
    if not typed["value"]:
        wrong["value"] = "Say what it is worth, such as £10 off."
    for name, (least, most) in _NUMBERS.items():
        if typed[name] == "" and name == "unit_cost":
            continue
        number = whole(typed[name])
        if number is None or not least <= number <= most:
            wrong[name] = f"A whole number from {least:,} to {most:,}."
    return wrong


def _design(name: str, form: FormData) -> VoucherDesign:
    """The design that a checked form describes."""
    typed = _typed(form)
    return VoucherDesign(
        name=name,
        value=typed["value"],
        minimum=typed["minimum"] or None,
        short=typed["short"] or typed["value"],
        terms=typed["terms"] or None,
        valid_days=int(typed["valid_days"]),
        unit_cost=int(typed["unit_cost"]) if typed["unit_cost"] else None,
    )
