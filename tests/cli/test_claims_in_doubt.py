"""Claimed rows in doubt are to be looked at before a reversal, and have the same mark wherever they are shown."""

from __future__ import annotations

HEADER = "nhs_number,family_name,given_name,date_of_birth,date,code,consultation_type,source_id"
ID = "denosumab-2026-05"


def entries(number, *sources):
    days = {"e1": "2026-05-04", "e0": "2025-11-04"}
    return [f"{number},Archer,Ann,1948-03-02,{days[one]},700139004,Face to face consultation,{one}" for one in sources]


def test_work_of_two_numbers_that_may_be_one_persons_is_not_to_be_reversed(les_here, tmp_path, activity_file):
    store = tmp_path / "practice.les"
    les_here("init", "--practice", "A82038", "--name", "Test", store=store)
    les_here("services", "sign", "denosumab", "--from", "2026-04-01", store=store)
    les_here("import", activity_file(*entries("9990000042", "e1", "e0"), header=HEADER), store=store)
    asked = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert les_here(*asked, store=store).code in (0, 3)
    les_here("import", activity_file(*entries("9990000026", "e1", "e0"), header=HEADER, name="b.csv"), store=store)

    day = ("--as-of", "2026-07-02")
    claims = les_here("claims", "--json", *day, store=store).json
    assert claims["to_reverse"] == []
    (row,) = claims["in_doubt"]
    assert (row["row"], row["amount_pence"], "`les patients`" in row["reason"]) == (1, 2000, True)
    told = les_here("claims", *day, store=store)
    assert "see `les patients`" in told.out + told.err
    assert not [word for word in ("claims reverse", "no longer supported") if word in told.out + told.err]
    assert les_here("claims", "--to-reverse", *day, store=store).code == 3

    shown = les_here("claims", "show", ID, "--json", *day, store=store).json
    assert shown["in_doubt"] == claims["in_doubt"]
    shown = les_here("claims", "show", ID, *day, store=store)
    assert "look at it first: `les patients` says" in shown.out
    assert "claims reverse" not in shown.out + shown.err

    les_here("patients", "merge", "9990000042", "9990000026", "--reason", "one person", "--yes", store=store)
    after = les_here("claims", "--json", *day, store=store).json
    assert (after["in_doubt"], after["to_reverse"]) == ([], [])


def test_once_told_apart_the_row_is_to_be_reversed(les_here, tmp_path, activity_file):
    store = tmp_path / "practice.les"
    les_here("init", "--practice", "A82038", "--name", "Test", store=store)
    les_here("services", "sign", "denosumab", "--from", "2026-04-01", store=store)
    les_here("import", activity_file(*entries("9990000042", "e1", "e0"), header=HEADER), store=store)
    asked = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    assert les_here(*asked, store=store).code in (0, 3)
    les_here("import", activity_file(*entries("9990000026", "e1", "e0"), header=HEADER, name="b.csv"), store=store)
    les_here("patients", "apart", "9990000042", "9990000026", "--reason", "two people", store=store)
    after = les_here("claims", "--json", "--as-of", "2026-07-02", store=store).json
    assert (after["in_doubt"], len(after["to_reverse"])) == ([], 1)
