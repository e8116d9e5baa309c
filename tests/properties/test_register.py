"""Whatever is entered into a register in whatever order: every question is answered, and no two entries overlap."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lescli.errors import LesError, PluginError
from lescli.model import Register
from lescli.operations.patients.register import add_patient
from lescli.operations.patients.register_write import Amendment, amend_entry, end_patient, remove, write_rows
from lescli.operations.patients.same_person import apart_patients, merge_patients
from lescli.rules.register_rows import HandRow
from lescli.services import load_catalog
from lescli.testing.surgery import Surgery

SERVICE = load_catalog().service("anticoag")
FIRST = date(2020, 4, 1)
NAMES = ("Ann", "Ben")
HORIZON = date(2021, 12, 31)
days = st.integers(0, 200).map(lambda count: FIRST + timedelta(days=count))
maybe = st.one_of(st.none(), days)
levels = st.sampled_from([{}, {"level": "3"}, {"level": "4"}])
patients = st.sampled_from(NAMES)
numbers = st.integers(1, 6)
hand_rows = st.builds(
    lambda name, entered, ended, start, level: (name, entered, ended, start, level),
    patients,
    maybe,
    maybe,
    maybe,
    levels,
)
steps = st.one_of(
    st.tuples(st.just("add"), patients, maybe, levels, days),
    st.tuples(st.just("end"), patients, days, days),
    st.tuples(st.just("load"), st.lists(hand_rows, min_size=1, max_size=3), days),
    st.tuples(st.just("amend"), numbers, maybe, maybe, st.booleans(), levels, days),
    st.tuples(st.just("remove"), numbers, days),
    st.tuples(st.just("code"), patients, days, st.sampled_from("xy")),
    st.tuples(st.just("merge")),
    st.tuples(st.just("apart")),
)


class Practice:
    """A surgery of two patients, to which steps are done as the commands do them."""

    def __init__(self) -> None:
        self.surgery = Surgery(SERVICE, patients="patient | registered\nAnn | 2010-01-01\nBen | 2010-01-01")
        self.number = self.surgery.numbers
        self.moved = False

    def row(self, name: str, entered: date | None, ended: date | None, start: date | None, level: dict[str, str]):
        return HandRow(
            nhs_number=self.number[name], entered_on=entered, ended_on=ended, end_reason="", details=level, start=start
        )

    def do(self, step: tuple) -> bool:
        """Whether the step was accepted."""
        try:
            self.step(*step)
        except PluginError:
            raise
        except LesError:
            return False
        return True

    def step(self, kind: str, *given: object) -> None:
        store, service = self.surgery.store, self.surgery.service
        ann, ben = self.number["Ann"], self.number["Ben"]
        match kind, given:
            case "add", (name, start, level, on):
                add_patient(store, service, self.row(name, None, None, start, level), on)
            case "end", (name, last, on):
                end_patient(store, service, self.number[name], last, "stopped", on)
            case "load", (rows, on):
                write_rows(store, service, [self.row(*row) for row in rows], on)
            case "amend", (number, starts, last, reopen, level, on):
                reopened = bool(reopen) and last is None
                change = Amendment(starts=starts, on=last, reopen=reopened, reason="x", details=level)
                amend_entry(store, service, number, change, on)
            case "remove", (number, on):
                remove(store, service, number, "x", on)
            case "code", (name, day, source_id):
                self.moved = True
                self.surgery.add(
                    activity=f"patient | date | code | id\n{name} | {day} | monitoring | {name}{source_id}"
                )
            case "merge", ():
                self.moved = True
                merge_patients(store, ann, ben, on=FIRST, reason="x", is_sure=True)
            case "apart", ():
                apart_patients(store, ann, ben, on=FIRST, reason="x")

    def register(self, as_of: date = HORIZON) -> Register:
        return self.surgery.register(as_of)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=10))
def test_every_step_leaves_a_register_that_is_answered(done):
    practice = Practice()
    for step in done:
        practice.do(step)
        register = practice.register()
        for before, after in pairwise(register.entries):
            assert before.nhs_number != after.nhs_number or not before.covers(after.entered_on)
        # Only a code that moved and a merge can leave a contradiction; what is typed is refused.
        assert practice.moved or not any(entry.doubt for entry in register.entries)
        practice.surgery.recall(HORIZON)
        practice.surgery.claim("2020-09", HORIZON)


@settings(max_examples=60, deadline=None)
@given(st.lists(hand_rows, min_size=1, max_size=4), days)
def test_a_file_that_was_loaded_changes_nothing_the_second_time(rows, on):
    practice = Practice()
    if practice.do(("load", rows, on)):
        before = practice.register()
        store, service = practice.surgery.store, practice.surgery.service
        again = write_rows(store, service, [practice.row(*row) for row in rows], on)
        assert practice.register() == before
        assert again.changed == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=10))
def test_every_contradiction_has_commands_that_mend_it(done):
    practice = Practice()
    for step in done:
        practice.do(step)
    for _ in range(10):
        doubtful = [entry for entry in practice.register().entries if entry.doubt]
        if not doubtful:
            return
        written = [one.removeprefix("register:") for one in doubtful[0].evidence if one.startswith("register:")]
        assert written, "a contradiction that nothing typed can mend"
        assert practice.do(("remove", max(map(int, written)), FIRST))
    raise AssertionError("still in doubt")
