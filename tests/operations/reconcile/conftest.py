"""Their file against the claim of a practice in memory; every answer is checked to add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import lescli_denosumab
from lescli.calendar import parse_claim_period
from lescli.operations.reconcile.run import reconcile
from lescli.outputs import Answer
from lescli.services import Service, service_of
from lescli.testing import Surgery

DENOSUMAB = service_of(lescli_denosumab, origin="package")
OTHER_CODE = "46825001"
TWO_CODES = f"key | value | from\ncodes.injection+ | {OTHER_CODE} | 2026-04-01"


class Told:
    """One answer: its JSON, and what each difference says."""

    def __init__(self, answer: Answer) -> None:
        assert isinstance(answer.data, dict)
        self.data: dict[str, Any] = answer.data
        self.notes = answer.notes
        self.title = answer.title
        adds_up(self.data)

    @property
    def reasons(self) -> dict[tuple[str, int], int]:
        """(reason, sign) -> how many activities; the sign is 1 for theirs, -1 for ours, 0 for both."""
        found: Counter[tuple[str, int]] = Counter()
        for one in self.data["differences"]:
            found[one["reason"], (one["difference"] > 0) - (one["difference"] < 0)] += one["rows"]
        return dict(found)

    @property
    def money(self) -> dict[str, int | None]:
        """Reason -> theirs less ours in pence."""
        return {one["reason"]: one["difference_pence"] for one in self.data["differences"]}

    def fix(self, reason: str) -> str:
        """What to do about the only difference of a reason."""
        (found,) = {one["fix"] for one in self.data["differences"] if one["reason"] == reason}
        return str(found)


def adds_up(data: dict[str, Any]) -> None:
    """The reasons of each item come to its difference, and each row of either side stands in one of them."""
    for item in {one["item"] for one in data["differences"]}:
        those = [one for one in data["differences"] if one["item"] == item]
        (sides,) = {(one["theirs"], one["ours"]) for one in those}
        assert sum(one["difference"] for one in those) == sides[0] - sides[1]
        assert len({one["difference_pence"] is None for one in those}) == 1
        assert all(one["rows"] == abs(one["difference"]) for one in those if one["difference"])
        assert all(one["fix"] for one in those)
    less = data["theirs"]["quantity"] - data["ours"]["quantity"]
    assert sum(one["difference"] for one in data["differences"]) == less
    if data["theirs"]["amount_pence"] is not None:
        money = data["theirs"]["amount_pence"] - data["ours"]["amount_pence"]
        assert sum(one["difference_pence"] for one in data["differences"]) == money
    if data.get("rows"):
        assert len(data["rows"]) == sum(one["rows"] for one in data["differences"])
        claimed = [one["row"] for one in data["rows"] if one["row"]]
        assert len(claimed) == len(set(claimed))


Ask = Callable[..., Told]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Compare a text, in which {Ann} is Ann's NHS number, with the claim of a month."""

    def compared(
        surgery: Surgery, text: str, month: str = "2026-05", as_of: str = "2026-06-20", file: str = "theirs.csv"
    ) -> Told:
        path = tmp_path / file
        if text:
            path.write_text(text.format_map(surgery.numbers), encoding="utf-8")
        service = surgery.service
        period = parse_claim_period(month, service.spec.year_starts)
        return Told(reconcile(surgery.store, service, period, path, date.fromisoformat(as_of), rows=True))

    return compared


def practice(activity: str, service: Service = DENOSUMAB, submit: str = "2026-05", **tables: str) -> Surgery:
    """A practice with the claim of one month submitted, unless `submit` is empty."""
    surgery = Surgery(service, activity=activity, **tables)
    if submit:
        surgery.submit(submit, "2026-06-05")
    return surgery
