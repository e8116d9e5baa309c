"""`les claim` and `les claims`: preview, submit, list, show and pay."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, parse_day, parse_month, parse_pence, verb
from .run import complain

if TYPE_CHECKING:
    from datetime import date

    from ..operations.many_stores import ClaimQuestion, Reply
    from ..outputs import Answer
    from ..store import Store
    from .options import Common


@verb
def claim(
    common: Common,
    month: Annotated[str, typer.Option("--month", help="The month to claim, such as 2026-05.", metavar="MONTH")],
    services: Annotated[list[str] | None, typer.Argument(help="Services; default: all.", metavar="[S...]")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Every activity with its reason; names patients.")] = False,
    form: Annotated[
        Path | None, typer.Option("--form", help="The commissioner's empty form to fill, .xlsx.", metavar="FORM")
    ] = None,
    submit: Annotated[bool, typer.Option("--submit", help="Freeze the claim in the ledger, once.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who submits it.", metavar="NAME")] = "",
    authorised_by: Annotated[str, typer.Option("--authorised-by", help="Who authorised it.", metavar="NAME")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Submit a month that is not over, or £0.00.")] = False,
    digests: Annotated[
        Path | None, typer.Option("--digests", help="Add digests made with this key file.", metavar="KEYFILE")
    ] = None,
    days: Annotated[
        bool, typer.Option("--days", help="Add the days of the work, which a commissioner checks.")
    ] = False,
) -> int:
    """Preview the claim, or submit it."""
    from ..operations.claim.digests import read_key
    from ..operations.many_stores import ClaimQuestion, ask_claim

    if submit and not by.strip():
        raise UsageError("--submit needs --by NAME", "say who submits the claim")
    if (by or authorised_by) and not submit:
        raise UsageError("--by and --authorised-by go with --submit", "add --submit, or leave them out")
    if yes and not submit:
        raise UsageError("--yes goes with --submit", "add --submit, or leave --yes out")
    if digests is not None:
        _check_digests(common, rows=rows)
    if days and not _is_json(common):
        raise UsageError("--days goes with --json or a --out file that ends in .json", "add --out claim.json")
    question = ClaimQuestion(
        services=tuple(services or ()),
        month=parse_month(month, common.as_of),
        as_of=common.as_of,
        rows=rows,
        by=by.strip() if submit else None,
        authorised_by=authorised_by.strip() or None,
        is_sure=yes,
        digests=read_key(digests) if digests is not None else None,
        days=days,
    )
    if form is not None:
        question = replace(question, form=_empty_form(common, form, question))
    if common.out is not None and common.out.suffix.lower() == ".eml":
        return reply_with_drafts(common, common.out, question)
    if common.out is not None and common.out.suffix.lower() == ".xlsx" and rows:
        return _with_rows_beside(common, common.out, question)
    return common.reply(ask_claim(common.path, question))


_LARGEST_FORM = 20_000_000


def _empty_form(common: Common, form: Path, question: ClaimQuestion) -> bytes:
    """The bytes of the form, after a preview was written on it: a claim whose form cannot be filled is not frozen."""
    from ..operations.claim.form import not_carried_over
    from ..operations.many_stores import ask_claim

    suffix = common.out.suffix.lower() if common.out else ""
    if len(question.services) != 1 or suffix not in (".xlsx", ".eml"):
        raise UsageError(
            "--form fills the form of one service and needs --out FILE.xlsx or FILE.eml",
            "name the service and the file",
        )
    if question.rows:
        raise UsageError("--form and --rows write different workbooks", "use one of them at a time")
    try:
        content = form.read_bytes() if form.stat().st_size <= _LARGEST_FORM else b""
    except OSError as fault:
        raise LesError(f"the form cannot be read: {fault.strerror}", "name the commissioner's empty form") from None
    if not content:
        raise LesError("the form is empty, or larger than 20 MB", "name the commissioner's empty form (.xlsx)")
    if common.out is not None and common.out.exists() and common.out.samefile(form):
        raise UsageError("--out is the empty form itself", "name another file, so that the form can be used again")
    ask_claim(common.path, replace(question, by=None, authorised_by=None, form=content))
    if lost := not_carried_over(content):
        common.tell(lost)
    return content


def _is_json(common: Common) -> bool:
    return common.format == "json" if common.out is None else common.out.suffix.lower() == ".json"


def _check_digests(common: Common, *, rows: bool) -> None:
    if not (_is_json(common) or rows):
        raise UsageError(
            "--digests goes with --json, --rows or a --out file that ends in .json", "add --out claim.json"
        )


def _with_rows_beside(common: Common, out: Path, question: ClaimQuestion) -> int:
    """The workbook that may leave the practice, and beside it one with the rows, which may not."""
    from ..operations.many_stores import ask_claim
    from ..outputs import check_out

    beside = out.with_name(f"{out.stem}-rows{out.suffix}")
    check_out(beside)
    code = common.reply(ask_claim(common.path, replace(question, rows=False)))
    if code in (Exit.DONE, Exit.NEEDS_PERSON):
        # Submitted already by the question before.
        again = replace(question, by=None, authorised_by=None)
        reply = ask_claim(common.path, again)
        if reply.answer is not None:
            # The notes have been told with the first file.
            reply = replace(reply, answer=replace(reply.answer, notes=()))
        code = max(code, replace(common, out=beside, verbose=False).reply(reply))
        common.tell(f"the rows are in {beside.name}; {out.name} names no patient")
    return code


def reply_with_drafts(common: Common, out: Path, question: ClaimQuestion) -> int:
    """Write a message for each service that has an address. A service without one is not submitted, which is reported
    first.
    """
    from ..operations.many_stores import ask_claim

    # Before anything is frozen: some claims have no message, and some addresses are not valid.
    preview = ask_claim(common.path, replace(question, by=None, authorised_by=None))
    if preview.answer is None:
        return common.reply(preview)
    able, unable = _with_and_without_message(preview.answer)
    for line in (*preview.failed, *unable):
        complain(line)
    if not able:
        return _none_written(bool(unable))
    several = len(preview.answer.mails) > 1
    codes = [_written(common, out, replace(question, services=(name,)), several=several) for name in able]
    if preview.failed or unable:
        codes.append(Exit.NEEDS_PERSON)
    if len(set(codes)) == 1:
        return codes[0]
    return Exit.NEEDS_PERSON if set(codes) != {Exit.DONE} else Exit.DONE


def _none_written(is_told: bool) -> int:
    if is_told:
        # Each service has been reported already, with its cure.
        return Exit.REFUSED
    raise LesError("the answer has no message to send", "name a service whose claim is sent by email")


def _with_and_without_message(answer: Answer) -> tuple[list[str], list[str]]:
    """The services whose message can be sent, and a line for each of the others."""
    from ..outputs import check_draft

    able, unable = [], []
    for name, mail in answer.mails:
        cure = f"set it with `les services set {name} email=ADDRESS --from DATE --source TEXT`"
        if mail is None:
            unable.append(f"{name}: no message and not submitted, because it has no address for its claims; {cure}")
            continue
        try:
            check_draft(replace(answer, mail=mail))
            able.append(name)
        except LesError as fault:
            unable.append(f"{name}: no message and not submitted: {fault.what}; {cure}")
    return able, unable


def _written(common: Common, out: Path, question: ClaimQuestion, *, several: bool) -> int:
    from ..operations.many_stores import ask_claim

    reply: Reply = ask_claim(common.path, question)
    # A message has one address, so each of several services gets a file of its own.
    own = out.with_name(f"{out.stem}-{question.services[0]}{out.suffix}") if several else out
    code = replace(common, out=own).reply(reply)
    if reply.answer is not None:
        common.tell(f"{question.services[0]}: nothing was sent; the draft is in {own.name}, with the workbook in it")
    return code


@verb
def claims(
    common: Common,
    owed: Annotated[
        bool, typer.Option("--owed", help="Only claims not settled on that day: owed, or paid too much.")
    ] = False,
    to_reverse: Annotated[
        bool, typer.Option("--to-reverse", help="List rows without support or in doubt first; exit 3 if any.")
    ] = False,
) -> int:
    """List the submitted claims with their payments, and the rows that have lost their support."""
    from ..operations.claims.list import claims_answer

    with common.open() as store:
        found = claims_answer(store, common.as_of, owed_only=owed, reversals_first=to_reverse)
    code = Exit.NEEDS_PERSON if found.failed or (to_reverse and (found.to_reverse or found.in_doubt)) else Exit.DONE
    common.show(found.answer, code)
    for line in found.failed:
        complain(line)
    return code


@verb
def claims_show(
    common: Common, claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="ID")]
) -> int:
    """Show a claim as it was frozen, and what has happened to it since."""
    from ..operations.claims.view import claim_shown_answer

    with common.open() as store:
        common.show(claim_shown_answer(store, claim_id, common.as_of))
    return Exit.DONE


@verb
def claims_pay(
    common: Common,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `les claims` names it.", metavar="[ID]")] = "",
    amount: Annotated[
        str, typer.Option("--amount", help="Pounds and pence; negative if taken back.", metavar="240.00")
    ] = "",
    on: Annotated[str, typer.Option("--on", help="The day it was paid.", metavar="DATE")] = "",
    ref: Annotated[str, typer.Option("--ref", help="The bank's reference.", metavar="TEXT")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Record it even if it may be one recorded before.")] = False,
    load: Annotated[
        Path | None,
        typer.Option("--load", help="A remittance: csv or xlsx, claim, amount, date.", metavar="FILE"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --load: say what it would record.")] = False,
) -> int:
    """Record what the commissioner paid for a claim. A negative amount is money taken back.

    --load reads the payments of a file with the columns claim (or service and month), item, quantity, amount, date and
    reference, all or none of them, and says what was not paid as claimed by all payments so far.
    """
    from ..operations.claims.list import the_claim
    from ..operations.claims.remittance_lines import reference_of
    from ..outputs import pounds

    if load is not None:
        if claim_id or amount or on or ref or yes:
            raise UsageError("--load takes the payments from its file", "leave out the claim and the other options")
        return _load_payments(common, load, dry_run=dry_run)
    if dry_run:
        raise UsageError("--dry-run goes with --load", "add --load FILE, or leave it out")
    if not (claim_id and amount and on):
        raise UsageError("give a claim, --amount and --on, or --load FILE", "see `les claims pay --help`")
    pence, day = _pence(amount), parse_day("--on", on)
    try:
        reference = reference_of(ref)
    except ValueError as fault:
        raise UsageError(f"--ref: {fault}", "give the bank's reference") from None
    with common.open() as store:
        the_claim(store, claim_id)
        new = _paid(store, claim_id, pence, day, reference, again=yes)
        claim = the_claim(store, claim_id)
    if not new:
        why = "that payment is already recorded under that reference" if reference else "that payment is not recorded"
        common.done(f"{claim_id}: {why}, unchanged")
        return Exit.DONE
    owed = claim.owed_pence
    state = f"{pounds(owed)} owed" if owed >= 0 else f"{pounds(-owed)} paid too much"
    what = pounds(pence) if pence > 0 else f"{pounds(-pence)} taken back"
    common.done(f"recorded {what} for {claim_id}: {state}")
    if day < claim.submitted_on:
        common.tell(
            f"it is dated before the claim was submitted; if that is a slip, take it back: --amount {-pence / 100:.2f}"
        )
    if day > common.as_of:
        common.tell("it is dated after the day asked on; `les claims --owed` counts it from its own day")
    return Exit.NEEDS_PERSON if owed < 0 else Exit.DONE


def _load_payments(common: Common, path: Path, *, dry_run: bool) -> int:
    from ..operations.claims.remittance import load_remittance

    if not path.is_file():
        raise LesError("the --load file does not exist", "check its name")
    with common.open() as store:
        done = load_remittance(store, path, common.as_of, dry_run=dry_run)
    code = Exit.NEEDS_PERSON if done.needs_person else Exit.DONE
    common.show(done.answer, code)
    return code


def _pence(amount: str) -> int:
    typed = amount.strip()
    # Word processors turn a hyphen into a minus sign.
    unsigned = typed.removeprefix("-").removeprefix("\N{MINUS SIGN}")
    pence = parse_pence("--amount", unsigned) * (1 if unsigned == typed else -1)
    if not pence:
        raise UsageError("--amount is zero", "give what was paid, or with a minus what was taken back")
    return pence


def _paid(store: Store, claim_id: str, pence: int, day: date, reference: str, *, again: bool) -> bool:
    """Record the payment; False if it was not recorded. On a terminal the person is asked about an equal earlier
    payment.
    """
    from ..store.ledger import write

    try:
        with store.writing():
            return write.pay(store, claim_id, amount_pence=pence, on=day, reference=reference, again=again)
    except write.EqualPaymentError as fault:
        if sys.stdin is None or not sys.stdin.isatty():
            raise
        # The store is not locked while the person decides.
        if not typer.confirm(f"{fault.what}. Is this another payment?", default=False, err=True):
            return False
        with store.writing():
            return write.pay(store, claim_id, amount_pence=pence, on=day, reference=reference, again=True)
