"""One question to many stores, each in its own process: it takes paths and frozen questions, and returns answers."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from lescli.calendar import Month
from lescli.model import Practice
from lescli.operations.imports import import_files
from lescli.operations.many_stores import ClaimQuestion, RecallQuestion, ask_claim, ask_recall
from lescli.store import create_store

HEADER = "nhs_number,family_name,date_of_birth,date,code,consultation_type\n"


def practice(folder: Path, number: int) -> Path:
    path = folder / f"{number}.les"
    export = folder / f"{number}.csv"
    days = "".join(f"9990000018,A,1950-02-01,2026-05-{day:02d},700139004,Home visit\n" for day in range(1, number + 1))
    export.write_text(HEADER + days, encoding="utf-8")
    with create_store(path, Practice(ods_code="A82038", name=str(number))) as store:
        import_files(store, [export], None, dry_run=False, progress=lambda advance: None, as_of=date(2026, 6, 5))
    return path


def test_a_claim_and_a_recall_over_three_practices(tmp_path: Path) -> None:
    paths = [practice(tmp_path, number) for number in (1, 2, 3)]
    claim = ClaimQuestion(services=("denosumab",), month=Month(2026, 5), as_of=date(2026, 6, 5))
    recall = RecallQuestion(services=("denosumab",), as_of=date(2026, 12, 24), within=timedelta(days=28))
    # The processes are spawned, not forked, so they receive only what is pickled.
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        claims = list(pool.map(ask_claim, paths, repeat(claim)))
        recalls = list(pool.map(ask_recall, paths, repeat(recall)))
    assert [reply.answer.data["total_pence"] for reply in claims if reply.answer] == [2000, 4000, 6000]
    assert [len(reply.answer.data["recalls"]) for reply in recalls if reply.answer] == [1, 1, 1]
