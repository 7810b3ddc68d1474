"""The contracts that bodies of calls keep: JSON Schemas (draft 2020-12), one a file."""

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

FOLDER = Path(__file__).parent / "contracts"


class UnknownContractError(LookupError):
    """There is no contract of that name."""


class BodyContract:
    """One contract.

    Args:
        name: of its file, without ``.json``.
        folder: where contracts are.

    Raises:
        UnknownContractError: there is none of that name.
    """

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        self.path = folder / f"{name}.json"
        if not self.path.is_file():
            known = ", ".join(sorted(path.stem for path in folder.glob("*.json")))
            raise UnknownContractError(f"no contract {name!r}, only {known or 'none'}")

    def problem(self, document: Any) -> str:
        """Where a document breaks the contract, e.g. ``data.balance``; empty where it keeps it.

        It names places and never values: what it says ends in logs.
        """
        error = next(self._validator.iter_errors(document), None)
        if error is None:
            return ""
        return f"{'.'.join(str(step) for step in error.absolute_path) or 'the whole'} breaks its {error.validator!r}"

    @cached_property
    def _validator(self) -> "Validator":
        from jsonschema import Draft202012Validator

        schema = json.loads(self.path.read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema)
