"""The words that a recall sends to a patient, by service, recall and stage."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from string import Formatter

from ..errors import LesError, did_you_mean
from ..model import ServiceSpec, Wording
from ..model.terms import in_force

STAGES = ("first", "second", "third")
"""The first invitation, the second, and each one after that."""
FIELDS = ("title", "is_due", "service", "due_on", "practice", "telephone", "given_name")
"""What a message may say of the patient and the practice, in braces."""
LONGEST = 918
"""Characters of the longest message: six parts of a text message."""


@cache
def _defaults() -> dict[str, str]:
    return dict(tomllib.loads(files(__package__).joinpath("messages.toml").read_text(encoding="utf-8")))


def stage_of(invitations: int) -> str:
    """The stage of the next invitation after so many since the recall was last settled."""
    return STAGES[min(invitations, len(STAGES) - 1)]


def message_of(spec: ServiceSpec, recall: str, stage: str, day: date) -> str:
    """The text in force on a day, with its fields in braces; "" when a recall has no words for patients.

    The practice's own text for the recall comes first, then its text for the service, then the service.toml's, then the
    shipped one. A recall without a `[[message]]` is work for the practice, such as a referral that nobody wrote: a text
    for the whole service must not tell its patients that it is due, so only a text of its own counts.
    """
    wording = wording_of(spec, recall)
    for name in (f"{recall}.{stage}", stage) if wording else (f"{recall}.{stage}",):
        found = in_force((one for key, one in spec.messages if key == name), day)
        if found:
            return found.value
    return dict(wording.texts).get(stage) or _defaults()[stage] if wording else ""


def wording_of(spec: ServiceSpec, recall: str) -> Wording | None:
    """What a recall is called in a message to a patient; None when it is work for the practice."""
    return next((one for one in spec.wordings if one.recall == recall), None)


def fault_of_message(text: str) -> str:
    """What is wrong with a text, or "" when it can be sent."""
    if not text.strip() or len(text) > LONGEST or not text.isprintable():
        return f"a message is one line of 1 to {LONGEST} characters"
    try:
        fields = [name for _, name, form, change in Formatter().parse(text) if name is not None or form or change]
    except ValueError:
        return "a brace is not closed; write {{ and }} for braces that are to be seen"
    for name in fields:
        if name not in FIELDS:
            hint = did_you_mean(str(name), FIELDS) or f"there are {', '.join(FIELDS)}"
            return f"there is no such field in braces: {hint}"
    return ""


def message_keys(spec: ServiceSpec) -> tuple[str, ...]:
    """Every key of a message that a service has, as `les services set` takes it."""
    recalls = (*(one.name for one in spec.recalls), *(one.name for one in spec.clocks))
    kinds = ("", *(f"{name}." for name in (*recalls, *(one.name for one in spec.thresholds))))
    return tuple(f"message.{kind}{stage}" for kind in kinds for stage in STAGES)


def checked_message(key: str, text: str) -> str:
    """The text, or LesError that says what is wrong with it."""
    if fault := fault_of_message(text):
        raise LesError(f"{key}: {fault}", 'write it as "Your {title} is due. Please call {telephone} to book."')
    return text.strip()
