"""The queries for each practice: a draft message and a workbook, which name no patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import LesError
from ...outputs import Answer, Column, Grid, Kind, Mail, masked
from ...outputs.answer import Sheet
from ...outputs.eml import eml
from ...outputs.to_file import check_folder, write_folder
from ...outputs.xlsx import xlsx
from .answer import CheckedClaim
from .sent import ERROR
from .words import month_name

_COLUMNS = (
    Column("service", "Service"),
    Column("month", "Month", Kind.CODE),
    Column("claim", "Claim", Kind.CODE),
    Column("total_pence", "Total", Kind.PENCE),
    Column("severity", "Kind"),
    Column("text", "What we found"),
    Column("answer", "Your answer, and what you have put right"),
)
_KINDS = {True: "to put right", False: "question"}


def check_queries_folder(folder: Path) -> None:
    """Refuse, before any work is done, a folder that cannot be written or that holds something."""
    try:
        check_folder(folder, ours=lambda _: False, replace=False)
    except LesError as fault:
        raise LesError(fault.what.replace("--out folder", "--queries folder"), fault.fix) from None


def query_files(checked: Sequence[CheckedClaim]) -> dict[str, bytes]:
    """One workbook and one message for each practice with findings, by the name of the file."""
    practices: defaultdict[str, list[CheckedClaim]] = defaultdict(list)
    for one in checked:
        if one.findings and one.claim.ods_code:
            practices[one.claim.ods_code].append(one)
    files: dict[str, bytes] = {}
    for ods_code, claims in sorted(practices.items()):
        answer = practice_queries(ods_code, claims)
        files[f"queries-{ods_code}.xlsx"] = xlsx(answer)
        files[f"queries-{ods_code}.eml"] = eml(answer)
    return files


def write_queries(folder: Path, files: dict[str, bytes]) -> None:
    """Write the folder, all or nothing."""
    check_queries_folder(folder)
    write_folder(folder, files)


def practice_queries(ods_code: str, claims: Sequence[CheckedClaim]) -> Answer:
    """What to send to one practice. It has no address: the commissioner's mail program knows it."""
    name = next((one.claim.name for one in claims if one.claim.name), "")
    name = masked(name)
    whose = f"{name} ({ods_code})" if name else ods_code
    title = f"Questions about your claims: {whose}"
    rows = tuple(row for one in claims for row in _rows(one))
    sheet = Sheet(
        name="Questions",
        grid=Grid(title="", columns=_COLUMNS, rows=rows),
        above=(("Practice", name, Kind.TEXT), ("ODS code", ods_code, Kind.CODE)),
    )
    return Answer(
        data={},
        title=title,
        grids=(sheet.grid,),
        sheets=(sheet,),
        mail=Mail(to="", subject=title, body="\n".join(_body(whose, claims)), attached_as=f"queries-{ods_code}.xlsx"),
    )


def _rows(one: CheckedClaim) -> Iterator[tuple[object, ...]]:
    claim = one.claim
    for found in one.findings:
        kind = _KINDS[found.severity == ERROR]
        named = claim.claim_id if not claim.fault else claim.file
        yield (
            masked(claim.service),
            month_name(masked(claim.month)),
            masked(named),
            claim.total_pence,
            kind,
            found.text,
            "",
        )


def _body(whose: str, claims: Sequence[CheckedClaim]) -> Iterator[str]:
    yield from ("Dear colleague,", "", f"We have checked the claims of {whose}.", "")
    for is_error, heading in ((True, "Please put this right:"), (False, "Please tell us about this:")):
        found = [(one, each) for one in claims for each in one.findings if (each.severity == ERROR) == is_error]
        if not found:
            continue
        yield heading
        for one, each in found:
            named = (
                f"{masked(one.claim.service)}, {month_name(one.claim.month)}" if not one.claim.fault else one.claim.file
            )
            yield f"- {named}: {each.text}"
        yield ""
    yield "The workbook has the same list with space for your answers. Please do not send us names or NHS numbers."
    yield from ("", "Kind regards,", "")
