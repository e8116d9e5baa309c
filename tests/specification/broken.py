"""A small service.toml that is right, to break in one place at a time."""

from __future__ import annotations

import pytest

from lescli.errors import SpecificationError
from lescli.specification import parse_specification

RIGHT = """
[service]
name = "wounds"
title = "Wounds"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2026-04-01"
end = "2027-03-31"
clause = "1"

[codelists.dressing]
title = "Wound dressed"
status = "specified"
clause = "2"
snomed = ["9999999105"]

[codelists.review]
title = "Wound reviewed"
status = "unset"
clause = "2"

[register]
rule = "coded"
clause = "2"
find_by = ["dressing"]

[[register.detail]]
name = "level"
title = "Level"
type = "choice"
required = false
choices = ["3", "4", "5"]
clause = "2"

[[register.detail]]
name = "indication"
title = "Indication"
type = "text"
required = false
clause = "2"

[[register.detail]]
name = "began_on"
title = "Began on"
type = "date"
required = false
clause = "2"

[[recall]]
name = "review"
title = "Review"
kind = "every"
codelist = "review"
interval = 6
unit = "months"
only_if = { level = "3|4" }
clause = "3"

[claim]
window_months = 3
clause = "4"

[[item]]
name = "dressing"
title = "Dressing"
kind = "per-activity"
codelists = ["dressing"]
unit = "dressing"
clause = "5"

[[item.price]]
amount = "10.00"
from = "2026-04-01"
clause = "5"

[[item.check]]
rule = "age"
from = "16"
reason = "age"
clause = "6"

[[item.check]]
rule = "details-recorded"
details = "level, indication"
clause = "6"

[[item]]
name = "monthly"
title = "A patient on the register for a month"
kind = "per-patient-month"
unit = "patient-month"
clause = "5"

[item.options]
detail = "level"
value = "3"
active_setting = "active_month"

[settings.active_month]
title = "When a patient is active in a month"
value = "any-day"
decided = "ours"
clause = "our decision"

[settings.seen_so]
title = "Ways of being seen that count"
value = ["face to face"]
decided = "ours"
clause = "our decision"

[submission]
by = "email"
day = 10
clause = "7"

[[incident]]
kind = "fall"
title = "Fall"
clause = "8"

[[measure]]
id = "dressings"
title = "Dressings"
kind = "items"
of = "dressing"
unit = "dressings"
clause = "8"
"""


def broken(old: str, new: str, *, text: str = RIGHT) -> str:
    """The file with one thing changed."""
    assert old in text, f"there is no {old!r}"
    return text.replace(old, new, 1)


def faults_of_text(text: str | bytes) -> list[str]:
    """Every line that `les services check` prints for a file, without its name."""
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(SpecificationError) as shown:
        parse_specification(content, where="service.toml")
    return list(shown.value.problems)
