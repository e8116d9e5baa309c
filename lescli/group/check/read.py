"""Reads the claim files that practices sent: files, folders of them and zips. A file that is no claim is said so."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...calendar import APRIL, EARLIEST_YEAR, JANUARY, LATEST_YEAR, Month
from ...errors import LesError
from ...outputs import masked
from .sent import LARGEST_NUMBER, SentClaim

_LARGEST = 20_000_000
_SCHEMA = "les-claim/1"
_NO_JSON = "The file could not be read as JSON. Please send the claim again, as `les claim --out claim.json` wrote it."
_NO_CLAIM = "The file is not a claim of les. Please send the file that `les claim --out claim.json` wrote."


def read_claims(paths: Iterable[Path]) -> tuple[SentClaim, ...]:
    """Every claim of the files, in their order. LesError when a path is not there or holds no JSON file."""
    found: list[tuple[str, bytes, bool]] = []
    for path in paths:
        found += _contents(path)
    if not found:
        raise LesError("no claim file was found", "name the .json files, or folders or zips that hold them")
    # Many practices call their file claim.json.
    seen: Counter[str] = Counter()
    claims: list[SentClaim] = []
    check = _checker()
    for name, content, is_named in found:
        seen[name] += 1
        label = masked(name if seen[name] == 1 else f"{name} ({seen[name]})")
        claims += _claims(label, content, check, is_named=is_named)
    return tuple(claims)


def _contents(path: Path) -> Iterator[tuple[str, bytes, bool]]:
    """(name, content, whether the file itself was named) of each file."""
    try:
        if path.is_dir():
            for one in sorted(path.rglob("*.json")):
                yield one.relative_to(path).as_posix(), _read(one), False
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as held:
                for entry in sorted(held.infolist(), key=lambda one: one.filename):
                    if entry.filename.lower().endswith(".json") and not entry.is_dir():
                        size = min(entry.file_size, _LARGEST + 1)
                        with held.open(entry) as file:
                            yield f"{path.name}/{entry.filename}", file.read(size), False
        else:
            yield path.name, _read(path), True
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        raise LesError(
            f"{masked(path.name)}: the file cannot be read", "check its name and its permissions, and unpack a zip"
        ) from None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LARGEST + 1)


def _claims(label: str, content: bytes, check: Any, *, is_named: bool) -> Iterator[SentClaim]:
    try:
        if len(content) > _LARGEST:
            raise ValueError
        # No number of a claim has a point: as text, the schema refuses it.
        data = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        yield SentClaim(file=label, data={}, fault=_NO_JSON)
        return
    schema = data.get("schema") if isinstance(data, dict) else None
    if not is_named and isinstance(schema, str) and schema.startswith("les-") and not schema.startswith("les-claim/"):
        return  # A folder of `les month` holds other answers of les too.
    for one in data if isinstance(data, list) and data else [data]:
        if not isinstance(one, dict) or one.get("schema") != _SCHEMA:
            yield SentClaim(file=label, data=one if isinstance(one, dict) else {}, fault=_NO_CLAIM)
            continue
        if fault := _fault(one, check):
            yield SentClaim(file=label, data=one, fault=fault)
            continue
        # A period of a contract year from January has a name of its own. Those of other years are read once the
        # service is known.
        claim = SentClaim(file=label, data=one).in_years_from(JANUARY).in_years_from(APRIL)
        yield replace(claim, fault=_beyond(claim))


def _beyond(claim: SentClaim) -> str:
    """What the schema lets pass and no claim can have."""
    try:
        days = [claim.period.first, *(Month.parse(line["activity_month"]).first for line in claim.lines)]
        worked = claim.days or ()
    except ValueError:
        return "A month of the file is no month, quarter or year of a contract. Please send the claim again."
    if not all(EARLIEST_YEAR < day.year < LATEST_YEAR for day in days):
        return "A month of the file cannot be right. Please send the claim again."
    if not all(EARLIEST_YEAR < one.day.year < LATEST_YEAR for one in worked):
        return "A day of the file cannot be right. Please send the claim again."
    numbers = [claim.data["total_pence"], claim.data["considered"], *claim.data["verdicts"].values()]
    for line in claim.lines:
        numbers += [line["quantity"], line["unit_price_pence"] or 0, line["amount_pence"] or 0]
    numbers += [*(one.quantity for one in worked), claim.register_size if claim.days is not None else 0]
    if max(map(abs, numbers)) > LARGEST_NUMBER:
        return "A number of the file is too large to be right. Please send the claim again."
    return ""


def _checker() -> Any:
    # Imported here: only this question needs it, and it takes as long as starting les.
    from jsonschema import Draft202012Validator

    from lescli_schemas import load

    return Draft202012Validator(load("claim"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _fault(data: dict[str, Any], check: Any) -> str:
    from jsonschema.exceptions import best_match

    found = best_match(check.iter_errors(data))
    if found is None:
        return ""
    # Not the message: it holds the value, which may name a patient.
    place = ".".join(str(part) for part in found.absolute_path if part != 0 or len(found.absolute_path) > 1)
    where = f"at `{masked(place)}`" if place else "at its first level"
    if found.validator == "required":
        missing = [name for name in found.validator_value if name not in found.instance]
        why = f"`{missing[0]}` is missing" if missing else "a field is missing"
    elif found.validator == "additionalProperties":
        why = "there is a field that a claim does not have"
    else:
        why = "the value is not one that a claim can have"
    return f"The file is not a whole claim: {why}, {where}. Please send it again, as `les claim --out` wrote it."
