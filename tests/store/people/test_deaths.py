"""Several files state one death: the result is the same in any order."""

from __future__ import annotations

import pytest

from lescli.store.people.statements import Death, together

YES = Death(last="2026-06-05")
AUGUST = Death(first="2026-08-01", last="2026-08-31")
ON_THE_4TH = Death(on="2026-08-04")


@pytest.mark.parametrize(
    ("held", "said", "older", "then"),
    [
        (Death(), YES, False, YES),
        (YES, AUGUST, False, AUGUST),
        (Death(last="2026-08-20"), AUGUST, False, Death(first="2026-08-01", last="2026-08-20")),
        (AUGUST, Death(last="2026-09-20"), False, AUGUST),
        (YES, Death(last="2026-07-05"), False, YES),
        (Death(last="2026-07-05"), YES, True, YES),
        (AUGUST, ON_THE_4TH, False, ON_THE_4TH),
        # An exact day stays after a month that contains it. A newer month that does not contain it replaces it.
        (ON_THE_4TH, AUGUST, False, ON_THE_4TH),
        (ON_THE_4TH, Death(first="2026-07-01", last="2026-07-31"), False, Death(first="2026-07-01", last="2026-07-31")),
        (AUGUST, Death(on="2026-09-01"), True, AUGUST),
        (AUGUST, Death(on="2026-08-31"), True, Death(on="2026-08-31")),
        (Death(last="2026-09-05"), ON_THE_4TH, True, ON_THE_4TH),
        (ON_THE_4TH, Death(on="2026-08-05"), False, Death(on="2026-08-05")),
        (ON_THE_4TH, Death(on="2026-08-05"), True, ON_THE_4TH),
    ],
)
def test_the_death_that_is_known_after_one_more_file(held: Death, said: Death, older: bool, then: Death) -> None:
    assert together(held, said, older=older) == then
