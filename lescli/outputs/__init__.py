"""Formats the value a verb answers as text and files. Nothing else in the program formats.

Verbs call `show`. Verbs that change the store call `check_out` before they change anything.
"""

from ..amounts import counted, pounds
from .answer import Answer, Block, Chart, Column, Event, Grid, Kind, Mail, Screen, Section, Series
from .formats import check_draft, check_out, show, tell_left_beside
from .table import masked, nhs_numbers_in

__all__ = [
    "Answer",
    "Block",
    "Chart",
    "Column",
    "Event",
    "Grid",
    "Kind",
    "Mail",
    "Screen",
    "Section",
    "Series",
    "check_draft",
    "check_out",
    "counted",
    "masked",
    "nhs_numbers_in",
    "pounds",
    "show",
    "tell_left_beside",
]
