"""An import from its first line to its last, whatever comes in between."""

import asyncio
import io
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from activities.clock import JourneyClock
from activities.storage import imports
from activities.storage.bulk_entry import LEASE, ImportLostError
from activities.storage.database import Database
from activities.storage.imports import Content
from activities.storage.intake import Admission
from activities.storage.tables import Customer, Enrollment, Import, OutboxItem
from api.imports import importer
from api.imports.importer import Importer
from api.imports.rhythm import Rules
from api.imports.running import run_import
from api.imports.uploads import path_of
from tests.system import until
from workflows import catalogue

JOURNEY = "data-collection-voucher"
HEADING = "id,email,first_name\n"
ROWS = 40
FILE = (HEADING + "".join(f"c{number},ada{number}@example.com,Ada\n" for number in range(ROWS))).encode()


@pytest.fixture
def rules(database: Database) -> Rules:
    """Of a system with one journey."""
    return Rules(database, Admission({JOURNEY: catalogue()[JOURNEY]}, JourneyClock()), 6000)


def content(file: bytes) -> Content:
    """What a file is known by; the digest is not looked at here."""
    return Content(str(hash(file)), len(file), "csv")


async def opened(rules: Rules, file: bytes) -> Import:
    """The import of a file."""
    return await rules.database.write(partial(imports.opened, content=content(file), now=rules.now()))


async def imported(rules: Rules, file: bytes) -> Import:
    """A file imported to its end."""
    return await run_import(rules, (await opened(rules, file)).id, io.BytesIO(file))


def counted(session: Session) -> list[int]:
    """Customers, enrollments and starts in the outbox."""
    return [session.exec(select(func.count()).select_from(t)).one() for t in (Customer, Enrollment, OutboxItem)]


async def test_a_file_is_imported_once(rules: Rules) -> None:
    """Running a file again says that it is done; its customers in another file are known and enter nothing again."""
    first = await imported(rules, FILE)
    assert (first.state, first.lines, first.accepted, first.known, first.refused) == ("done", ROWS + 1, ROWS, 0, 0)
    assert await rules.database.read(counted) == [ROWS, ROWS, ROWS]
    assert (await imported(rules, FILE)).finished_at == first.finished_at
    other = await imported(rules, FILE + b"new,new@example.com,Eve\n")
    assert (other.accepted, other.known) == (1, ROWS)
    assert await rules.database.read(counted) == [ROWS + 1, ROWS + 1, ROWS + 1]


async def test_bad_lines_are_named_and_the_rest_goes_on(rules: Rules) -> None:
    """Each refused line is kept with its number and its fields, never with its values."""
    file = (
        HEADING + "c1,a@example.com,\nc2,nobody,\n,,Eve\nc1,a@example.com,Ada\nc3,a@example.com,\nc4,d@example.com,\n"
    )
    row = await imported(rules, file.encode())
    assert (row.accepted, row.known, row.refused) == (2, 1, 3)
    lines = await rules.database.read(lambda session: imports.refused_lines(session, row.id, limit=9))
    assert [(line.line, [error["field"] for error in line.errors]) for line in lines] == [
        (3, ["email"]),
        (4, [""]),
        (6, ["email"]),
    ]
    assert "nobody" not in str(lines)
    later = await rules.database.read(lambda session: imports.refused_lines(session, row.id, after=3, limit=1))
    assert [line.line for line in later] == [4]


async def test_an_interrupted_import_goes_on_where_it_stopped(rules: Rules) -> None:
    """Wherever a run is broken off, the next one takes in the rest, and nobody twice."""
    import_id = (await opened(rules, FILE)).id
    told = asyncio.Semaphore(0)
    for _ in range(3):
        run = asyncio.create_task(run_import(rules, import_id, io.BytesIO(FILE), told=lambda _row: told.release()))
        for _ in range(2):  # that it has begun, and that its first chunk is stored
            await told.acquire()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    row = await rules.database.read(lambda session: session.get_one(Import, import_id))
    assert row.lines > 0
    row = await run_import(rules, import_id, io.BytesIO(FILE))
    assert (row.state, row.accepted + row.known, row.lines) == ("done", ROWS, ROWS + 1)
    assert await rules.database.read(counted) == [ROWS, ROWS, ROWS]


async def test_of_two_runs_the_later_one_goes_on(rules: Rules) -> None:
    """A second process takes an import over, and the first one notices before it writes anything more."""
    import_id = (await opened(rules, FILE)).id
    begun = asyncio.Event()
    first = asyncio.create_task(run_import(rules, import_id, io.BytesIO(FILE), told=lambda _row: begun.set()))
    await begun.wait()
    with pytest.raises(ImportLostError):
        await run_import(rules, import_id, io.BytesIO(FILE), only_free=True)
    second = await run_import(rules, import_id, io.BytesIO(FILE))
    with pytest.raises(ImportLostError):
        await first
    assert (second.accepted, second.known) == (ROWS, 0)
    assert await rules.database.read(counted) == [ROWS, ROWS, ROWS]


async def test_the_importer_goes_on_after_a_kill(rules: Rules, tmp_path: Path) -> None:
    """A file in the folder whose process died is read to its end by the next one once the lease is over."""
    row = await opened(rules, FILE)
    path = path_of(tmp_path, content(FILE))
    path.write_bytes(FILE)
    await rules.database.write(partial(imports.take, import_id=row.id, owner="dead", now=rules.now()))
    await Importer(rules, tmp_path).turn()
    assert path.exists()
    later = replace(rules, now=lambda: rules.now() + LEASE + timedelta(seconds=1))
    await Importer(later, tmp_path).turn()
    assert not path.exists()
    assert await rules.database.read(counted) == [ROWS, ROWS, ROWS]


async def test_an_importer_that_closes_leaves_its_work_to_the_next(rules: Rules, tmp_path: Path) -> None:
    """A deploy in the middle of an import costs no waiting: the next process goes on at once."""
    row = await opened(rules, FILE)
    path_of(tmp_path, content(FILE)).write_bytes(FILE)
    first = Importer(rules, tmp_path)
    running = asyncio.create_task(first.run())
    await until(lambda: rules.database.read_now(lambda session: session.get_one(Import, row.id).position > 0))
    await first.close()
    await running
    await Importer(rules, tmp_path).turn()
    assert await rules.database.read(lambda session: session.get_one(Import, row.id).state) == "done"
    assert await rules.database.read(counted) == [ROWS, ROWS, ROWS]


async def test_files_that_are_done_do_not_stay(rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is sent again after its end is removed, and so is what a broken upload has left."""
    monkeypatch.setattr(importer, "OLDEST_PART", timedelta(0))
    await imported(rules, FILE)
    folder = tmp_path / "imports"
    folder.mkdir()
    path_of(folder, content(FILE)).write_bytes(FILE)
    (folder / "x.part").write_bytes(b"half a f")
    sweeping = Importer(rules, folder)
    running = asyncio.create_task(sweeping.run())
    await until(lambda: not list(folder.iterdir()))
    await sweeping.close()
    await running


async def test_a_file_that_still_comes_in_is_left_alone(rules: Rules, tmp_path: Path) -> None:
    """Tidying up takes away what is done, and nothing that a client is about to send."""
    await imported(rules, FILE)
    folder = tmp_path / "imports"
    folder.mkdir()
    done, coming = path_of(folder, content(FILE)), folder / "x.part"
    done.write_bytes(FILE)
    coming.write_bytes(b"half a f")
    sweeping = Importer(rules, folder)
    running = asyncio.create_task(sweeping.run())
    await until(lambda: not done.exists())
    await sweeping.close()
    await running
    assert coming.exists()
