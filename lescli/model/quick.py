"""Makes the values of which an answer has one for each patient or entry in half the time."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="type[DataclassInstance]")


def quickly_made(kind: T) -> T:
    """Gives a frozen dataclass with slots an `__init__` that takes half the time; all else stays as it was.

    A frozen dataclass sets each field by its name, through `object.__setattr__`. This one sets the slots themselves.
    Use it only where a question makes thousands of values.
    """
    known: dict[str, Any] = {"__name__": kind.__module__}
    parameters, body = [], []
    for field in fields(kind):
        if not (field.init and field.kw_only) or field.default_factory is not MISSING:
            raise TypeError(f"{kind.__name__}.{field.name} must be a keyword with a plain default")
        known[f"set_{field.name}"] = getattr(kind, field.name).__set__
        known[f"default_{field.name}"] = field.default
        parameters.append(field.name if field.default is MISSING else f"{field.name}=default_{field.name}")
        body.append(f" set_{field.name}(self, {field.name})")
    lines = [f"def __init__(self, *, {', '.join(parameters)}):", *body]
    # The text has only names of fields, as in the `__init__` that dataclasses writes in the same way.
    exec("\n".join(lines), known)  # noqa: S102
    made = known["__init__"]
    made.__qualname__, made.__annotations__ = f"{kind.__qualname__}.__init__", kind.__init__.__annotations__
    kind.__init__ = made  # type: ignore[method-assign]
    return kind
