"""Keyed digests find the same patient and day in two claims, and no number leaves the practice."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lescli.calendar import Month
from lescli.errors import LesError
from lescli.group.check.answer import check_claims
from lescli.group.check.sent import SentClaim
from lescli.operations.claim.digests import DigestKey, new_key, read_key
from lescli.operations.many_stores import ClaimQuestion, ask_claim
from lescli.store import open_store
from lescli_schemas import load

from .conftest import AS_OF, make_practice
from .sent_claims import SPECS, line, made, settle

KEY = DigestKey(sha256(b"a test").digest())
ANN = "9990000018"


def claim_of(path: Path, *, by: str | None = None, key: DigestKey | None = KEY) -> dict[str, Any]:
    question = ClaimQuestion(services=("denosumab",), month=Month(2026, 5), as_of=AS_OF, by=by, digests=key)
    answer = ask_claim(path, question).answer
    assert answer is not None
    assert isinstance(answer.data, dict)
    return answer.data


def with_values(number: int, month: str, *values: int, key_id: str = "a" * 16) -> dict[str, Any]:
    """A sound claim with made-up digests."""
    later = date(2026, int(month[5:]) + 1, 5).isoformat()
    claim = made(number, "denosumab", month, later, [line("injection", month, len(values), 2000)], 0)
    return claim | {"digests": {"key_id": key_id, "values": [f"{value:032x}" for value in sorted(values)]}}


def found(*claims: dict[str, Any]) -> list[list[str]]:
    sent = [SentClaim(file=f"{number}.json", data=claim) for number, claim in enumerate(claims)]
    return [[f"{each.rule}: {each.text}" for each in one.findings] for one in check_claims(sent, SPECS, None)]


def test_two_practices_with_the_same_patient_and_day_are_both_asked(three: tuple[Path, ...]) -> None:
    # Each practice has the same patient; the first has one of the days of the second, which has two.
    first, second, _ = (claim_of(path, by="A. Admin") for path in three)
    Draft202012Validator(load("claim")).validate(second)
    assert len(second["digests"]["values"]) == len(set(second["digests"]["values"])) == second["verdicts"]["payable"]
    one, other = found(first, second)
    assert [text.partition(":")[0] for text in one + other] == ["same-patient", "same-patient"]
    assert "1 activity of denosumab in May 2026 is also claimed by A81002" in one[0]
    assert "also claimed by A81001" in other[0]
    (shared,) = set(first["digests"]["values"]) & set(second["digests"]["values"])
    assert f"(digest {shared[:8]})" in one[0]
    assert found(first, claim_of(three[0], by="A. Admin")) == [[], found(first, first)[1]]


def test_no_number_leaves_and_the_ledger_keeps_what_it_froze(tmp_path: Path) -> None:
    path = make_practice(tmp_path, "one", "A81001", ("2026-05-04",))
    data = claim_of(path, by="A. Admin")
    assert ANN not in json.dumps(data)
    assert data["digests"]["values"] == [KEY.of(ANN, "2026-05-04", "denosumab", "injection")]
    without = claim_of(path, key=None)
    assert "digests" not in without
    assert data == without | {"digests": data["digests"]}
    with open_store(path) as store:
        assert "digests" not in store.connection.execute("select body from claim").fetchone()[0]


def test_another_day_item_service_patient_or_key_has_another_digest() -> None:
    other = DigestKey(sha256(b"another").digest())
    asked = (
        (KEY, ANN, "2026-05-04", "denosumab", "injection"),
        (KEY, ANN, "2026-05-05", "denosumab", "injection"),
        (KEY, ANN, "2026-05-04", "denosumab", "other"),
        (KEY, ANN, "2026-05-04", "larc", "injection"),
        (KEY, "9990000026", "2026-05-04", "denosumab", "injection"),
        (other, ANN, "2026-05-04", "denosumab", "injection"),
    )
    assert len({key.of(*work) for key, *work in asked}) == len(asked)
    assert KEY.key_id != other.key_id
    assert "secret" not in repr(KEY)


def test_work_in_two_months_of_one_practice_is_found_in_the_later() -> None:
    april, may = found(with_values(1, "2026-04", 1, 2), with_values(1, "2026-05", 2, 3))
    assert april == []
    assert may == [
        "work-twice: 1 activity of this claim is also in your claim for April 2026: the same patient, day and item "
        "(digest 00000000). We pay for it once."
    ]


def test_digests_that_do_not_fit_the_claim_or_the_other_keys_are_asked_about() -> None:
    claims = [with_values(number, "2026-05", number, 100 + number) for number in range(1, 4)]
    strange = with_values(4, "2026-05", 1, 2, key_id="b" * 16)
    assert [bool(one) for one in found(*claims, strange)] == [False, False, False, True]
    assert found(*claims, strange)[3][0].startswith("other-key: ")
    settle(claims[0], [line("injection", "2026-05", 3, 2000)])
    assert found(*claims)[0][0].startswith("digest-count: The claim is for 3 activities, but has 2 digests.")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(range(200, 231)),
        b"\0" * 64,
        b"a long sentence that somebody has typed, not random at all",
        b"00" * 32,
        b"0123456789abcdef\n",
    ],
)
def test_a_weak_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(LesError, match="no key of at least 32 random bytes"):
        read_key(tmp_path / "key")


def test_a_key_is_made_once_and_read_with_any_line_end(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    made_key = (tmp_path / "key").read_bytes()
    with pytest.raises(LesError, match="already"):
        new_key(tmp_path / "key")
    (tmp_path / "windows").write_bytes(made_key.replace(b"\n", b"\r\n"))
    assert read_key(tmp_path / "key") == read_key(tmp_path / "windows")
    raw = bytes(range(200, 240))
    (tmp_path / "raw").write_bytes(raw)
    assert read_key(tmp_path / "raw").secret == raw
