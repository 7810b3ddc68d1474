"""Writes docs/settings.md from the settings themselves: `python -m worker.settings_page > docs/settings.md`."""

import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from activities.templates.brand import Brand
from worker.settings import PREFIX, SOURCE_PREFIX, Settings

HEAD = """\
# Settings

All programs read their settings from the environment. With none at all but a secret key they use SQLite and a mailbox
in the folder `data`; `sojourn dev` and `sojourn demo` need none. A wrong setting stops the start with one line that
names it.

<!-- Written by `python -m worker.settings_page`; a test compares. -->

| Setting | Default | Meaning |
|---|---|---|
"""

BRAND = f"""
## The shop

What makes a message a message of the shop. Each is `{PREFIX}BRAND__` and its name.

| Setting | Default | Meaning |
|---|---|---|
"""

SOURCES = f"""
## Databases to import from

`{SOURCE_PREFIX}NAME` is the URL of a database of yours, with its password; `sojourn import --sql NAME` reads it.
The names are yours, too. See [Importing customers](imports.md).
"""

TEMPORAL = """
## Temporal

The connection takes Temporal's own settings, profiles included:

| Setting | Default | Meaning |
|---|---|---|
| `TEMPORAL_ADDRESS` | `127.0.0.1:7233` | host and port |
| `TEMPORAL_NAMESPACE` | `default` | namespace of the journeys |
| `TEMPORAL_API_KEY` | | for Temporal Cloud |
| `TEMPORAL_TLS`, `TEMPORAL_TLS_CLIENT_CERT_PATH`, `TEMPORAL_TLS_CLIENT_KEY_PATH` | | TLS and client certificate |
| `TEMPORAL_PROFILE`, `TEMPORAL_CONFIG_FILE` | `default` | a profile in Temporal's own configuration file |
"""


def page() -> str:
    """The whole page, Markdown."""
    settings = "".join(_row(PREFIX + name.upper(), *_told(field)) for name, field in _simple())
    brand = "".join(_row(f"{PREFIX}BRAND__{name.upper()}", default, what) for name, default, what in _brand())
    return HEAD + settings + SOURCES + BRAND + brand + TEMPORAL


def _simple() -> Iterator[tuple[str, FieldInfo]]:
    for name, field in Settings.model_fields.items():
        if name != "brand":
            yield name, field


def _told(field: FieldInfo) -> tuple[str, str]:
    description = field.description or ""
    kind = field.annotation
    if get_origin(kind) is Literal:
        description += ": " + ", ".join(f"`{value}`" for value in get_args(kind))
    return _default(field.default), description


def _brand() -> Iterator[tuple[str, str, str]]:
    meanings = _attribute_meanings(Brand)
    for each in fields(Brand):
        if each.init:
            yield each.name, _default(_of_dataclass(each)), meanings.get(each.name, "")


def _of_dataclass(each: "Field[Any]") -> Any:
    return "" if each.default is MISSING else each.default


def _attribute_meanings(cls: type) -> dict[str, str]:
    """What the class's docstring says of each attribute."""
    _, _, listed = (cls.__doc__ or "").partition("Attributes:\n")
    lines = [line.strip() for line in listed.split("\n\n")[0].splitlines()]
    pairs = (line.partition(": ") for line in lines)
    return {name: meaning.rstrip(".").replace("``", "`") for name, colon, meaning in pairs if colon}


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in {PydanticUndefined, None, ""}:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float | Decimal) else f"`{value}`"


def _row(name: str, default: str, meaning: str) -> str:
    return f"| `{name}` | {default} | {meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
