"""From the value a verb answers to text and files; the only place that formats.

`show` is the whole interface of the verbs; `check_out` is for those that change the store before they show.
"""

from ..amounts import counted, pounds
from .answer import Answer, Column, Event, Grid, Kind, Mail
from .nhs_number_guard import masked, nhs_numbers_in
from .show import check_draft, check_out, show, tell_left_beside

__all__ = [
    "Answer",
    "Column",
    "Event",
    "Grid",
    "Kind",
    "Mail",
    "check_draft",
    "check_out",
    "counted",
    "masked",
    "nhs_numbers_in",
    "pounds",
    "show",
    "tell_left_beside",
]
